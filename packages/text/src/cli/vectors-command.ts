import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type CommandResult, calledAs, type Terminal, wholeNumber, withProgress } from '@refclip/furniture';
import { FileError, UsageError } from '@refclip/structures';
import { Command, Option } from 'commander';
import type { CountedVocabulary } from '../vocabulary/counted-vocabulary.js';
import { readAnnotationVocabulary } from '../vocabulary/read-annotation-vocabulary.js';
import { readWordListVocabulary } from '../vocabulary/read-word-list.js';
import { buildWordVectors } from '../word-vectors/build-word-vectors.js';
import { readWordPieces } from '../word-vectors/read-word-pieces.js';
import { writeWordVectors } from '../word-vectors/word-vector-files.js';
import { guessWordVectorFormat, type WordVectorFormat, wordVectorFormats } from '../word-vectors/word-vector-source.js';

interface VectorsOptions {
  readonly annotations?: string;
  readonly words?: string;
  readonly from: string;
  readonly format?: WordVectorFormat;
  readonly fromWords?: string;
  readonly entry?: string;
  readonly dimension: number;
  readonly pieces?: string;
  readonly output: string;
}

/** `refclip-text vectors`: the embedding matrix of a vocabulary. */
export function vectorsCommand(terminal: Terminal, finish: (result: CommandResult) => void): Command {
  return new Command('vectors')
    .description('build the embedding matrix of a vocabulary from trained word vectors')
    .option('--annotations <file>', "vocabulary: all words of an annotation file (SimREC's form), in its order")
    .option('--words <file>', 'vocabulary: a word list, one a line or a JSON list')
    .requiredOption(
      '--from <path>',
      'vectors: GloVe text (.txt, .gz, .zip), .npy, or a spaCy package (folder, .tar.gz, .whl)',
    )
    .addOption(
      new Option('--format <name>', 'what --from is (default: told from its name)').choices(
        Object.keys(wordVectorFormats),
      ),
    )
    .option('--from-words <file>', 'for .npy: the words of its rows, one a line or a JSON list')
    .option('--entry <name>', 'for an archive of several texts: the one to read')
    .option('--dimension <n>', 'numbers per word', wholeNumber(1), 300)
    .option('--pieces <file>', 'JSON, word → pieces: such a word gets the mean of its pieces, as in spaCy')
    .requiredOption('--output <file>', 'safetensors file to write; wordVectors.file of a training configuration')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ ${calledAs('@refclip/text')} vectors --annotations refcoco.json --from glove.840B.300d.zip --output refcoco-vectors.safetensors
  $ ${calledAs('@refclip/text')} vectors --annotations refcoco.json --from en_vectors_web_lg-2.1.0.tar.gz --output refcoco-vectors.safetensors
  $ ${calledAs('@refclip/text')} vectors --words words.txt --from glove.6B.zip --dimension 50 --output vectors.safetensors
  $ ${calledAs('@refclip/text')} vectors --words words.txt --from matrix.npy --from-words rows.txt --output vectors.safetensors --json`,
    )
    .action(async (options: VectorsOptions) => finish(await runVectors(options, terminal)));
}

async function readVocabulary({ annotations, words }: VectorsOptions): Promise<CountedVocabulary> {
  if (annotations !== undefined && words === undefined) return readAnnotationVocabulary(annotations);
  if (words !== undefined && annotations === undefined) return readWordListVocabulary(words);
  throw new UsageError('expected one of --annotations and --words.');
}

async function runVectors(options: VectorsOptions, terminal: Terminal): Promise<CommandResult> {
  const { from, fromWords, entry, dimension, output } = options;
  const { vocabulary, counts } = await readVocabulary(options);
  const pieces = options.pieces === undefined ? undefined : await readWordPieces(options.pieces);
  const status = await stat(from).catch((cause: NodeJS.ErrnoException) => {
    throw new FileError(from, `cannot be read (${cause.code}). Check the path.`, { cause });
  });
  const format = options.format ?? guessWordVectorFormat(from, status.isDirectory());
  if (format === 'npy' && fromWords === undefined) throw new UsageError('a .npy matrix needs --from-words.');
  const started = performance.now();
  const read = (onProgress: (done: number, total: number) => void) => {
    let done = 0;
    const onBytes = (bytes: number) => {
      done += bytes;
      onProgress(done, Math.max(status.size, done));
    };
    const source = { path: from, wordList: fromWords, entry, dimension, onBytes };
    return buildWordVectors(vocabulary.words, {
      read: (table) => wordVectorFormats[format](source, table),
      dimension,
      pieces,
    });
  };
  const result = await withProgress(`reading ${basename(from)}`, 'bytes', read, terminal);
  await writeWordVectors(output, result, basename(from));

  const { words, missing } = result;
  const found = words.length - missing.length;
  const seconds = (performance.now() - started) / 1000;
  const tokens = counts && tokenCoverage(counts, missing);
  const json = {
    file: output,
    format,
    words: words.length,
    dimension,
    found,
    missing,
    ...(tokens ? { tokens } : {}),
    seconds,
  };
  return { text: describe(json), json };
}

interface TokenCoverage {
  readonly all: number;
  readonly found: number;
}

function tokenCoverage(counts: ReadonlyMap<string, number>, missing: readonly string[]): TokenCoverage {
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { all, found: all - missing.reduce((sum, word) => sum + (counts.get(word) ?? 0), 0) };
}

const percent = (part: number, whole: number) => (whole ? `${((100 * part) / whole).toFixed(2)} %` : '–');

function describe(result: {
  readonly file: string;
  readonly words: number;
  readonly dimension: number;
  readonly found: number;
  readonly missing: readonly string[];
  readonly tokens?: TokenCoverage;
}): string {
  const { file, words, dimension, found, missing, tokens } = result;
  const shown = missing.slice(0, 40).join(' ') + (missing.length > 40 ? ` … (all with --json)` : '');
  return [
    `${found} of ${words} words have a vector (${percent(found, words)})`,
    ...(tokens
      ? [`${tokens.found} of ${tokens.all} words of the expressions do (${percent(tokens.found, tokens.all)})`]
      : []),
    ...(missing.length ? [`zeros for: ${shown}`] : []),
    `written: ${file}`,
    `next: in the training configuration, wordVectors: { kind: file, dimension: ${dimension}, file: ${file} }`,
    '',
  ].join('\n');
}
