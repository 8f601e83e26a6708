/** The numbers that a row body reads of the parameters, evaluated once a step. */
import { cholesky, inverseLower } from '../linear-algebra/cholesky.js';
import { evaluateFloat64 } from './evaluate-float64.js';
import { frameOf } from './frame.js';
import { setComponent, setStratum } from './program.js';
import type { Indices, RowBody, Source } from './row-body.js';
import type { Parameters, Program } from './types.js';

type SlotFrame = ReturnType<typeof frameOf>;

/**
 * Fills `into` (`body.slots` numbers): for all components and strata, or at one place, whose indices are given. Throws
 * where a scale is not positive definite: fits check that before they ask.
 */
export function fillSlots(
  body: RowBody,
  program: Program,
  parameters: Parameters,
  into: Float64Array,
  place?: Indices,
): void {
  const frame = frameOf(program, parameters);
  body.sources.forEach((source, n) => {
    const combinations = program.strataSizes[source.stratum];
    const components = source.isShared ? 1 : program.components;
    for (let k = 0; k < components; k++)
      for (let combination = 0; combination < combinations; combination++) {
        if (place === undefined) setComponent(program, frame.indices, k);
        else Object.assign(frame.indices, place);
        if (source.stratum > 0) setStratum(program, frame.indices, source.stratum, combination);
        Object.assign(frame.indices, source.at);
        const values = valuesOf(source, frame);
        for (let e = 0; e < source.length; e++)
          into[body.starts[n] + (k * source.length + e) * combinations + combination] = values[e];
      }
    for (const index of Object.keys(source.at)) delete frame.indices[index];
  });
  if (frame.failed) throw new Error('a scale is not positive definite');
}

function valuesOf(source: Source, frame: SlotFrame): ArrayLike<number> {
  switch (source.kind) {
    case 'value':
      return evaluateFloat64(source.of, frame).data;
    case 'total':
      return [source.of.reduce((s, e) => s + evaluateFloat64(e, frame).data[0], 0)];
    case 'whitening': {
      const { size: n } = source;
      const packed = new Float64Array(source.length);
      // a branch that does not hold reads nothing: its matrix need not be one
      if (evaluateFloat64(source.unless, frame).data[0] === 0) return packed;
      const l = cholesky(evaluateFloat64(source.of, frame).data, n);
      if (l === undefined) {
        frame.fail(source.of);
        return packed;
      }
      const w = source.isInverse ? inverseLower(l, n) : l;
      let at = 0;
      for (let i = 0; i < n; i++)
        if (source.isInverse) for (let j = 0; j <= i; j++) packed[at++] = w[i * n + j];
        else for (let j = i; j < n; j++) packed[at++] = w[j * n + i];
      return packed;
    }
  }
}
