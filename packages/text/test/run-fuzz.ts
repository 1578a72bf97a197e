// A long campaign: `pnpm --filter @refclip/text fuzz [inputs per reader] [seed]`. Ends with an error at the first input that is not refused properly.
import { RefclipError } from '@refclip/structures';
import { runFuzzCampaign } from '@refclip/testing';
import { fuzzTargets } from './fuzz-readers.js';

await runFuzzCampaign(fuzzTargets, RefclipError.isInstance);
