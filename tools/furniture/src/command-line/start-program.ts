/**
 * Runs a command-line program as this process, with the words it was called with.
 *
 * @param run  gives the exit code.
 */
export async function startProgram(run: (words: readonly string[]) => Promise<number>): Promise<void> {
  // A reader that closes early (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  process.exitCode = await run(process.argv.slice(2));
}
