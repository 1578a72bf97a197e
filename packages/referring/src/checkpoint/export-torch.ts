import { encodeTorch, type FormatTensor, openStateDict, toFloat32, writePieces } from '@refclip/formats';

/**
 * Writes a checkpoint or weights of this code as a `.pth` file that the official code loads: a checkpoint as `{epoch, state_dict}`, weights of a detector
 * bare. Names, shapes and values are those of the file; floats become float32, counters int64.
 *
 * @returns how many tensors it holds.
 * @throws {FileError}, {DataFormatError} for the input.
 */
export async function exportTorch(file: string, output: string): Promise<number> {
  const weights = await openStateDict(file);
  try {
    const tensors: Record<string, FormatTensor> = {};
    for (const [name, tensor] of weights.tensors) tensors[name] = asTorchHasIt(await tensor.read());
    const { format, epoch } = weights.metadata;
    const checkpoint = format === undefined ? tensors : { epoch: Number(epoch ?? 0) || 0, state_dict: tensors };
    await writePieces(output, encodeTorch(checkpoint));
    return weights.tensors.size;
  } finally {
    await weights.close();
  }
}

function asTorchHasIt(tensor: FormatTensor): FormatTensor {
  const { shape, dtype, data } = tensor;
  if (dtype === 'I32' || dtype === 'I64') return { shape, dtype: 'I64', data: BigInt64Array.from(data, BigInt) };
  return { shape, dtype: 'F32', data: toFloat32(tensor) };
}
