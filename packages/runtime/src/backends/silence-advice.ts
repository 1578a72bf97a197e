import * as tf from '@tensorflow/tfjs';

/**
 * Keeps TensorFlow.js from printing "To speed things up dramatically, install our node backend" at the first tensor that its cpu backend holds: here that backend
 * records programs or is somebody's choice. Warnings about mistakes stay, so this neither patches the console nor sets the flag `PROD`, which also switches checks off.
 *
 * Runs when the package is imported, since a program makes its first tensor before it calls anything of ours. Does nothing where the cpu backend is not registered.
 */
export function silenceAdvice(): void {
  const backend: object | null = tf.findBackend('cpu');
  if (backend && 'firstUse' in backend) backend.firstUse = false;
}
