// words

// encoder
export { type AttentionPoolingOptions, attentionPooling } from './encoder/attention-pooling.js';
export { gru } from './encoder/gru.js';
export {
  type EncodedText,
  type GruAttentionEncoderOptions,
  gruAttentionEncoder,
} from './encoder/gru-attention-encoder.js';
export { layerNorm } from './encoder/layer-norm.js';
export { type SelfAttentionOptions, selfAttentionBlock } from './encoder/self-attention-block.js';
export type { CountedVocabulary } from './vocabulary/counted-vocabulary.js';
export { readAnnotationVocabulary } from './vocabulary/read-annotation-vocabulary.js';
export { tokenizeExpression } from './vocabulary/tokenize-expression.js';
export { specialTokens, Vocabulary } from './vocabulary/vocabulary.js';
export { buildWordVectors, type WordVectors } from './word-vectors/build-word-vectors.js';
export { randomWordVectors } from './word-vectors/random-word-vectors.js';
export { readWordVectors, writeWordVectors } from './word-vectors/word-vector-files.js';
export {
  guessWordVectorFormat,
  type WordVectorFormat,
  type WordVectorSource,
  wordVectorFormats,
} from './word-vectors/word-vector-source.js';
export { WordVectorTable } from './word-vectors/word-vector-table.js';
