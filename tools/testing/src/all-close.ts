/** What two arrays of numbers are compared with: `|actual − expected| ≤ atol + rtol · |expected|`, element by element. */
export interface Tolerance {
  /** Relative tolerance. Default 1e-5. */
  readonly rtol?: number;
  /** Absolute tolerance. Default 1e-6. */
  readonly atol?: number;
  /** Whether NaN equals NaN. Default false. */
  readonly equalNan?: boolean;
}

/** Numbers with an optional shape, as tests hold them. */
export type NumbersLike = ArrayLike<number> | { readonly data: ArrayLike<number>; readonly shape?: readonly number[] };

export interface Comparison {
  readonly pass: boolean;
  readonly message: string;
}

/**
 * Compares element by element; infinities are equal by sign only, NaN only on request.
 *
 * @returns `pass`, and a message with the worst index, both values and the largest absolute and relative error.
 */
export function compareAllClose(actual: NumbersLike, expected: NumbersLike, tolerance: Tolerance = {}): Comparison {
  const { rtol = 1e-5, atol = 1e-6, equalNan = false } = tolerance;
  const a = numbersOf(actual);
  const e = numbersOf(expected);
  const [shapeA, shapeE] = [shapeOf(actual), shapeOf(expected)];
  if (shapeA && shapeE && shapeA.join() !== shapeE.join()) {
    return { pass: false, message: `shapes differ: expected [${shapeE}], got [${shapeA}]` };
  }
  if (a.length !== e.length) {
    return { pass: false, message: `lengths differ: expected ${e.length}, got ${a.length}` };
  }
  let worst = -1;
  let worstExcess = 0;
  let wrong = 0;
  let maxAbsolute = 0;
  let maxRelative = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] as number;
    const y = e[i] as number;
    if (x === y || (equalNan && Number.isNaN(x) && Number.isNaN(y))) continue;
    const difference = Math.abs(x - y);
    const finite = Number.isFinite(x) && Number.isFinite(y);
    const excess = finite ? difference - (atol + rtol * Math.abs(y)) : Number.POSITIVE_INFINITY;
    if (finite) {
      maxAbsolute = Math.max(maxAbsolute, difference);
      if (y !== 0) maxRelative = Math.max(maxRelative, difference / Math.abs(y));
    }
    if (excess > 0) {
      wrong++;
      if (worst < 0 || excess > worstExcess) {
        worst = i;
        worstExcess = excess;
      }
    }
  }
  if (worst < 0) return { pass: true, message: `all ${a.length} values are close` };
  return {
    pass: false,
    message:
      `${wrong} of ${a.length} values differ (rtol ${rtol}, atol ${atol}); worst at ${worst}: ` +
      `expected ${e[worst]}, got ${a[worst]}; largest absolute error ${maxAbsolute}, relative ${maxRelative}`,
  };
}

function numbersOf(value: NumbersLike): ArrayLike<number> {
  return 'data' in value ? value.data : value;
}

function shapeOf(value: NumbersLike): readonly number[] | undefined {
  return 'data' in value ? value.shape : undefined;
}
