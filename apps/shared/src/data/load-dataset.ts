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
  /** Image pixels. */
  readonly truth: XyxyBox;
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
 * @param splits  evaluation splits to load; each must exist and have a box in every record.
 * @param needsTraining  whether the training split must be there.
 * @throws {DataFormatError} naming file, split and record of everything that is missing; {FileError} for the files; {UsageError} naming all configured files that are not there.
 */
export async function loadDataset(
  config: TrainerConfig,
  splits: readonly string[],
  needsTraining: boolean,
): Promise<Dataset> {
  await prepareData(config);
  await assertInputFiles(config, needsTraining);
  const { annotations, images } = config.data;
  const { splits: records } = await readAnnotations(annotations);
  const folder = await ImageFolder.open(images);
  const problems: string[] = [];
  const required = [...(needsTraining ? ['train'] : []), ...splits];
  for (const split of new Set(required)) {
    if (!records.get(split)?.length)
      problems.push(
        `split "${split}" is empty or missing; the file has ${[...records.keys()].join(', ')}` +
          (split === 'train' ? '' : '. Choose the splits to score by evaluation.splits'),
      );
  }
  const fileOf = (split: string, index: number, image: number | string): { file: string; key: string } => {
    const file = folder.find(image);
    if (!file) problems.push(`${split} ${index}: image ${image} ${folder.whyNot(image)}`);
    return file ? { file, key: fileKey(file) } : { file: join(images, String(image)), key: '' };
  };
  const { labels, weightByScore } = config.supervision;
  const given = records.get('train') ?? [];
  const labelled = needsTraining && labels ? await readLabels(labels, given, weightByScore) : given;
  const train = needsTraining
    ? labelled.map(({ image, expressions, box, score = 1 }, index) => ({
        image,
        expressions,
        box: box ? xywhToXyxy(box) : null,
        score,
        ...fileOf('train', index, image),
      }))
    : [];
  train.forEach(({ expressions }, index) => {
    if (!expressions.some((expression) => tokenizeExpression(expression).length))
      problems.push(`train ${index}: no expression with a word`);
  });
  const evaluation = new Map(
    splits.map((split) => [
      split,
      (records.get(split) ?? []).flatMap(({ image, expressions, box }, index) => {
        if (!box) problems.push(`${split} ${index}: no box; an evaluation split needs one in every record`);
        const found = fileOf(split, index, image);
        return expressions.map((expression, at) => ({
          id: `${split}:${index}:${at}`,
          image,
          ...found,
          expression,
          truth: xywhToXyxy(box ?? [0, 0, 0, 0]),
        }));
      }),
    ]),
  );
  if (problems.length) {
    const shown = problems.slice(0, 20).map((problem) => `\n  ${problem}`);
    const rest = problems.length > shown.length ? `\n  … and ${problems.length - shown.length} more` : '';
    throw new DataFormatError({ file: annotations }, `${problems.length} problem(s):${shown.join('')}${rest}`);
  }
  const vocabulary = Vocabulary.fromExpressions([...records.values()].flat().flatMap(({ expressions }) => expressions));
  return { train, evaluation, vocabulary };
}
