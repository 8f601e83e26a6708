/** Words for what is wrong with the meaning of a file. */
import type { ModelProblem } from '../model/problems.js';
import { describe } from './describe.js';
import type { Source, Words } from './describe.js';
import { CONSTRAINTS, DISTRIBUTIONS, SCALES, WARNINGS } from './model/lines.js';
import { INDICES, NAMES, PLATES } from './model/names.js';
import { SHAPES, SIZES, TYPES } from './model/types.js';
import type { Diagnostic } from './types.js';

export const MODEL: Words<ModelProblem> = {
  ...NAMES,
  ...PLATES,
  ...SIZES,
  ...TYPES,
  ...SHAPES,
  ...INDICES,
  ...SCALES,
  ...DISTRIBUTIONS,
  ...CONSTRAINTS,
  ...WARNINGS,
};

/** With `pedantic`, also what is right and may still go wrong. */
export const describeModel = (
  problems: readonly ModelProblem[],
  source: Source,
  options: { readonly pedantic?: boolean } = {},
): readonly Diagnostic[] =>
  describe(
    MODEL,
    problems.filter((p) => p.severity !== 'pedantic' || options.pedantic === true),
    source,
  );
