/** Sums over the rows that Newton's method and weights of the rows ask for, from the kernel that has made the responsibilities. */
import { whyNotInLanes } from '../../../emit/wasm/mixture/body.js';
import { entriesOf } from '../../../emit/wasm/mixture/types.js';
import type { RowSums } from '../../../emit/wasm/mixture/types.js';
import { lowerSums, wantedOf } from '../../../plan/lower-rows.js';
import type { SumBody } from '../../../plan/lower-rows.js';
import { hoistRows } from '../../../plan/passes/hoist-rows.js';
import type { NodeId } from '../../../plan/row-body.js';
import { fillSlots } from '../../../plan/slots.js';
import { asksRows } from '../../../plan/types.js';
import type { Moments, Program } from '../../../plan/types.js';
import type { Expr } from '../../../algebra/types.js';
import { askedTogether, coordinatesIn, indicesAt } from '../../javascript/row-reading.js';

/** Expressions whose sums are made at once. */
export interface AskedSums {
  readonly list: readonly Expr[];
  readonly lowered: SumBody;
  /** what is the same at every step, of the lowered body */
  readonly once: readonly NodeId[];
  readonly body: SumBody['body'];
}

/** Sums with more entries than this are not written out. */
const UNROLLED = 64;

/** What has no form in lanes of all that is asked of the rows, in words. */
export function whyNotAsked(program: Program): string | undefined {
  for (const { reading, stratum, hidden } of program.plan.statistics.filter((s) => asksRows(s.reading))) {
    if (reading.kind !== 'general') return 'a median of the rows';
    if (stratum > 0) return 'sums over the rows of a category';
    if (hidden?.length !== program.axisSizes.length) return 'sums over the rows that no component owns';
    if (coordinatesIn(reading.body).length > 0) return 'sums over the rows for each coordinate';
  }
  for (const { body, lowered } of askedSums(program, program.columns.length)) {
    const wanted = wantedOf(lowered);
    if (wanted.length > UNROLLED) return 'sums over the rows with many entries';
    for (const id of wanted) {
      const reason = whyNotInLanes(body, id);
      if (reason !== undefined) return reason;
    }
  }
  return undefined;
}

/** `columns`: those that are there before what each of the sums computes once. */
export function askedSums(program: Program, columns: number): readonly AskedSums[] {
  const found: AskedSums[] = [];
  let before = columns;
  for (const { reading } of program.plan.statistics) {
    if (reading.kind !== 'general' || found.some(({ list }) => list.includes(reading.body))) continue;
    const list = askedTogether(program, reading.body);
    const lowered = lowerSums(list, program, {});
    const { body, once } = hoistRows(lowered.body, wantedOf(lowered), before);
    before += once.length;
    found.push({ list, lowered, once, body });
  }
  return found;
}

interface RowSumMemory {
  readonly slots: Float64Array;
  /** [lanes, entries, 2] */
  readonly out: Float64Array;
  readonly run: (component: number) => void;
}

/** Reads them under the responsibilities of the last step, as long as these last; what was found last at a place is kept. */
export function rowSumReader(
  program: Program,
  asked: readonly AskedSums[],
  shapes: readonly RowSums[],
  memory: (n: number) => RowSumMemory,
  lanes: number,
): () => NonNullable<Moments['rowSum']> {
  const own = asked.map((_, n) => memory(n));
  return () => {
    const known = new Map<string, { readonly slots: Float64Array; readonly out: Float64Array }>();
    return (e, at) => {
      const n = asked.findIndex(({ list }) => list.includes(e));
      const { list, lowered } = asked[n];
      const { slots, out, run } = own[n];
      const indices = indicesAt(program, at);
      fillSlots(lowered.body, program, at.parameters, slots, indices);
      const place = JSON.stringify([n, at.component, indices]);
      let last = known.get(place);
      if (last === undefined || last.slots.some((x, s) => !Object.is(x, slots[s]))) {
        run(at.component!);
        last = { slots: slots.slice(), out: totals(out, entriesOf(shapes[n]), lanes) };
        known.set(place, last);
      }
      const before = lowered.sums.slice(0, list.indexOf(e)).reduce((sum, s) => sum + s.entries.length, 0);
      return last.out.slice(before, before + lowered.sums[list.indexOf(e)].entries.length);
    };
  };
}

/** The two halves of the vectors of all lanes, in their order. */
const totals = (out: Float64Array, entries: number, lanes: number): Float64Array =>
  Float64Array.from({ length: entries }, (_, e) => {
    let sum = 0;
    for (let lane = 0; lane < lanes; lane++)
      sum += out[2 * (lane * entries + e)] + out[2 * (lane * entries + e) + 1];
    return sum;
  });
