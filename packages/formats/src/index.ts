export type { ByteSource } from './bytes/byte-source.js';
export { bytesInMemory, openBytes } from './bytes/open-bytes.js';
export { type DarknetConvolution, darknetNumbers } from './darknet/darknet-convolution.js';
export { type DarknetTensors, type DarknetWeights, openDarknet } from './darknet/open-darknet.js';
export { parseDarknetConfig } from './darknet/parse-darknet-config.js';
export { writePieces } from './files/write-pieces.js';
export {
  decodeRunLengths,
  encodeRunLengths,
  polygonRunLengths,
  type RunLengths,
  uniteRunLengths,
} from './masks/run-lengths.js';
export { runLengthsArea, runLengthsIou } from './masks/run-lengths-iou.js';
export { pixelsOfRunLengths, runLengthsOfPixels } from './masks/run-lengths-pixels.js';
export { encodeNpy } from './numpy/encode-npy.js';
export { encodeNpz } from './numpy/encode-npz.js';
export { openNpz } from './numpy/open-npz.js';
export { parseNpy } from './numpy/parse-npy.js';
export { type NpyHeader, npyHeaderBytes, parseNpyHeader } from './numpy/parse-npy-header.js';
export { encodePickle } from './pickle/encode-pickle.js';
export type { PickleValue } from './pickle/pickle-value.js';
export { PickleTuple } from './pickle/python-values.js';
export { readPickle } from './pickle/read-pickle.js';
export { encodeSafetensors } from './safetensors/encode-safetensors.js';
export { type OpenSafetensors, openSafetensors } from './safetensors/open-safetensors.js';
export { parseSafetensors, type SafetensorsFile } from './safetensors/parse-safetensors.js';
export { readSafetensors, writeSafetensors } from './safetensors/safetensors-files.js';
export { type OpenStateDictOptions, openStateDict, type StateDict } from './state-dict/open-state-dict.js';
export type {
  FormatData,
  FormatDType,
  FormatTensor,
} from './tensors/format-tensor.js';
export { float16IntoFloat32, float16ToFloat32, float32ToFloat16, toFloat32 } from './tensors/half-floats.js';
export type { LazyTensor } from './tensors/lazy-tensor.js';
export { type EncodeTorchOptions, encodeTorch } from './torch/encode-torch.js';
export { openTorch, type TorchValue } from './torch/open-torch.js';
export { TorchTensor } from './torch/torch-tensor.js';
