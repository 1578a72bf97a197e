// files
export { writePieces } from './files/write-pieces.js';
// COCO masks
export {
  decodeRunLengths,
  encodeRunLengths,
  polygonRunLengths,
  type RunLengths,
  uniteRunLengths,
} from './masks/run-lengths.js';
// NumPy
export { type NpyHeader, npyHeaderBytes, parseNpyHeader } from './numpy/parse-npy-header.js';
// Python pickles
export { encodePickle, PickleTuple } from './pickle/encode-pickle.js';
export { type PickleValue, readPickle } from './pickle/read-pickle.js';
// safetensors
export { encodeSafetensors } from './safetensors/encode-safetensors.js';
export { parseSafetensors, type SafetensorsFile } from './safetensors/parse-safetensors.js';
export { readSafetensors, writeSafetensors } from './safetensors/safetensors-files.js';
// tensors
export {
  elementBytes,
  elementCount,
  type FormatData,
  type FormatDType,
  type FormatTensor,
} from './tensors/format-tensor.js';
export { float16ToFloat32, float32ToFloat16, toFloat32 } from './tensors/half-floats.js';
// PyTorch files
export { encodeTorchObject, readTorchObject } from './torch/torch-object.js';
