import { bytesInMemory, encodeTorch, openTorch, PickleTuple } from '@refclip/formats';
import type { AnnotationForm } from './annotation-form.js';
import { readTransvgTuples, transvgBoxes, transvgTuples } from './transvg-tuples.js';

/** TransVG's and ReSC's `<name>_<split>.pth`: a list of tuples, one per expression, saved by PyTorch. */
export const transvgForm: AnnotationForm = {
  description: 'TransVG .pth lists (unc, unc+, gref, gref_umd: xywh; referit, flickr: xyxy); one split per file',
  boxes: transvgBoxes,
  holdsSplits: false,
  needsBoxes: true,
  read: async (bytes, context) => readTransvgTuples(await openTorch(bytesInMemory(bytes, context.file)), context),
  // The old container: every version of PyTorch reads it.
  write: (splits, context) =>
    encodeTorch(
      transvgTuples(splits, context).map((items) => new PickleTuple(items)),
      { container: 'legacy' },
    ),
};
