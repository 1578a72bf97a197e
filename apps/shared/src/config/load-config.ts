import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { ConfigError, type ConfigProblem, FileError, UsageError } from '@refclip/structures';
import { closest } from 'fastest-levenshtein';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { sampleConfig } from './bundled-sample.js';
import { configSchema, pathEntries, type TrainerConfig } from './config-schema.js';
import { type ModelConfig, type ModelConfigOf, publishedTraining } from './model-schemas.js';
import { fromOfficialConfig, isOfficialConfig } from './official-config.js';

type Tree = { [key: string]: unknown };

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

const maximumExtends = 8;

/**
 * Reads a YAML configuration, applies what it `extends` (a path or a list of them, earlier ones first) and the `--set` assignments, fills in
 * defaults and checks everything.
 *
 * Two entries are enough, `data.annotations` and `data.images`: a missing `name` is the file's, `runs` and `.cache/detector` lie beside it. A file that names neither
 * a model nor a detector gets those of the bundled sample with its training's values; of drawn shapes, as `loadTrainingDataset` notes.
 *
 * @param file         path of the configuration, also one of RefCLIP's official release.
 * @param assignments  `a.b=value`, value in YAML; the last word.
 * @param baseDirectory  what relative paths of assignments and of official files are relative to.
 * @throws {ConfigError} with every problem at once; unknown keys name the nearest valid one.
 * @throws {UsageError} when a file is missing; {FileError} when it cannot be read.
 */
export async function loadConfig(
  file: string,
  assignments: readonly string[] = [],
  baseDirectory: string = process.cwd(),
): Promise<TrainerConfig> {
  const tree = await readTree(file, baseDirectory, []);
  const namesModel = tree.model !== undefined;
  for (const assignment of assignments) assign(tree, assignment, baseDirectory);
  return checkConfig(await withFileDefaults(tree, resolve(file), namesModel), file);
}

/** Checks a configuration that is at hand as a plain object with absolute paths. `where` opens the error message. */
export function checkConfig(tree: unknown, where: string): TrainerConfig {
  const result = configSchema.safeParse(withModelDefaults(tree));
  if (!result.success)
    throw new ConfigError(
      where,
      result.error.issues.flatMap((issue) => describeIssue(issue, tree)),
    );
  const problems = crossChecks(result.data);
  if (problems.length) throw new ConfigError(where, problems);
  return result.data;
}

/** What a configuration file need not say. `namesModel`: whether the file itself says what the model is. */
async function withFileDefaults(tree: Tree, file: string, namesModel: boolean): Promise<Tree> {
  const folder = dirname(file);
  const name = basename(file, extname(file)).replace(/[^\w.+-]/g, '-');
  const places = {
    name,
    runs: resolve(folder, 'runs'),
    detector: { cache: { directory: resolve(folder, '.cache/detector') } },
  };
  const choosesDetector = tree.detector !== undefined && (!isTree(tree.detector) || 'weights' in tree.detector);
  const choosesModel = namesModel || (isTree(tree.model) && 'name' in tree.model);
  if (choosesDetector || choosesModel) return merge(places, tree);
  const { model, detector, training } = await readTree(sampleConfig, folder, []);
  return merge(merge({ model, detector, training }, places), tree);
}

/** The schema of a model is chosen by its name, so the default comes first; the name also decides about defaults of the training. */
function withModelDefaults(tree: unknown): unknown {
  if (!isTree(tree) || !isTree(tree.model)) return tree;
  const model = { name: 'refclip', ...tree.model };
  if (!Object.hasOwn(publishedTraining, model.name)) return { ...tree, model };
  const published = publishedTraining[model.name as ModelConfig['name']];
  const { training = {} } = tree;
  return { ...tree, model, training: isTree(training) ? { ...published, ...training } : training };
}

async function readTree(file: string, baseDirectory: string, parents: readonly string[]): Promise<Tree> {
  const full = resolve(file);
  if (parents.includes(full)) throw new ConfigError(full, [{ path: 'extends', problem: 'extends itself' }]);
  if (parents.length >= maximumExtends) {
    throw new ConfigError(full, [{ path: 'extends', problem: `more than ${maximumExtends} levels` }]);
  }
  const text = await readFile(full, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT')
      throw new UsageError(`${full}: there is no such configuration. Check the path given to --config or extends.`);
    throw new FileError(full, `the configuration cannot be read (${cause.code}). Check the path given to --config.`, {
      cause,
    });
  });
  const document = parseDocument(text);
  if (document.errors.length) {
    throw new ConfigError(
      full,
      document.errors.map((error) => ({
        path: error.linePos ? `line ${error.linePos[0].line}` : '',
        problem: error.message.split('\n')[0] ?? error.message,
      })),
    );
  }
  const own: unknown = document.toJS() ?? {};
  if (!isTree(own)) throw new ConfigError(full, [{ path: '', problem: 'expected a mapping of keys to values' }]);
  if (isOfficialConfig(own)) {
    const translated = fromOfficialConfig(own, full);
    resolvePaths(translated, baseDirectory);
    return translated;
  }
  const { extends: base, ...rest } = own;
  resolvePaths(rest, dirname(full));
  let merged: Tree = {};
  for (const parent of base === undefined ? [] : Array.isArray(base) ? base : [base]) {
    if (typeof parent !== 'string') {
      throw new ConfigError(full, [{ path: 'extends', problem: 'expected a path or a list of paths' }]);
    }
    merged = merge(merged, await readTree(resolve(dirname(full), parent), baseDirectory, [...parents, full]));
  }
  return merge(merged, rest);
}

/** Keys of `over` win; mappings are merged, everything else (lists too) is replaced. */
function merge(base: Tree, over: Tree): Tree {
  const result: Tree = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = result[key];
    result[key] = isTree(before) && isTree(value) ? merge(before, value) : value;
  }
  return result;
}

function resolvePaths(tree: Tree, directory: string): void {
  for (const entry of pathEntries) {
    const keys = entry.split('.');
    const last = keys.pop() as string;
    let at: unknown = tree;
    for (const key of keys) at = isTree(at) ? at[key] : undefined;
    if (isTree(at) && typeof at[last] === 'string') at[last] = resolve(directory, at[last]);
  }
}

function assign(tree: Tree, assignment: string, baseDirectory: string): void {
  const match = /^([\w.]+)=(.*)$/s.exec(assignment);
  if (!match) throw new UsageError(`--set ${assignment}: expected name.of.key=value, e.g. --set training.epochs=3`);
  const keys = (match[1] as string).split('.');
  if (keys.some((key) => key === '__proto__' || key === 'constructor' || key === 'prototype' || key === '')) {
    throw new UsageError(`--set ${assignment}: not the name of a configuration key`);
  }
  const document = parseDocument(match[2] as string);
  if (document.errors.length) throw new UsageError(`--set ${assignment}: the value is not YAML`);
  const branch: Tree = {};
  let at = branch;
  for (const key of keys.slice(0, -1)) {
    const next: Tree = {};
    at[key] = next;
    at = next;
  }
  at[keys.at(-1) as string] = document.toJS();
  resolvePaths(branch, baseDirectory);
  Object.assign(tree, merge(tree, branch));
}

function describeIssue(issue: z.core.$ZodIssue, tree: unknown): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(issue.path);
    return issue.keys.map((key) => ({
      path: [...issue.path, key].join('.'),
      problem: `unknown key; did you mean "${[...issue.path, closest(key, known)].join('.')}"? Known here: ${known.join(', ')}`,
    }));
  }
  const path = issue.path.join('.');
  const given = issue.path.reduce<unknown>((at, key) => (isTree(at) ? at[String(key)] : undefined), tree);
  if (given === undefined && issue.code === 'invalid_type') {
    const problem = `is missing: expected ${issue.expected}; write it in the file, or begin the file with extends: and one that has it`;
    return [{ path, problem }];
  }
  return [{ path, problem: given === undefined ? issue.message : `${issue.message}, got ${JSON.stringify(given)}` }];
}

/** The keys that the schema knows at a path. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let schema: z.core.$ZodType = configSchema;
  for (const key of path) {
    const found = objectsOf(schema).find(({ shape }) => String(key) in shape)?.shape[String(key)];
    if (!found) return [];
    schema = found;
  }
  return [...new Set(objectsOf(schema).flatMap(({ shape }) => Object.keys(shape)))];
}

/** The objects that a schema may be: several for a choice by name. */
function objectsOf(schema: z.core.$ZodType): z.ZodObject[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return [inner];
  return inner instanceof z.ZodDiscriminatedUnion ? inner.options.flatMap((option) => objectsOf(option)) : [];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return unwrap(schema.unwrap());
  }
  return schema;
}

function crossChecks({ model, wordVectors, supervision, pretraining }: TrainerConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (model.name === 'refclip') problems.push(...refClipChecks(model));
  if (model.name === 'refclip' && supervision.labels !== null) {
    problems.push({
      path: 'supervision.labels',
      problem: 'RefCLIP learns without boxes; choose a student by model.name',
    });
  }
  if (model.name === 'refclip' && pretraining?.priors)
    problems.push({ path: 'pretraining.priors', problem: "RefCLIP's detector has its own: model.priors" });
  if (supervision.weightByScore && supervision.labels === null) {
    problems.push({ path: 'supervision.weightByScore', problem: 'needs a file with scores: supervision.labels' });
  }
  if (wordVectors.kind === 'file' && !wordVectors.file) {
    problems.push({ path: 'wordVectors.file', problem: 'required when wordVectors.kind is "file"' });
  }
  return problems;
}

function refClipChecks({ inputSize, anchorsPerImage }: ModelConfigOf<'refclip'>): ConfigProblem[] {
  const cells = (inputSize / 32) ** 2;
  if (anchorsPerImage <= cells) return [];
  const problem = `${anchorsPerImage} is more than the ${cells} cells of a ${inputSize} px input`;
  return [{ path: 'model.anchorsPerImage', problem }];
}
