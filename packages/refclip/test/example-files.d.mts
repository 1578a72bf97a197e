/** Writes `best.safetensors` and `photo.jpg`. */
export function writeExampleFiles(folder: string): Promise<void>;
