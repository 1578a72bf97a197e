// A long campaign: `pnpm --filter @refclip/text fuzz [inputs per reader] [seed]`. Ends with an error at the first input that is not refused properly.
import { RefclipError } from '@refclip/structures';
import { fuzz } from '@refclip/testing';
import { fuzzTargets } from './fuzz-readers.js';

const [inputs = 20_000, seed = Date.now() % 1e6] = process.argv.slice(2).map(Number);
console.log(`seed ${seed}, ${inputs} inputs per reader`);
let mostMemory = 0;
for (const target of fuzzTargets) {
  const { refused, slowestMs } = await fuzz(target, { inputs, seed, isRefusal: RefclipError.isInstance });
  mostMemory = Math.max(mostMemory, process.memoryUsage().rss);
  console.log(
    `${target.name.padEnd(24)} ${inputs} inputs, ${refused} refused, ${inputs - refused} read; slowest ${slowestMs.toFixed(0)} ms`,
  );
}
console.log(`${inputs * fuzzTargets.length} inputs, most memory ${(mostMemory / 2 ** 20).toFixed(0)} MiB`);
