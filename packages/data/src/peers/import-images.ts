import { importPeer } from './import-peer.js';

/** `@refclip/images`, an optional peer: annotation files are read, checked and converted without a decoder. @throws as {@link importPeer}. */
export function importImages(purpose: string) {
  return importPeer('@refclip/images', purpose, () => import('@refclip/images'));
}
