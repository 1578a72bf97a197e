/** `count` items without repetition, in their own order, the same for the same seed (linear congruential generator, Knuth's constants). */
export function sampleItems<T>(items: readonly T[], count: number, seed: number): T[] {
  let state = BigInt.asUintN(64, BigInt(Math.trunc(seed)));
  const random = () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 32n) / 2 ** 32;
  };
  const chosen: T[] = [];
  for (const [index, item] of items.entries()) {
    if (random() * (items.length - index) < count - chosen.length) chosen.push(item);
  }
  return chosen;
}
