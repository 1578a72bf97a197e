/** Images per run of the part that sees: as many as take about the memory of two full-size ones. */
export function detectorBatch({ inputSize, width }: { readonly inputSize: number; readonly width: number }): number {
  return Math.max(1, Math.min(16, Math.round(2 / ((inputSize / 416) ** 2 * width))));
}
