import type { ParameterSpec } from '@refclip/nn';
import type { NamedHostTensors } from '@refclip/runtime';
import type { Vocabulary } from '@refclip/text';

/** A model as a checkpoint needs it: every `ReferringModel` with options is one. */
export interface CheckpointModel {
  /** Of the kind of model, e.g. `refclip`. */
  readonly name: string;
  /** JSON from which the model is created again. */
  readonly options: object;
  readonly parameters: readonly ParameterSpec[];
}

/** What a checkpoint says beside its tensors. */
export interface CheckpointDescription<Model extends CheckpointModel> {
  readonly model: Model;
  /** Of the model's word embedding; its size is one of the options. */
  readonly vocabulary: Vocabulary;
  /** What the training noted: configuration, epoch, accuracy. */
  readonly notes: Readonly<Record<string, string>>;
}

/** A whole model out of a file: nothing else is needed to ask it. */
export interface Checkpoint<Model extends CheckpointModel> extends CheckpointDescription<Model> {
  /** In the memory layout. */
  readonly values: NamedHostTensors;
}

/** How a kind of model is created again. */
export interface CheckpointKind<Model extends CheckpointModel> {
  /**
   * @param options  as the file holds them: not checked yet.
   * @param words    entries of the checkpoint's vocabulary.
   * @throws {ConfigError} when they are no options of the model.
   */
  restore(options: object, words: number): Model;
  /** Tensors that the file may lack. Default none. */
  isOptional?(name: string): boolean;
}

/** Kinds of models by the names that checkpoints hold. */
export type CheckpointKinds<Model extends CheckpointModel> = Readonly<Record<string, CheckpointKind<Model>>>;
