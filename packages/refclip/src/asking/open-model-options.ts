import type { EngineOptions } from '@refclip/runtime';

/** How a model is opened. */
export interface OpenModelOptions extends Pick<EngineOptions, 'engine' | 'device' | 'threads'> {
  /**
   * Threads that answer beside the calling one. Default 0: the calling thread answers, and nothing else happens in it while a program runs. A server takes 1 or more; each
   * holds the model once. `threads` are those of each, by default the cores divided among them.
   */
  readonly workers?: number | undefined;
  /**
   * Where compiled programs are kept, so that the same model opens faster the next time: about as large as the model. Default `refclip/programs` in the user's cache
   * folder (`XDG_CACHE_HOME`, otherwise `~/.cache`); `null`: nowhere.
   */
  readonly cacheDirectory?: string | null | undefined;
}
