/** Bytes that are read piece by piece: a file on disk, or an array in memory. Close it when done. */
export interface ByteSource {
  /** What error messages call it: the file's path. */
  readonly name: string;
  /** Bytes in all. */
  readonly size: number;
  /**
   * Exactly the bytes from `start` on. They may share memory with the source: copy before changing them.
   *
   * @throws {DataFormatError} when they reach beyond the end.
   */
  read(start: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}
