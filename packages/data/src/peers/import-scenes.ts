import { importPeer } from './import-peer.js';

/** `@refclip/scenes`, an optional peer. @throws as {@link importPeer}. */
export function importScenes(purpose: string) {
  return importPeer('@refclip/scenes', purpose, () => import('@refclip/scenes'));
}
