/** The ten thresholds 0.5, 0.55, …, 0.95 that the 0.5:0.95 average is taken over. */
export const cocoThresholds: readonly number[] = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95];
