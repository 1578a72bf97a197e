import { DataFormatError } from '@refclip/structures';
import type { DarknetConvolution } from './darknet-convolution.js';

/** Sections without weights. */
const weightless = new Set([
  ...['shortcut', 'route', 'maxpool', 'avgpool', 'upsample', 'dropout', 'yolo', 'region', 'softmax', 'cost', 'reorg'],
  ...['scale_channels', 'sam', 'detection'],
]);

interface Section {
  readonly type: string;
  readonly line: number;
  readonly options: ReadonlyMap<string, string>;
}

/**
 * The convolutions of a Darknet network in the order of its file of weights, from its `.cfg`.
 *
 * @throws {DataFormatError} naming line and section of whatever cannot be followed; layers whose weights are laid out otherwise are refused.
 * @see https://pjreddie.com/darknet/
 */
export function parseDarknetConfig(text: string, file: string): readonly DarknetConvolution[] {
  const [net, ...layers] = parseSections(text, file);
  if (net?.type !== 'net' && net?.type !== 'network')
    throw new DataFormatError(
      { file },
      `begins with [${net?.type ?? ''}]; expected [net]. It is no Darknet configuration.`,
    );
  const convolutions: DarknetConvolution[] = [];
  let input = whole(net, 'channels', file, 3);
  const outputs: number[] = [];
  for (const [index, section] of layers.entries()) {
    const { type, options, line } = section;
    if (type === 'convolutional') {
      const filters = whole(section, 'filters', file);
      const groups = whole(section, 'groups', file, 1);
      if (input % groups || filters % groups)
        throw new DataFormatError(
          { file, record: `line ${line}` },
          `${input} channels do not divide into ${groups} groups.`,
        );
      convolutions.push({
        name: `convolution ${convolutions.length} (layer ${index})`,
        filters,
        channels: input / groups,
        size: whole(section, 'size', file),
        batchNormalize: options.get('batch_normalize') === '1',
      });
      input = filters;
    } else if (type === 'route') {
      input = routed(section, outputs, file);
    } else if (type === 'reorg') {
      input *= whole(section, 'stride', file) ** 2;
    } else if (!weightless.has(type)) {
      throw new DataFormatError(
        { file, record: `line ${line}` },
        `[${type}] is a layer whose weights are not read here.`,
      );
    }
    outputs.push(input);
  }
  return convolutions;
}

function parseSections(text: string, file: string): Section[] {
  const sections: { type: string; line: number; options: Map<string, string> }[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/[#;].*/, '').trim();
    if (line === '') continue;
    const type = /^\[([a-z_0-9]+)\]$/i.exec(line)?.[1];
    if (type) {
      sections.push({ type, line: index + 1, options: new Map() });
      continue;
    }
    const [, key, value] = /^([\w.]+)\s*=\s*(.*)$/.exec(line) ?? [];
    const section = sections.at(-1);
    if (!key || value === undefined || !section) {
      throw new DataFormatError(
        { file, record: `line ${index + 1}` },
        `${JSON.stringify(line.slice(0, 60))}; expected [section] or key=value.`,
      );
    }
    section.options.set(key, value);
  }
  return sections;
}

function whole({ options, type, line }: Section, key: string, file: string, fallback?: number): number {
  const text = options.get(key) ?? String(fallback ?? '');
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < 1 || value > 2 ** 20) {
    throw new DataFormatError(
      { file, record: `line ${line}`, field: key },
      `[${type}] has ${key} ${JSON.stringify(text.slice(0, 20))}; expected a whole number of at least 1.`,
    );
  }
  return value;
}

/** Channels of a route: those of the layers it names, negative numbers counting back from it. */
function routed(section: Section, outputs: readonly number[], file: string): number {
  let channels = 0;
  for (const part of (section.options.get('layers') ?? '').split(',')) {
    const at = Number(part.trim());
    const from = outputs[at < 0 ? outputs.length + at : at];
    if (part.trim() === '' || from === undefined) {
      throw new DataFormatError(
        { file, record: `line ${section.line}`, field: 'layers' },
        `${JSON.stringify(part.trim().slice(0, 20))} names no earlier layer.`,
      );
    }
    channels += from;
  }
  return channels / whole(section, 'groups', file, 1);
}
