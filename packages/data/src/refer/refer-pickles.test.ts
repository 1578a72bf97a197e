import { readFileSync } from 'node:fs';
import { readPickle } from '@refclip/formats';
import { DataFormatError } from '@refclip/structures';
import { mulberry32 } from '@refclip/testing';
import { describe, expect, it } from 'vitest';
import { convertRefer } from './convert-refer.js';

const fixture = (name: string) => readFileSync(new URL(`__fixtures__/${name}`, import.meta.url));
const instances = JSON.parse(fixture('instances.json').toString());
const pickles = ['refs-protocol0.p', 'refs-protocol1.p', 'refs-protocol2.p', 'refs-protocol4.p', 'refs-python2.p'];

describe('pickled refs', () => {
  it.each(pickles)('%s gives the expected refs', (name) => {
    expect(readPickle(fixture(name), name)).toEqual(JSON.parse(fixture('expected-refs.json').toString()));
  });

  it.each(pickles)('fuzzed, %s is converted or refused by an error that names the file', (name) => {
    const good = fixture(name);
    const u = mulberry32(5, 5000);
    let [at, refused] = [0, 0];
    for (let round = 0; round < 400; round++) {
      const bytes = Buffer.from(good);
      for (let k = 0; k < 4; k++)
        bytes[Math.floor((u[at++] as number) * bytes.length)] = Math.floor((u[at++] as number) * 256);
      const cut = bytes.subarray(0, Math.ceil((u[at++] as number) * 2 * bytes.length));
      try {
        const refs = readPickle(cut, name);
        convertRefer({
          refs,
          refsFile: name,
          instances,
          instancesFile: 'instances.json',
          dataset: 'refcoco',
          splitBy: 'unc',
        });
      } catch (error) {
        expect(error).toBeInstanceOf(DataFormatError);
        expect((error as DataFormatError).file).toBe(name);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(200);
  });
});
