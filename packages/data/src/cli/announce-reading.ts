import { formatBytes, type Terminal } from '@refclip/furniture';

/** Reading less than this takes under two seconds. */
const quietBytes = 16 << 20;

/** Says on the error stream that a large file is being read: that happens in one go, with nothing to count. */
export function announceReading({ err }: Terminal): (file: string, bytes: number) => void {
  return (file, bytes) => {
    if (bytes > quietBytes) err.write(`reading ${file} (${formatBytes(bytes)})\n`);
  };
}
