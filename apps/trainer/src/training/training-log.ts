import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type EventImage, encodeEvent, encodeFileVersion } from '../tensorboard/encode-event.js';

/** The record of a run: `log.jsonl` for programs, an event file for TensorBoard. */
export interface TrainingLog {
  /** One line, and its numbers as scalars at a step. `prefix` groups them in TensorBoard. */
  write(step: number, entry: Readonly<Record<string, number | null | undefined>>, prefix: string): void;
  /** Pictures at a step, for TensorBoard alone. */
  writeImages(step: number, images: Readonly<Record<string, EventImage>>): void;
  /** Lengths of the files in bytes, by name. */
  readonly lengths: Readonly<Record<string, number>>;
  close(): void;
}

/** The log for programs, in a run directory. */
export const logName = 'log.jsonl';

/** How names of event files begin. */
export const eventsStart = 'events.out.tfevents.';

/**
 * Opens the log files of a run.
 *
 * @param lengths  of a saved state: what was written after it is cut off. Absent: a new run.
 */
export async function openTrainingLog(
  folder: string,
  lengths?: Readonly<Record<string, number>>,
): Promise<TrainingLog> {
  const known = (await readdir(folder)).find((name) => name.startsWith(eventsStart));
  const eventsName = known ?? `${eventsStart}${Math.floor(Date.now() / 1000)}.refclip`;
  const files = { log: logName, events: eventsName };
  const open = (name: string) => {
    const descriptor = openSync(join(folder, name), 'a');
    const kept = lengths?.[name] ?? 0;
    if (fstatSync(descriptor).size > kept) ftruncateSync(descriptor, kept);
    return descriptor;
  };
  const log = open(files.log);
  const events = open(files.events);
  const now = () => Date.now() / 1000;
  if (fstatSync(events).size === 0) writeSync(events, encodeFileVersion(now()));
  return {
    write(step, entry, prefix) {
      writeSync(log, `${JSON.stringify(entry)}\n`);
      const scalars = Object.entries(entry).flatMap(([name, value]) =>
        value === undefined || value === null || name === 'step' || name === 'epoch'
          ? []
          : [[`${prefix}/${name}`, value] as const],
      );
      writeSync(events, encodeEvent({ wallTime: now(), step, scalars: Object.fromEntries(scalars) }));
    },
    writeImages(step, images) {
      writeSync(events, encodeEvent({ wallTime: now(), step, images }));
    },
    get lengths() {
      return { [files.log]: fstatSync(log).size, [files.events]: fstatSync(events).size };
    },
    close() {
      closeSync(log);
      closeSync(events);
    },
  };
}
