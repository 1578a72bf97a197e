import type { ViteUserConfig } from 'vitest/config';

export declare function defineTests(test?: ViteUserConfig['test']): ViteUserConfig;
