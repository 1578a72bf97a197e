import { join } from 'node:path';
import { ImageFolder, readAnnotations } from '@refclip/data';
import { DataFormatError, type XyxyBox, xywhToXyxy } from '@refclip/structures';
import { tokenizeExpression, Vocabulary } from '@refclip/text';
import { assertInputFiles } from '../config/assert-input-files.js';
import type { TrainerConfig } from '../config/config-schema.js';
import { fileKey } from './file-key.js';
import { prepareData } from './prepare-data.js';
import { readLabels } from './read-labels.js';

/** A record whose image was found. */
export interface TrainingRecord {
  readonly image: number | string;
  readonly file: string;
  /** What the detector cache knows the image by: changes when the file does. */
  readonly key: string;
  readonly expressions: readonly string[];
  /** The box that they mean, image pixels, where the file has one. */
  readonly box: XyxyBox | null;
  /** How sure the label's maker was, where the file says so; 1 otherwise. */
  readonly score: number;
  /** Its place in the training split of the file it was read from. */
  readonly record: number;
}

/** One expression to evaluate, with the box it means. */
export interface EvaluationItem {
  /** `split:record:expression`, unique. */
  readonly id: string;
  readonly image: number | string;
  readonly file: string;
  /** See {@link TrainingRecord.key}. */
  readonly key: string;
  readonly expression: string;
  /** Place of its record in the split: expressions with the same one mean the same object. */
  readonly record: number;
  /** Image pixels; `null` where nobody drew one. */
  readonly truth: XyxyBox | null;
}

/** A data set ready for training and evaluation. */
export interface Dataset {
  readonly train: readonly TrainingRecord[];
  readonly evaluation: ReadonlyMap<string, readonly EvaluationItem[]>;
  /** Of all splits in file order. */
  readonly vocabulary: Vocabulary;
}

/**
 * Reads the configured data: draws scenes first where the configuration says so.
 *
 * @param splits  evaluation splits to load, each of which must exist; or what to load of the splits that the file has.
 * @param needsTraining  whether the training split must be there.
 * @param boxes  `required`: every record of an evaluation split must have one.
 * @throws {DataFormatError} naming file, split and record of everything that is missing; {FileError} for the files; {UsageError} naming all configured files that are not there.
 */
export async function loadDataset(
  config: TrainerConfig,
  splits: readonly string[] | ((names: readonly string[]) => readonly string[]),
  needsTraining: boolean,
  boxes: 'required' | 'optional' = 'required',
): Promise<Dataset> {
  await prepareData(config);
  await assertInputFiles(config, needsTraining);
  const { annotations, images, brokenImages } = config.data;
  const { splits: records } = await readAnnotations(annotations);
  const folder = await ImageFolder.open(images);
  const problems: string[] = [];
  const filled = [...records].flatMap(([name, { length }]) => (length ? [name] : []));
  const wanted = typeof splits === 'function' ? splits(filled) : splits;
  const required = [...(needsTraining ? ['train'] : []), ...wanted];
  for (const split of new Set(required)) {
    if (!records.get(split)?.length)
      problems.push(
        `split "${split}" is empty or missing; the file has ${[...records.keys()].join(', ')}` +
          (split === 'train' ? '' : '. Choose the splits to score by evaluation.splits'),
      );
  }
  const absent = new Map<number | string, number>();
  const fileOf = (split: string, index: number, image: number | string): { file: string; key: string } => {
    const file = folder.find(image);
    if (file) return { file, key: fileKey(file) };
    absent.set(image, (absent.get(image) ?? 0) + 1);
    if (brokenImages === 'fail') problems.push(`${split} ${index}: image ${image} ${folder.whyNot(image)}`);
    return { file: join(images, String(image)), key: '' };
  };
  const isThere = ({ key }: { readonly key: string }) => brokenImages === 'fail' || key !== '';
  const { labels, weightByScore } = config.supervision;
  const given = records.get('train') ?? [];
  const labelled = needsTraining && labels ? await readLabels(labels, given, weightByScore) : given;
  const named = needsTraining
    ? labelled.map(({ image, expressions, box, score = 1 }, index) => ({
        image,
        expressions,
        box: box ? xywhToXyxy(box) : null,
        score,
        record: index,
        ...fileOf('train', index, image),
      }))
    : [];
  named.forEach(({ expressions }, index) => {
    if (!expressions.some((expression) => tokenizeExpression(expression).length))
      problems.push(`train ${index}: no expression with a word`);
  });
  const train = named.filter(isThere);
  const evaluation = new Map(
    wanted.map((split) => [
      split,
      (records.get(split) ?? []).flatMap(({ image, expressions, box }, index) => {
        const found = fileOf(split, index, image);
        return expressions.map((expression, at) => ({
          id: `${split}:${index}:${at}`,
          image,
          ...found,
          expression,
          record: index,
          truth: box ? xywhToXyxy(box) : null,
        }));
      }),
    ]),
  );
  for (const [split, items] of evaluation) {
    const unboxed = new Set(items.flatMap(({ truth, record }) => (truth ? [] : [record])));
    if (boxes === 'required' && unboxed.size)
      problems.push(
        `split "${split}": ${unboxed.size} of ${records.get(split)?.length} records have no box, the first is ${split} ${[...unboxed][0]}; accuracy needs one in every record`,
      );
    evaluation.set(split, items.filter(isThere));
  }
  if (absent.size && brokenImages === 'skip') {
    const count = [...absent.values()].reduce((sum, records) => sum + records, 0);
    process.stderr.write(
      `skipped: ${absent.size} pictures of ${count} records are not in ${images}: ${[...absent.keys()].slice(0, 5).join(', ')}${absent.size > 5 ? ', …' : ''}\n`,
    );
    if (needsTraining && !train.length) problems.push(`split "train": none of its pictures is in ${images}`);
  }
  if (problems.length) {
    const shown = problems.slice(0, 20).map((problem) => `\n  ${problem}`);
    const rest = problems.length > shown.length ? `\n  … and ${problems.length - shown.length} more` : '';
    throw new DataFormatError({ file: annotations }, `${problems.length} problem(s):${shown.join('')}${rest}`);
  }
  const vocabulary = Vocabulary.fromExpressions([...records.values()].flat().flatMap(({ expressions }) => expressions));
  return { train, evaluation, vocabulary };
}
