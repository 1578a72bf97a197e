export { sampleDataset } from './sample-dataset.js';
export { type SceneOptions, synthesizeScenes } from './synthesize-scenes.js';
