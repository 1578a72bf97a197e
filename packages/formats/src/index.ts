// tensors

// safetensors
export { encodeSafetensors } from './safetensors/encode-safetensors.js';
export { parseSafetensors, type SafetensorsFile } from './safetensors/parse-safetensors.js';
export { readSafetensors, writeSafetensors } from './safetensors/safetensors-files.js';
export {
  elementBytes,
  elementCount,
  type FormatData,
  type FormatDType,
  type FormatTensor,
} from './tensors/format-tensor.js';
export { float16ToFloat32, float32ToFloat16, toFloat32 } from './tensors/half-floats.js';
