import { encodeTorchObject, PickleTuple, readTorchObject } from '@refclip/formats';
import type { AnnotationForm } from './annotation-form.js';
import { readTransvgTuples, transvgBoxes, transvgTuples } from './transvg-tuples.js';

/** TransVG's and ReSC's `<name>_<split>.pth`: a list of tuples, one per expression, saved by PyTorch. */
export const transvgForm: AnnotationForm = {
  description: 'TransVG .pth lists (unc, unc+, gref, gref_umd: xywh; referit, flickr: xyxy); one split per file',
  boxes: transvgBoxes,
  holdsSplits: false,
  needsBoxes: true,
  read: (bytes, context) => readTransvgTuples(readTorchObject(bytes, context.file), context),
  write: (splits, context) => encodeTorchObject(transvgTuples(splits, context).map((items) => new PickleTuple(items))),
};
