import { createImageIndex } from '@refclip/records';
import { UsageError } from '@refclip/structures';
import type { TruthExpression, TruthSet } from '../truth/truth-set.js';

/** What excluded ids are ids of. */
export type ExcludeBy = 'id' | 'sentence' | 'ref' | 'image';

type Excludable = Pick<TruthExpression, 'id' | 'predictionId' | 'sentenceId' | 'refId'> & {
  readonly imageId?: string | undefined;
};

/**
 * Expressions that are left out on request. Images meet by the rule of `@refclip/records`; an expression's id is the one in its split, or `split:record:expression`.
 */
export class Exclusions {
  readonly #ids: ReadonlySet<string>;
  readonly #by: ExcludeBy;
  /** Ids that belong to something. */
  readonly #found = new Set<string>();
  /** Excluded id by the key of an image of the truth. */
  readonly #byImage = new Map<string, string>();
  /** Of the ids that are no image of the truth, for images that only the predictions name. */
  readonly #otherImages: ReturnType<typeof createImageIndex>;
  readonly #byKey = new Map<string, string>();

  /**
   * @param truth  annotations, where there are some.
   * @throws {UsageError} when the name of an image fits several of the truth's; {DataFormatError} when two names fit one image and contradict each other.
   */
  constructor(ids: ReadonlySet<string>, by: ExcludeBy = 'id', truth?: TruthSet) {
    this.#ids = ids;
    this.#by = by;
    const others: string[] = [];
    if (by === 'image') {
      const images = createImageIndex(
        (truth?.expressions ?? []).map(({ imageId }) => imageId),
        truth?.file,
      );
      const place = { file: 'the excluded images', field: 'image' };
      const unclear: string[] = [];
      for (const id of ids) {
        const fitting = images.candidates(id);
        if (fitting.length > 1) unclear.push(`"${id}" fits ${fitting.slice(0, 5).join(', ')}`);
        else if (fitting.length === 0) others.push(id);
        else this.#byImage.set(images.resolve(id, place)!, id);
        if (fitting.length === 1) this.#found.add(id);
      }
      if (unclear.length > 0) {
        const shown = unclear.slice(0, 5).join('; ');
        const problem = `${unclear.length} excluded images fit several images of ${truth?.file}: ${shown}.`;
        throw new UsageError(`${problem} Write them with folder and extension.`);
      }
    } else for (const expression of truth?.expressions ?? []) this.#find(expression);
    this.#otherImages = createImageIndex(others, 'the excluded images');
    for (const id of others) this.#byKey.set(this.#otherImages.resolve(id)!, id);
  }

  /** @throws {DataFormatError} when the image's name fits several of the excluded ones. */
  has(item: Excludable): boolean {
    return this.#find(item);
  }

  /** Ids that belong to no expression and no prediction, in the order given. To be asked at the end. */
  get unmatched(): readonly string[] {
    return [...this.#ids].filter((id) => !this.#found.has(id));
  }

  #find(item: Excludable): boolean {
    const id = this.#by === 'image' ? this.#imageOf(item.imageId) : this.#idsOf(item).find((one) => this.#ids.has(one));
    if (id === undefined) return false;
    this.#found.add(id);
    return true;
  }

  #imageOf(image: string | undefined): string | undefined {
    if (image === undefined) return undefined;
    const inTruth = this.#byImage.get(image);
    if (inTruth !== undefined || this.#byKey.size === 0) return inTruth;
    const key = this.#otherImages.resolve(image);
    return key === undefined ? undefined : this.#byKey.get(key);
  }

  #idsOf({ id, predictionId, sentenceId, refId }: Excludable): readonly string[] {
    const named: readonly (string | undefined)[] = {
      id: [id, predictionId],
      sentence: [sentenceId],
      ref: [refId],
      image: [],
    }[this.#by];
    return named.filter((one) => one !== undefined);
  }
}
