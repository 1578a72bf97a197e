import { checkConfig, type TrainerConfig } from '@refclip/app-shared';
import { ConfigError } from '@refclip/structures';
import { expect, test } from 'vitest';
import { assertSameConfig } from './compare-configs.js';

const config = (change: (given: Record<string, Record<string, unknown>>) => void = () => {}): TrainerConfig => {
  const given = {
    name: 'toy',
    runs: '/runs',
    data: { annotations: '/a.json', images: '/images' },
    detector: { weights: null, cache: { directory: '/cache' } },
    training: { betas: [0.9, 0.98] },
    engine: {},
  };
  change(given as unknown as Record<string, Record<string, unknown>>);
  return checkConfig(given, 'toy.yaml');
};

test('equal configurations, and ones that differ in what changes no number, pass', () => {
  expect(() => assertSameConfig(config(), config(), 'run')).not.toThrow();
  const moved = config((given) => {
    Object.assign(given, { runs: '/elsewhere' });
    Object.assign(given.data as object, { workers: 3 });
    Object.assign(given.training as object, { saveEverySteps: 5, saveEveryMinutes: null });
    Object.assign(given.engine as object, { cache: '/engine' });
    Object.assign(given.detector?.cache as object, { directory: '/other' });
  });
  expect(() => assertSameConfig(config(), moved, 'run')).not.toThrow();
});

test('every entry that differs is named with both values', () => {
  const other = config((given) => {
    Object.assign(given, { seed: 7 });
    Object.assign(given.training as object, { betas: [0.9, 0.99], learningRate: 1e-3 });
    // The precision of the cache changes what the model sees.
    Object.assign(given.detector?.cache as object, { precision: 'float32' });
    Object.assign(given.engine as object, { threads: 1 });
  });
  const error = (() => {
    try {
      assertSameConfig(config(), other, '--resume runs/x');
    } catch (thrown) {
      return thrown;
    }
    return undefined;
  })();
  expect(error).toBeInstanceOf(ConfigError);
  const { problems, message } = error as ConfigError;
  expect(problems.map(({ path }) => path).sort()).toEqual([
    'detector.cache.precision',
    'engine.threads',
    'seed',
    'training.betas',
    'training.learningRate',
  ]);
  expect(message).toContain('--resume runs/x');
  expect(problems.find(({ path }) => path === 'training.betas')?.problem).toBe(
    'the run has [0.9,0.98], the configuration [0.9,0.99]',
  );
});
