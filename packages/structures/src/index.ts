export {
  boxArea,
  boxIou,
  type CxcywhBox,
  clipBox,
  cxcywhToXyxy,
  type XywhBox,
  type XyxyBox,
  xywhToXyxy,
  xyxyToCxcywh,
  xyxyToXywh,
} from './boxes.js';
export {
  BackendError,
  ConfigError,
  type ConfigProblem,
  DataFormatError,
  FileError,
  type MismatchedWeight,
  NumericError,
  RefclipError,
  type RefclipErrorCode,
  ShapeError,
  type UnsupportedOp,
  UnsupportedOpError,
  UsageError,
  WeightsError,
} from './errors.js';
export { computeLetterbox, imageToLetterbox, type Letterbox, letterboxToImage } from './letterbox.js';
export { quoteArgument } from './quote-argument.js';
export { SeededRandom } from './seeded-random.js';
