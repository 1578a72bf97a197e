import { type FuzzTarget, fuzz } from './fuzz.js';

/**
 * Fuzzes readers for long, from the command line: `[inputs per reader] [seed]`. Says what became of them, how slow the slowest was and how much memory was taken.
 *
 * @param words  of the command line, without the program's name.
 * @throws {Error} at the first input that is not refused properly.
 */
export async function runFuzzCampaign(
  targets: readonly FuzzTarget[],
  isRefusal: (error: unknown) => boolean,
  words: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const [inputs = 20_000, seed = Date.now() % 1e6] = words.map(Number);
  if (!(inputs >= 1) || !(seed >= 0)) throw new Error(`expected [inputs per reader] [seed], got ${words.join(' ')}`);
  console.log(`seed ${seed}, ${inputs} inputs per reader`);
  let mostMemory = 0;
  for (const target of targets) {
    const { refused, slowestMs } = await fuzz(target, { inputs, seed, isRefusal });
    mostMemory = Math.max(mostMemory, process.memoryUsage().rss);
    console.log(
      `${target.name.padEnd(24)} ${inputs} inputs, ${refused} refused, ${inputs - refused} read; slowest ${slowestMs.toFixed(0)} ms`,
    );
  }
  console.log(`${inputs * targets.length} inputs, most memory ${(mostMemory / 2 ** 20).toFixed(0)} MiB`);
}
