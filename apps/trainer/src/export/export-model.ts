import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, writeAtomically } from '@refclip/app-shared';
import { createScope, declareParameters, type Scope } from '@refclip/nn';
import { fromImages } from '@refclip/referring';
import {
  exportOnnx,
  type HostTensor,
  hostTensor,
  type NamedHostTensors,
  type NamedTensors,
  recordProgram,
  type TensorSpec,
} from '@refclip/runtime';
import { deformConv2dLowering } from '@refclip/vision';
import type * as tf from '@tensorflow/tfjs';

/** One exported graph. */
export interface ExportedGraph {
  readonly file: string;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
}

/** What {@link exportModel} wrote. */
export interface ExportedModel {
  readonly graphs: { readonly image: ExportedGraph; readonly locate: ExportedGraph };
  /** The description for programs. */
  readonly description: string;
}

/** How {@link exportModel} writes. */
export interface ExportModelOptions {
  /** Expressions per run of `locate.onnx`; all ask the images given with them. Default 1. */
  readonly texts?: number;
  /** RGB `[S, S, 3]` each, letterboxed: images like those to come, from which `image.onnx` gets its int8 form. Default none: float32. */
  readonly calibration?: AsyncIterable<Uint8Array>;
}

const lowerings = [deformConv2dLowering];

/**
 * Writes a model as two ONNX graphs that any ONNX runtime can run, with a description for programs (`model.json`, vocabulary included) and one for
 * people (`README.md`): `image.onnx` from pixels to what can be known of an image alone, `locate.onnx` from that and words to a box.
 */
export async function exportModel(
  { model, values, vocabulary, notes }: Checkpoint,
  folder: string,
  { texts = 1, calibration }: ExportModelOptions = {},
): Promise<ExportedModel> {
  await mkdir(folder, { recursive: true });
  const reader = fromImages(model);
  const metadata = { ...notes, model: model.name, options: JSON.stringify(model.options) };
  const write = async (
    name: 'image' | 'locate',
    inputs: Readonly<Record<string, TensorSpec>>,
    run: (scope: Scope, given: NamedTensors) => NamedTensors,
    samples?: AsyncIterable<NamedHostTensors>,
  ): Promise<ExportedGraph> => {
    const { parameters } = declareParameters((scope, given) => run(scope.frozen(), given), inputs);
    const constants: NamedHostTensors = Object.fromEntries(
      parameters.map((spec) => [spec.name, values[spec.name] as HostTensor]),
    );
    const program = (given: NamedTensors, weights: NamedTensors) =>
      run(createScope(weights, { training: false }).scope, given);
    const options = { name: `${model.name}-${name}`, inputs, constants, lowerings };
    const { outputs } = recordProgram(program, options);
    const eightBits = samples ? { calibration: samples } : {};
    await exportOnnx(program, { ...options, ...eightBits, file: join(folder, `${name}.onnx`), metadata });
    const specs = outputs.map(({ name: key, value }) => [key, value.spec] as const);
    return { file: `${name}.onnx`, inputs, outputs: Object.fromEntries(specs) };
  };
  const image = await write(
    'image',
    reader.imageInputs(1),
    (scope, given) => reader.encodeImages(scope, given),
    calibration ? imageFeeds(calibration, model.inputSize) : undefined,
  );
  const encoded = Object.entries(image.outputs).map(
    ([key, { shape, dtype }]) => [key, { shape: [texts, ...shape.slice(1)], dtype }] as const,
  );
  const tokens: TensorSpec = { shape: [texts, model.maxTokens], dtype: 'int32' };
  const locate = await write(
    'locate',
    { ...Object.fromEntries(encoded), tokens },
    (scope, { tokens: words, ...given }) => {
      const { boxes, scores, confidences } = reader.locate(scope, given, words as tf.Tensor2D);
      // Names of an ONNX graph are unique, and an encoded image may hold `boxes`.
      return { box: boxes, score: scores, ...(confidences ? { confidence: confidences } : {}) };
    },
  );
  const graphs = { image, locate };
  const description = join(folder, 'model.json');
  const json = {
    format: 'refclip-onnx-1',
    model: model.name,
    precision: calibration ? 'int8' : 'float32',
    notes,
    preprocessing: preprocessing(model.inputSize, model.maxTokens),
    graphs,
  };
  await writeAtomically(
    description,
    `${JSON.stringify({ ...json, options: model.options, vocabulary: vocabulary.words }, null, 1)}\n`,
  );
  await writeAtomically(join(folder, 'README.md'), readme(model.name, graphs, json));
  return { graphs, description };
}

async function* imageFeeds(images: AsyncIterable<Uint8Array>, side: number): AsyncGenerator<NamedHostTensors> {
  for await (const pixels of images) yield { images: hostTensor(pixels, [1, side, side, 3], 'uint8') };
}

function preprocessing(side: number, maxTokens: number) {
  return {
    image:
      `RGB, 0 to 255, [height, width, channel]. Scale so that the longer side is ${side} (shorter: truncated to a whole number), bilinear with half-pixel ` +
      `centres and no antialiasing; paste into a ${side}×${side} square of grey 127, padding (${side} − width) // 2 on the left and (${side} − height) // 2 on top.`,
    text:
      "Lower case; delete . , ' ! ? \" ( ) * # : ; and put spaces for - and /; split at spaces; each word's index in `vocabulary`, 1 (UNK) for a word that is not " +
      `there; the first ${maxTokens}, filled up with 0.`,
    box: 'x1, y1, x2, y2 in pixels of the square. Subtract the padding and divide by the scale for pixels of the image; not clipped.',
  };
}

function readme(
  name: string,
  { image, locate }: ExportedModel['graphs'],
  { preprocessing: notes, precision }: { preprocessing: ReturnType<typeof preprocessing>; precision: string },
): string {
  const table = (specs: Readonly<Record<string, TensorSpec>>) =>
    Object.entries(specs)
      .map(([key, { shape, dtype }]) => `| \`${key}\` | ${dtype} | ${shape.join(' × ')} |`)
      .join('\n');
  const section = ({ file, inputs, outputs }: ExportedGraph, text: string) =>
    `## ${file}\n\n${text}\n\n| input | type | shape |\n| --- | --- | --- |\n${table(inputs)}\n\n| output | type | shape |\n| --- | --- | --- |\n${table(outputs)}\n`;
  return `# ${name}, as ONNX (operator set 19)

${section(image, `Once per image.${precision === 'int8' ? ' Its convolutions that an activation follows compute in eight bits (QDQ form).' : ''}`)}
${section(locate, 'Once per expression, on what `image.onnx` gave for its image. `box` is the answer.')}
## Around the graphs

- Image: ${notes.image}
- Text: ${notes.text}
- Box: ${notes.box}

\`model.json\` says the same to programs and holds the vocabulary.
`;
}
