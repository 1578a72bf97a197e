export { type DecodedImage, decodeImage } from './decode/decode-image.js';
export { imageSizeOf } from './decode/open-image.js';
export { createThumbnail, type Thumbnail, type ThumbnailOptions } from './draw/create-thumbnail.js';
export { drawBoxes, drawBoxesPng, type LabeledBox } from './draw/draw-boxes.js';
export { type LetterboxedImage, letterboxPixels } from './letterbox/letterbox-pixels.js';
export { loadLetterboxed } from './letterbox/load-letterboxed.js';
export type { OrderOptions } from './loader/epoch-order.js';
export { type ImageBatch, type LoaderItem, type LoaderOptions, loadBatches } from './loader/load-batches.js';
