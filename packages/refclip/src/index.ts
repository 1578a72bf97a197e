export { openModel } from './asking/open-model.js';
export type { OpenModelOptions } from './asking/open-model-options.js';
export type { Answer, OpenedModel, Picture, RawPicture } from './asking/opened-model.js';
export { type KnownModel, modelKinds } from './models/model-kinds.js';
