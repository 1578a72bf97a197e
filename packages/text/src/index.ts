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
export { tokenizeExpression } from './vocabulary/tokenize-expression.js';
export { specialTokens, Vocabulary } from './vocabulary/vocabulary.js';
export { randomWordVectors } from './word-vectors/random-word-vectors.js';
