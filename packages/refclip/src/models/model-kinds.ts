import { refClipKind } from '@refclip/core';
import { realGinKind, simRecKind } from '@refclip/students';

/** Every kind of model that can be opened, by its name in checkpoints. */
export const modelKinds = { refclip: refClipKind, simrec: simRecKind, realgin: realGinKind } as const;

/** One of the models in {@link modelKinds}; its `name` tells which. */
export type KnownModel = ReturnType<(typeof modelKinds)[keyof typeof modelKinds]['restore']>;
