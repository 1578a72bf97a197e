// Starts the worker where nothing is built: in the repository's own tests and applications. Never part of the built package.
import { register } from 'tsx/esm/api';

register();
await import('./asking-worker.ts');
