import { fileURLToPath } from 'node:url';
import { formatTable, pnpmCommand, printJson, userPath } from '@refclip/app-shared';
import { decodeImage, drawBoxes } from '@refclip/images';
import type { Command } from 'commander';
import { type OpenedModel, openModel } from 'refclip';

/** Where compiled programs are kept, so that the next question about the same weights starts sooner: about as large as the weights, a folder for each program. */
const programs = fileURLToPath(new URL('../../../../.cache/engine', import.meta.url));

/** Below it the other boxes together weigh more than the answer. */
const clear = 0.5;
const showConfidence = (confidence: number) => `${confidence.toFixed(2)}${confidence < clear ? '?' : ''}`;

interface GroundFlags {
  readonly weights: string;
  readonly image: string;
  readonly out?: string;
  readonly json: boolean;
}

/** `ground`: boxes for expressions on one's own image. */
export function addGroundCommand(program: Command): void {
  program
    .command('ground')
    .description('The box that each expression means on an image.')
    .requiredOption('--weights <file>', 'checkpoint that `start` wrote')
    .requiredOption('--image <file>', 'JPEG, PNG, …')
    .option('--out <file>', 'the image with labelled boxes, .png, .jpg or .webp')
    .option('--json', 'ends standard output with one line of JSON', false)
    .argument('<expressions...>', 'one or more expressions, each in quotes')
    .addHelpText(
      'after',
      `\nExample:\n  ${pnpmCommand} --filter trainer ground --weights runs/first/checkpoints/best.safetensors --image photo.jpg --out boxed.png "the red star" "left circle"\n\nConfidence is the part of all weight (softmax of the scores over the boxes that the model keeps in this picture) that the answer has. Below 0.5 the other boxes together weigh more: table
and picture mark it with a question mark. It is no probability that the object is there: one box is chosen even where nothing fits.

Compiled programs are kept in .cache/engine, about as large as the weights; delete it at will.\n`,
    )
    .action(async (expressions: string[], flags: GroundFlags) => {
      const file = userPath(flags.image);
      const model = await openModel(userPath(flags.weights), { cacheDirectory: programs });
      const { image, answers } = await ask(model, file, expressions).finally(model.close);
      const results = answers.map(({ expression, unknownWords, unclippedBox, score, confidence }) =>
        unclippedBox === null || score === null || confidence === null
          ? { expression, unknownWords, box: null, score: null, confidence: null }
          : { expression, unknownWords, box: unclippedBox, score, confidence },
      );
      const unread = answers.filter(({ unreadWords }) => unreadWords.length);
      for (const { expression, unreadWords } of unread)
        process.stderr.write(
          `"${expression}": too long for the model, which does not read its end: ${unreadWords.join(' ')}\n`,
        );
      const unknown = new Set(results.flatMap(({ unknownWords }) => unknownWords));
      if (unknown.size) process.stderr.write(`words the model has never seen: ${[...unknown].join(', ')}\n`);
      process.stderr.write(
        'confidence: how clearly the box wins over the others that the model sees in this picture; one is chosen even where nothing fits, so it is no probability that the object is there\n',
      );
      const unsure = results.filter(({ confidence }) => confidence !== null && confidence < clear).length;
      if (unsure)
        process.stderr.write(`${unsure} of ${results.length} marked with ?: the other boxes together weigh more\n`);
      const rows = results.map(({ expression, box, score, confidence }) =>
        box
          ? [expression, box.map((value) => value.toFixed(1)).join(', '), score.toFixed(2), showConfidence(confidence)]
          : [expression, 'none: no word is known', '–', '–'],
      );
      process.stdout.write(`${formatTable(['expression', 'box x1, y1, x2, y2', 'score', 'confidence'], rows)}\n`);
      // A picture that cannot be written costs nobody the answer.
      let failure: unknown;
      if (flags.out) {
        const boxes = results.flatMap(({ expression, box, confidence }) =>
          box ? [{ box, label: `${expression} ${showConfidence(confidence)}` }] : [],
        );
        failure = await drawBoxes(file, boxes, userPath(flags.out)).catch((error: unknown) => error);
      }
      if (!failure) {
        process.stdout.write(
          flags.out ? `picture: ${userPath(flags.out)}\n` : 'next: add --out boxed.png to see the boxes on the image\n',
        );
      }
      if (flags.json) printJson({ image: file, width: image.width, height: image.height, results });
      if (failure) throw failure;
    });
}

/** The image is read here, since people are told its size too. */
async function ask(model: OpenedModel, file: string, expressions: readonly string[]) {
  const image = await decodeImage(file);
  return { image, answers: await model.ground(image, expressions) };
}
