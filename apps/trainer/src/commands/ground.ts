import { fileURLToPath } from 'node:url';
import { deferCheckpoint, formatTable, pnpmCommand, printJson, userPath } from '@refclip/app-shared';
import { decodeImage, drawBoxes, letterboxPixels } from '@refclip/images';
import { createLocator, type LocatedBox } from '@refclip/referring';
import { createEngine, type NamedHostTensors } from '@refclip/runtime';
import { letterboxToImage, UsageError, type XyxyBox } from '@refclip/structures';
import { tokenizeExpression } from '@refclip/text';
import { deformConv2dLowering } from '@refclip/vision';
import type { Command } from 'commander';

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
      const empty = expressions.filter((expression) => !tokenizeExpression(expression).length);
      if (empty.length) throw new UsageError(`"${empty[0]}": expected an expression with at least one word`);
      const { model, values, vocabulary, close } = await deferCheckpoint(userPath(flags.weights), programs);
      const file = userPath(flags.image);
      const image = await decodeImage(file);
      const { pixels, letterbox } = letterboxPixels(image, model.inputSize);
      const engine = await createEngine({ cacheDirectory: programs, lowerings: [deformConv2dLowering] });
      const locator = createLocator({ engine, model, values, textBatch: Math.min(16, expressions.length) });
      const [encoded] = (await locator.encodeImages(await locator.imageInputs([pixels]))) as [NamedHostTensors];
      const answers = await locator.locate(
        expressions.map(() => encoded),
        vocabulary.encode(expressions, model.maxTokens),
      );
      await close();
      await locator.dispose();
      await engine.dispose();
      const isUnknown = (word: string) => vocabulary.idOf(word) === vocabulary.idOf('UNK');
      const results = expressions.map((expression, at) => {
        const { box, score, confidence } = answers[at] as LocatedBox;
        const words = tokenizeExpression(expression);
        const unknownWords = [...new Set(words.filter(isUnknown))];
        // Without a word that means something to the model, the answer would be a guess that looks sure.
        if (words.every(isUnknown)) return { expression, unknownWords, box: null, score: null, confidence: null };
        return { expression, unknownWords, box: letterboxToImage(box as XyxyBox, letterbox), score, confidence };
      });
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
