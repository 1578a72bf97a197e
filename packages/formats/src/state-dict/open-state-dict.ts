import { DataFormatError } from '@refclip/structures';
import type { ByteSource } from '../bytes/byte-source.js';
import { openBytes } from '../bytes/open-bytes.js';
import { openNpz } from '../numpy/open-npz.js';
import { openSafetensors } from '../safetensors/open-safetensors.js';
import type { LazyTensor } from '../tensors/lazy-tensor.js';
import { openTorch } from '../torch/open-torch.js';
import { openZip } from '../zip/open-zip.js';
import { findStateDict } from './find-state-dict.js';

/** Tensors of a weights file by their names, in the layout of the file (PyTorch's: `[out, in, kh, kw]`, `[out, in]`). Close it when done. */
export interface StateDict {
  readonly format: 'torch' | 'safetensors' | 'numpy' | 'darknet';
  /** Path, for messages. */
  readonly file: string;
  /** In the order of the file; a `module.` that all names carry (a model trained on several GPUs) is taken off. */
  readonly tensors: ReadonlyMap<string, LazyTensor>;
  /** Text beside the tensors: of safetensors its metadata, of a checkpoint its numbers and texts (`epoch`, `lr`). */
  readonly metadata: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Where in a file the tensors are. */
export interface OpenStateDictOptions {
  /** Key of the dict of tensors in a checkpoint, such as `ema`. Default: `state_dict`, `model`, or the checkpoint itself, whichever holds tensors. */
  readonly key?: string;
}

/**
 * Opens a weights file, whatever its format: PyTorch (both containers; a bare state dict or a checkpoint that holds one), safetensors or `.npz`.
 * Names and shapes are read; each tensor's elements when it is asked for, so that one tensor of a large file costs only its own bytes.
 *
 * @param file  a path, or bytes that are open already.
 * @throws {FileError} when it cannot be read; {DataFormatError} when it is none of these, damaged, or holds anything that needs Python.
 * @example
 * const weights = await openStateDict('yolov3_coco.pth');
 * const kernel = await weights.tensors.get('module_list.0.conv.weight')?.read(); // { shape: [32, 3, 3, 3], dtype: 'F32', data }
 * await weights.close();
 */
export async function openStateDict(file: string | ByteSource, options: OpenStateDictOptions = {}): Promise<StateDict> {
  const source = typeof file === 'string' ? await openBytes(file) : file;
  try {
    const content = await openContent(source, options);
    return { ...content, tensors: withoutModule(content.tensors), file: source.name, close: () => source.close() };
  } catch (error) {
    await source.close();
    throw error;
  }
}

type Content = Pick<StateDict, 'format' | 'tensors' | 'metadata'>;

async function openContent(source: ByteSource, { key }: OpenStateDictOptions): Promise<Content> {
  const head = Buffer.from(await source.read(0, Math.min(64, source.size)));
  const text = head.toString('latin1');
  // First: a header's length may begin with the byte that a pickle begins with.
  if (text[8] === '{' && head.readBigUInt64LE() <= source.size - 8)
    return { format: 'safetensors', ...(await openSafetensors(source)) };
  if (text.startsWith('PK\x03\x04')) {
    const entries = await openZip(source);
    const arrays = [...entries.keys()].some((name) => name.endsWith('.npy'));
    if (arrays) return { format: 'numpy', tensors: await openNpz(source), metadata: {} };
  }
  if (text.startsWith('PK\x03\x04') || head[0] === 0x80)
    return { format: 'torch', ...findStateDict(await openTorch(source), source.name, key) };
  if (text[8] === '{') return { format: 'safetensors', ...(await openSafetensors(source)) };
  throw new DataFormatError({ file: source.name }, `${foreign(text)} Expected a .pth, .safetensors or .npz file.`);
}

/** What a file that is no weights file may be. */
function foreign(head: string): string {
  if (head === '') return 'is empty.';
  if (head.startsWith('version https://git-lfs')) return 'is the pointer of a file in Git LFS; run git lfs pull.';
  if (/^\s*<(!doctype|html)/i.test(head)) return 'is a web page, not the download that it should be.';
  if (head.startsWith('\x93NUMPY')) return 'is a single NumPy array without a name.';
  return `begins with ${JSON.stringify(head.slice(0, 12))}, which no known format of weights does.`;
}

function withoutModule(tensors: ReadonlyMap<string, LazyTensor>): ReadonlyMap<string, LazyTensor> {
  const names = [...tensors.keys()];
  if (names.length === 0 || !names.every((name) => name.startsWith('module.'))) return tensors;
  return new Map([...tensors].map(([name, tensor]) => [name.slice('module.'.length), tensor]));
}
