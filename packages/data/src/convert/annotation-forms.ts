import type { AnnotationForm } from './annotation-form.js';
import { cocoForm } from './coco-form.js';
import { csvForm } from './csv-form.js';
import { googleForm } from './google-form.js';
import { jsonlForm } from './jsonl-form.js';
import { odvgForm, odvgGroundingForm } from './odvg-form.js';
import { realginForm } from './realgin-form.js';
import { simrecForm } from './simrec-form.js';
import { transvgForm } from './transvg-form.js';

/** The forms by the name that commands use. REFER pairs are read by `convertRefer`, since they are two files. */
export const annotationForms = {
  simrec: simrecForm,
  transvg: transvgForm,
  odvg: odvgForm,
  'odvg-grounding': odvgGroundingForm,
  realgin: realginForm,
  google: googleForm,
  coco: cocoForm,
  jsonl: jsonlForm,
  csv: csvForm,
} as const satisfies Record<string, AnnotationForm>;

export type AnnotationFormName = keyof typeof annotationForms;
