export { createImageIndex, type ImageIndex, type NamePlace } from './image-index.js';
export { imageIdOf, imageKey } from './image-key.js';
export { type ExpressionPlace, heldOutSplit, parsePredictionId, predictionId } from './prediction-id.js';
