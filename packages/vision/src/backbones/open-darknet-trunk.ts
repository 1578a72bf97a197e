import {
  type ByteSource,
  type DarknetConvolution,
  darknetNumbers,
  type LazyTensor,
  openDarknet,
  parseDarknetConfig,
  type StateDict,
} from '@refclip/formats';
import { fileShape, type ParameterSpec } from '@refclip/nn';
import { DataFormatError } from '@refclip/structures';

/** What tells that a file is of the right network. */
export interface OpenDarknetTrunkOptions {
  /** Text of the `.cfg` that belongs to the file. Default none: then the count of numbers must be that of a known network. */
  readonly config?: string;
  /**
   * Last layer of `module_list` that is laid out as YOLOv3 goes on after the trunk, and so is taken too when the file has it. Default 10, the trunk alone.
   */
  readonly lastLayer?: number;
}

/** Layers of the list that are Darknet-53 without its classifier. */
const lastTrunkLayer = 10;

/** Whether a parameter is of the Darknet-53 trunk: layers 0 to 10 (or further), in a detector or a whole model. */
export function isTrunkParameter(name: string, lastLayer = lastTrunkLayer): boolean {
  const layer = /^(?:visual_encoder\.)?module_list\.(\d+)\./.exec(name)?.[1];
  return layer !== undefined && Number(layer) <= lastLayer;
}

/**
 * Opens a Darknet `.weights` file as the trunk of a detector: `darknet53.conv.74`, or the beginning of `darknet53.weights` or `yolov3.weights`.
 *
 * Darknet's files have no names, so another network's numbers would fit without a sound. A file is taken only when its count of numbers is that
 * of a network that begins with the trunk, or when its `.cfg` says so; and when variances turn out negative, it is refused after all.
 *
 * @param specs  parameters of the model, in the order in which it declares them; those of the trunk are found by {@link isTrunkParameter}.
 * @returns the trunk, and up to `lastLayer` what follows it in the file, by the names of `specs`, in the layout of PyTorch's files. Closing it closes the source.
 * @throws {DataFormatError} with both counts, when the file is of another network.
 * @see Redmon and Farhadi 2018, YOLOv3
 */
export async function openDarknetTrunk(
  source: ByteSource,
  specs: readonly ParameterSpec[],
  { config, lastLayer = lastTrunkLayer }: OpenDarknetTrunkOptions = {},
): Promise<StateDict> {
  const weights = await openDarknet(source);
  const alone = trunkConvolutions(specs, lastTrunkLayer);
  const longer = trunkConvolutions(specs, lastLayer);
  const trunk = weights.count >= numbersOf(longer) ? longer : alone;
  if (config === undefined) assertKnownCount(weights.count, numbersOf(alone), numbersOf(trunk), source.name);
  else
    assertSameTrunk(
      parseDarknetConfig(config, `${source.name} (its configuration)`),
      trunk,
      weights.count,
      source.name,
    );
  const tensors = new Map<string, LazyTensor>();
  for (const { layer, kernel, bias, scale, mean, variance } of weights.convolutions(trunk)) {
    tensors.set(`${layer.name}.conv.weight`, kernel);
    const norm = { weight: scale, bias, running_mean: mean, running_var: variance && checked(variance, layer, source) };
    for (const [name, tensor] of Object.entries(norm))
      if (tensor) tensors.set(`${layer.name}.batch_norm.${name}`, tensor);
  }
  return {
    format: 'darknet',
    file: source.name,
    tensors,
    metadata: { darknet: weights.version.join('.'), seen: String(weights.seen) },
    close: () => source.close(),
  };
}

const numbersOf = (layers: readonly DarknetConvolution[]) =>
  layers.reduce((sum, layer) => sum + darknetNumbers(layer), 0);

function trunkConvolutions(specs: readonly ParameterSpec[], lastLayer: number): DarknetConvolution[] {
  const kernels = specs.filter(({ name }) => isTrunkParameter(name, lastLayer) && name.endsWith('.conv.weight'));
  return kernels.map((spec) => {
    const [filters, channels, size] = fileShape(spec) as [number, number, number, number];
    return { name: spec.name.slice(0, -'.conv.weight'.length), filters, channels, size, batchNormalize: true };
  });
}

/** Numbers of Darknet-53 without its classifier, and of what follows it in the files that Darknet's authors publish. */
const darknet53Numbers = 40_620_640;
const classifierNumbers = 1025 * 1000;
/** YOLOv3's other layers, but for its three last ones: 1795 numbers per output of each of three boxes. */
const yolov3Numbers = 20_923_392;
const yolov3OutputNumbers = 3 * 1795;

/** @param trunk numbers of Darknet-53; @param taken those and of the layers after it that are taken. */
function assertKnownCount(count: number, trunk: number, taken: number, file: string): void {
  const rest = count - trunk;
  const classes = (rest - yolov3Numbers) / yolov3OutputNumbers - 5;
  const published =
    trunk === darknet53Numbers && (rest === classifierNumbers || (Number.isInteger(classes) && classes > 0));
  if (count === taken || published) return;
  const others =
    trunk === darknet53Numbers
      ? `, darknet53.weights ${trunk + classifierNumbers}, yolov3.weights ${trunk + yolov3Numbers + yolov3OutputNumbers * 85}`
      : '';
  throw new DataFormatError(
    { file },
    `has ${count} numbers; the Darknet-53 trunk takes ${trunk}${others}. It is of another network; if it begins with the trunk, give its .cfg.`,
  );
}

function assertSameTrunk(
  all: readonly DarknetConvolution[],
  trunk: readonly DarknetConvolution[],
  count: number,
  file: string,
): void {
  const expected = all.reduce((sum, layer) => sum + darknetNumbers(layer), 0);
  if (expected !== count)
    throw new DataFormatError({ file }, `has ${count} numbers; its configuration describes ${expected}.`);
  const shape = (layer: DarknetConvolution | undefined) =>
    layer
      ? `[${layer.filters}, ${layer.channels}, ${layer.size}, ${layer.size}]${layer.batchNormalize ? '' : ' without BatchNorm'}`
      : 'nothing';
  const at = trunk.findIndex((layer, index) => shape(layer) !== shape(all[index]));
  if (at < 0) return;
  throw new DataFormatError(
    { file },
    `is of another network: its convolution ${at} is ${shape(all[at])}; that of the Darknet-53 trunk ${shape(trunk[at])}.`,
  );
}

/** A variance that is read from the wrong place is sure to have negative entries. */
function checked(variance: LazyTensor, { name }: DarknetConvolution, { name: file }: ByteSource): LazyTensor {
  return {
    ...variance,
    read: async () => {
      const tensor = await variance.read();
      const at = (tensor.data as Float32Array).findIndex((value) => !(value >= 0));
      if (at >= 0) {
        throw new DataFormatError(
          { file, record: name },
          `variance ${at} is ${tensor.data[at]}; expected none below 0. The file is of another network or damaged.`,
        );
      }
      return tensor;
    },
  };
}
