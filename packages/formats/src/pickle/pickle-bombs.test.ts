import { DataFormatError } from '@refclip/structures';
import { expect, it } from 'vitest';
import { PickleReader } from './pickle-reader.js';
import { readPickle } from './read-pickle.js';

const pickle = (...parts: (string | readonly number[])[]) =>
  Buffer.concat([
    ...parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
    Buffer.from('.'),
  ]);
const refuse = (bytes: Uint8Array, message: string | RegExp, read: () => unknown = () => readPickle(bytes, 'x.p')) => {
  try {
    read();
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(DataFormatError);
    expect((error as Error).message).toMatch(message);
  }
};

it('refuses lists that double forty times by the memo', () => {
  // l = ['x']; forty times: l = [l, l]
  const doubled = Array.from({ length: 40 }, (_, i) => `q${String.fromCharCode(i)}h${String.fromCharCode(i)}\x86`);
  refuse(pickle('X\x01\x00\x00\x00x', ...doubled), 'unfolds to over');
});

it('refuses dicts that double by DUP', () => {
  refuse(pickle('}', ...Array.from({ length: 60 }, () => '2\x86')), 'unfolds to over');
});

it('refuses one long text that stands in many places', () => {
  const long = Buffer.alloc(5);
  long.write('X');
  long.writeUInt32LE(1 << 20, 1);
  const bytes = Buffer.concat([
    Buffer.from('](', 'latin1'),
    long,
    Buffer.alloc(1 << 20, 'a'),
    Buffer.from('q\x00', 'latin1'),
    Buffer.from('h\x00'.repeat(3000), 'latin1'),
    Buffer.from('e.'),
  ]);
  refuse(bytes, 'unfolds to over');
});

it('refuses what is nested a hundred thousand levels deep', () => {
  refuse(pickle(']'.repeat(1e5), 'a'.repeat(1e5 - 1)), 'nested more than 500');
  refuse(pickle(')', '\x85'.repeat(1e5)), 'nested more than 500');
  refuse(pickle('('.repeat(1e5), 't'.repeat(1e5)), 'nested more than 500');
});

it('refuses nesting that is spread over shared parts', () => {
  // Ten towers of 400 lists, each standing on the one before, all reachable from the top at once.
  const towers = Array.from(
    { length: 10 },
    (_, i) => `${'\x85'.repeat(400)}q${String.fromCharCode(i)}h${String.fromCharCode(i)}`,
  );
  refuse(pickle('(', ')', ...towers, 't'), 'nested more than 500');
});

it('refuses lists and dicts that hold themselves', () => {
  refuse(pickle(']q\x00h\x00a'), 'inside itself');
  refuse(pickle('}q\x00X\x01\x00\x00\x00ah\x00s'), 'inside itself');
  refuse(pickle(']q\x00]q\x01h\x00ah\x01a'), /inside itself/);
});

it.each(['N', ']', '}', '(', ')q\x00'])('refuses more values than it may make: %j again and again', (opcodes) => {
  const bytes = pickle(opcodes.repeat(2000));
  refuse(bytes, 'makes more than 1000 values', () => new PickleReader(bytes, 'x.p', { mostValues: 1000 }).read());
});

it('refuses whole numbers of absurd lengths', () => {
  refuse(pickle('\x8b\xff\xff\xff\x7f'), 'a whole number of');
  refuse(pickle(`I${'9'.repeat(1e6)}\n`), 'is no whole number');
});

it.each([
  ['cos\nsystem\n(S"echo pwned"\ntR', 'os.system'],
  ['\x8c\x02os\x8c\x06system\x93\x8c\x04echo\x85R', 'os.system'],
  ['c__builtin__\neval\n(S"1"\ntR', '__builtin__.eval'],
  ['(ios\nsystem\n', 'os.system'],
  ['ccollections\nOrderedDict\n', 'collections.OrderedDict) as a value'],
  ['ccollections\n__proto__\n)R', 'collections.__proto__'],
  ['ctorch._utils\n_rebuild_tensor_v2\n)R', 'torch._utils._rebuild_tensor_v2'],
  ['\x82\x01', 'extension registry'],
  ['S"x"\nQ', 'persistent id'],
  ['Px\n', 'persistent id'],
  ['\x97', 'buffers'],
  [']}b', 'sets the state'],
  ['N)R', 'calls what is no name'],
])('refuses to call anything: %j', (text, message) => refuse(pickle(text), message));

it('passes over the attributes of an OrderedDict', () => {
  const bytes = pickle('ccollections\nOrderedDict\n)R', 'X\x01\x00\x00\x00aK\x01s', '}X\x01\x00\x00\x00bK\x02sb');
  expect(readPickle(bytes, 'x.p')).toEqual({ a: 1 });
});

it('reads what old protocols make by calls: bytes, sets, ordered dicts', () => {
  expect(readPickle(pickle('c_codecs\nencode\n(X\x02\x00\x00\x00\xc3\xa9X\x06\x00\x00\x00latin1tR'), 'x')).toEqual(
    Buffer.from([0xe9]),
  );
  expect(readPickle(pickle('c__builtin__\nset\n((lI1\naI2\natR'), 'x')).toEqual([1, 2]);
  expect(readPickle(pickle('ccollections\nOrderedDict\n((l(lS"k"\naI5\naatR'), 'x')).toEqual({ k: 5 });
  expect(readPickle(pickle('\x8f(K\x01K\x02\x90'), 'x')).toEqual([1, 2]);
});
