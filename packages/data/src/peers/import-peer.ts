import { UsageError } from '@refclip/structures';

/**
 * Loads an optional package.
 *
 * @param name     of the package.
 * @param purpose  what needs it, as the beginning of a sentence, e.g. `Decoding images`.
 * @throws {UsageError} that names the package to install, when it is not installed; what else keeps it from loading, as it is.
 */
export async function importPeer<T>(name: string, purpose: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes(`'${name}'`)) throw cause;
    throw new UsageError(`${purpose} needs ${name}, which is not installed. Install it: npm install ${name}`, {
      cause,
    });
  }
}
