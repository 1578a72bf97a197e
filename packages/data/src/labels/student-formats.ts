import type { StudentFiles, StudentOptions, StudentSet } from './student-set.js';
import { writeMattnet } from './write-mattnet.js';
import { writeJsonl, writeOdvg, writeRealgin, writeTransvg } from './write-plain-forms.js';
import { writeSimrec } from './write-simrec.js';

/** Files from which one kind of model trains. */
export interface StudentFormat {
  readonly description: string;
  /** Writes the files into a folder of their own, reads them again and compares. @throws {DataFormatError} when they do not hold what they should. */
  readonly write: (directory: string, set: StudentSet, options: StudentOptions) => Promise<StudentFiles>;
}

/** The formats by the name that commands use. */
export const studentFormats = {
  simrec: { description: 'SimREC, RefCLIP and this project: <name>.json, all splits', write: writeSimrec },
  transvg: { description: 'TransVG, ReSC: <name>/<name>_<split>.pth', write: writeTransvg },
  mattnet: { description: 'MAttNet: instances.json and refs(<split by>).p', write: writeMattnet },
  realgin: { description: 'RealGIN: csv/<split>.csv, and <name>.json for its later version', write: writeRealgin },
  odvg: { description: 'MM-Grounding-DINO: <name>_<split>.jsonl, the labelled split', write: writeOdvg },
  jsonl: { description: 'one JSON object per label, with its scores: <name>_<split>.jsonl', write: writeJsonl },
} as const satisfies Record<string, StudentFormat>;

/** See {@link studentFormats}. */
export type StudentFormatName = keyof typeof studentFormats;
