import { DataFormatError } from '@refclip/structures';
import { isPickledDict } from '../pickle/pickle-value.js';
import type { LazyTensor } from '../tensors/lazy-tensor.js';
import type { TorchValue } from '../torch/open-torch.js';
import { TorchTensor } from '../torch/torch-tensor.js';

/** Under which keys checkpoints keep their weights: RefCLIP and its relatives; TransVG and DETR. */
const usualKeys = ['state_dict', 'model'];

/**
 * The dict of tensors in what a PyTorch file holds: the whole of it, or what stands under `state_dict` or `model`.
 *
 * @param key  where to look instead.
 * @throws {DataFormatError} when there is none, or it holds anything but tensors; all such names are listed.
 */
export function findStateDict(
  value: TorchValue,
  file: string,
  key?: string,
): { tensors: ReadonlyMap<string, LazyTensor>; metadata: Readonly<Record<string, string>> } {
  if (!isPickledDict(value))
    throw new DataFormatError({ file }, `holds ${describe(value)}; expected a dict of tensors.`);
  const found = key ?? usualKeys.find((name) => Object.hasOwn(value, name) && isPickledDict(value[name] ?? null));
  const dict = found === undefined ? value : value[found];
  const keys = Object.keys(value).slice(0, 20).join(', ');
  if (dict === undefined || !isPickledDict(dict) || !Object.values(dict).some((item) => item instanceof TorchTensor)) {
    const where = found === undefined ? '' : ` under ${found}`;
    throw new DataFormatError({ file }, `holds no dict of tensors${where}; its keys are: ${keys || '(none)'}.`);
  }
  const tensors = new Map<string, LazyTensor>();
  const others: string[] = [];
  for (const [name, item] of Object.entries(dict)) {
    if (item instanceof TorchTensor) tensors.set(name, item);
    else others.push(`${name} (${describe(item)})`);
  }
  if (others.length > 0)
    throw new DataFormatError(
      { file },
      `holds what are no tensors among its weights: ${others.slice(0, 50).join(', ')}.`,
    );
  return { tensors, metadata: found === undefined ? {} : plainEntries(value) };
}

function plainEntries(checkpoint: { [key: string]: TorchValue }): Record<string, string> {
  const metadata: Record<string, string> = Object.create(null);
  for (const [key, item] of Object.entries(checkpoint))
    if (typeof item === 'string' || typeof item === 'number') metadata[key] = String(item);
  return metadata;
}

function describe(value: TorchValue): string {
  if (value === null) return 'None';
  if (Array.isArray(value)) return 'a list';
  if (isPickledDict(value)) return 'a dict';
  if (value instanceof TorchTensor) return 'a single tensor';
  return typeof value;
}
