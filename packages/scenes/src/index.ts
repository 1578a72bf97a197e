export { sampleDataset } from './sample-dataset.js';
export { type SceneOptions, sceneManifest, synthesizeScenes } from './synthesize-scenes.js';
