/** Attributes of the kernel `DeformConv2D`. */
export interface DeformConv2dAttributes {
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
  readonly offsetGroups: number;
}

/**
 * Size of the map that a deformable convolution makes.
 *
 * @param inputShape  `[B, H, W, C]`
 * @param filterShape  `[kh, kw, I, O]`
 */
export function deformConv2dOutputSize(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { stride, padding, dilation }: DeformConv2dAttributes,
): { readonly height: number; readonly width: number } {
  const [, height, width] = inputShape as [number, number, number];
  const [kernelHeight, kernelWidth] = filterShape as [number, number];
  const size = (input: number, kernel: number) =>
    Math.floor((input + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
  return { height: size(height, kernelHeight), width: size(width, kernelWidth) };
}

/**
 * Where each tap samples without an offset, in pixels of the input.
 *
 * @returns rows and columns, both `[P, K]` row-major: P output positions, K kernel points.
 */
export function deformConv2dBasePositions(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: DeformConv2dAttributes,
): { readonly rows: Float32Array; readonly columns: Float32Array } {
  const { height, width } = deformConv2dOutputSize(inputShape, filterShape, attributes);
  const [kernelHeight, kernelWidth] = filterShape as [number, number];
  const { stride, padding, dilation } = attributes;
  const points = kernelHeight * kernelWidth;
  const rows = new Float32Array(height * width * points);
  const columns = new Float32Array(height * width * points);
  for (let at = 0; at < rows.length; at++) {
    const [position, tap] = [Math.floor(at / points), at % points];
    rows[at] = Math.floor(position / width) * stride - padding + Math.floor(tap / kernelWidth) * dilation;
    columns[at] = (position % width) * stride - padding + (tap % kernelWidth) * dilation;
  }
  return { rows, columns };
}
