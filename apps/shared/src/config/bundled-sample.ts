import { fileURLToPath } from 'node:url';

const configs = new URL('../../../../configs/', import.meta.url);

/** The configuration of the bundled sample, which commands without `--config` take. */
export const sampleConfig: string = fileURLToPath(new URL('sample.yaml', configs));

/** The bundled detector: it knows drawn shapes alone. */
export const sampleDetector: string = fileURLToPath(new URL('weights/sample-detector.safetensors', configs));
