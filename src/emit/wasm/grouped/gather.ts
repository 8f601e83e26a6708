/** The rows of a group as columns. */
import { columnsOf } from '../columns.js';
import { f64, i32 } from '../instructions.js';
import { written } from '../scope.js';
import type { Local, Statement } from '../types.js';
import { upTo } from './logits.js';
import { GROUP, paddedColumns, workPlaces } from './types.js';
import type { GroupedLayout, GroupedShape } from './types.js';

/** The rows' numbers, column by column. `at` is where the numbers of the rows stand, and `rows` where row 0 would. */
export function gather(
  shape: GroupedShape,
  regions: GroupedLayout['regions'],
  { work, at, rows: from }: Readonly<Record<'work' | 'at' | 'rows', Local<'i32'>>>,
  weighted: boolean,
): readonly Statement[] {
  const own = workPlaces(shape);
  const width = 8 * paddedColumns(shape);
  return written((s) => {
    const rows = upTo(GROUP).map((j) => s.let(i32.load(at, own.order + 4 * j)));
    const places = rows.map((i) => s.let(i32.add(i32.mul(i, width), from)));
    s.push(...columnsOf(places, 0, width, work, own.columns));
    rows.forEach((i, j) => {
      const eights = i32.shl(i, 3);
      if (shape.weighted) s.push(f64.store(work, f64.load(eights, regions.weights.at), own.weights + 8 * j));
      else if (weighted) s.push(f64.store(work, f64.fromI32(i32.ltS(i, shape.rows)), own.weights + 8 * j));
      if (shape.labelled) s.push(f64.store(work, f64.load(eights, regions.labels.at), own.labels + 8 * j));
    });
  });
}
