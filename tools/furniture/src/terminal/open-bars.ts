/** Progress bars on the screen. While one is there the cursor is hidden and a timer keeps the process alive. */
export const openBars = new Set<{ stop(): void }>();

/** Ends the bars of work that failed or was stopped. */
export function stopProgress(): void {
  for (const bar of openBars) bar.stop();
  openBars.clear();
}
