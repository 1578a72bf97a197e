// Runs the worker from source: in this repository's tests and programs there is no build.
import { register } from 'tsx/esm/api';

register();
await import('./pool-worker.ts');
