/** The rows of a group as columns. */
import { count, f64, i32, local, set, v128 } from '../instructions.js';
import { written } from '../scope.js';
import type { Local, Statement } from '../types.js';
import { upTo } from './logits.js';
import { GROUP, LINE, paddedColumns, VECTORS, workPlaces } from './types.js';
import type { GroupedLayout, GroupedShape } from './types.js';

/**
 * The rows' numbers, column by column: two rows and two columns at a time. `at` is where the numbers of the rows stand, and
 * `rows` where row 0 would.
 */
export function gather(
  shape: GroupedShape,
  regions: GroupedLayout['regions'],
  { work, at, rows: from }: Readonly<Record<'work' | 'at' | 'rows', Local<'i32'>>>,
  weighted: boolean,
): readonly Statement[] {
  const own = workPlaces(shape);
  const columns = paddedColumns(shape);
  const [first, into] = [local('i32'), local('i32')];
  const lanes = (low: boolean): readonly number[] =>
    upTo(16).map((byte) => (low ? byte : byte + 8) + (byte < 8 ? 0 : 8));
  return written((s) => {
    const rows = upTo(GROUP).map((j) => s.let(i32.load(at, own.order + 4 * j)));
    const places = rows.map((i) => s.let(i32.add(i32.mul(i, 8 * columns), from)));
    const twoColumns = written((inner) => {
      for (const v of upTo(VECTORS)) {
        const [even, odd] = [0, 1].map((n) => inner.let(v128.load(i32.add(places[2 * v + n], first))));
        inner.push(
          v128.store(into, v128.shuffle(even, odd, lanes(true)), own.columns + 16 * v),
          v128.store(into, v128.shuffle(even, odd, lanes(false)), own.columns + LINE + 16 * v),
        );
      }
      inner.push(set(into, i32.add(into, 2 * LINE)));
    });
    s.push(set(into, i32.add(work, 0)), count(first, 0, i32.constant(8 * columns), 16, twoColumns, true));
    rows.forEach((i, j) => {
      const eights = i32.shl(i, 3);
      if (shape.weighted) s.push(f64.store(work, f64.load(eights, regions.weights.at), own.weights + 8 * j));
      else if (weighted) s.push(f64.store(work, f64.fromI32(i32.ltS(i, shape.rows)), own.weights + 8 * j));
      if (shape.labelled) s.push(f64.store(work, f64.load(eights, regions.labels.at), own.labels + 8 * j));
    });
  });
}
