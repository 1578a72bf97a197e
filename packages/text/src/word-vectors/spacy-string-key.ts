const mask = (1n << 64n) - 1n;
const multiplier = 0xc6a4a7935bd1e995n;

/**
 * MurmurHash64A of bytes (Appleby), the 64-bit form of MurmurHash2, unsigned.
 *
 * @param seed  spaCy uses 1.
 */
export function murmurHash64a(bytes: Uint8Array, seed: bigint): bigint {
  const mix = (k: bigint) => {
    const product = (k * multiplier) & mask;
    return ((product ^ (product >> 47n)) * multiplier) & mask;
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length - (bytes.length % 8);
  let hash = (seed ^ (BigInt(bytes.length) * multiplier)) & mask;
  for (let at = 0; at < whole; at += 8) hash = ((hash ^ mix(view.getBigUint64(at, true))) * multiplier) & mask;
  if (whole < bytes.length) {
    let rest = 0n;
    for (let at = bytes.length - 1; at >= whole; at--) rest = (rest << 8n) | BigInt(view.getUint8(at));
    hash = ((hash ^ rest) * multiplier) & mask;
  }
  hash = ((hash ^ (hash >> 47n)) * multiplier) & mask;
  return hash ^ (hash >> 47n);
}

/** spaCy's lower-case symbols: names of dependency relations, some of them words. Their keys are numbers, from 398 on in this order (spaCy 2.1 to 3.8). */
const symbols =
  'acomp advcl advmod agent amod appos attr aux auxpass cc ccomp complm conj cop csubj csubjpass dep det dobj expl hmod hyph infmod intj iobj mark meta neg nmod nn npadvmod nsubj nsubjpass num number oprd obj obl parataxis partmod pcomp pobj poss possessive preconj prep prt punct quantmod relcl rcmod root xcomp acl';
const firstSymbol = 398n;
const symbolKeys = new Map(symbols.split(' ').map((name, index) => [name, firstSymbol + BigInt(index)]));

/**
 * Keys under which spaCy may hold a word's vector, the likelier first: a symbol's number, then the hash of its UTF-8 bytes.
 *
 * @example
 * spacyStringKeys('coffee'); // [3197928453018144401n]
 */
export function spacyStringKeys(word: string): readonly bigint[] {
  const hash = murmurHash64a(new TextEncoder().encode(word), 1n);
  const symbol = symbolKeys.get(word);
  return symbol === undefined ? [hash] : [symbol, hash];
}
