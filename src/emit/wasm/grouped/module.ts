/** The kernel's module: `flat(lane)`, `step(lane)` and `fall(lane)` add up the rows of a lane, as `types.ts` says, `total()` the lanes. */
import { encodeModule } from '../encoder.js';
import {
  block,
  branch,
  call,
  count,
  f64x2,
  i32,
  local,
  set,
  v128,
  wasmFunction,
  when,
} from '../instructions.js';
import type { Operand } from '../instructions.js';
import { MEMORY_IMPORT } from '../layout.js';
import type { Local, Statement, WasmFunction } from '../types.js';
import { orderOf } from '../order.js';
import { rowsFunction } from '../rows.js';
import { totalFunction } from '../totals.js';
import { groupFunction } from './group.js';
import { upTo } from './logits.js';
import { GROUP, paddedColumns, rowsPerBlock, rowsPerLane, sumsPerLane, workPlaces } from './types.js';
import type { GroupedLayout, GroupedShape, LogitForm } from './types.js';

export function groupedModule(shape: GroupedShape, layout: GroupedLayout): Uint8Array {
  const { regions } = layout;
  const writeRows = rowsFunction({ ...shape, width: paddedColumns(shape) }, regions);
  return encodeModule({
    memory: MEMORY_IMPORT,
    functions: [
      ...formsOf(shape).map((form) => laneFunction(shape, layout, form, writeRows)),
      totalFunction(regions.sums.at, 16 * sumsPerLane(shape), shape.lanes),
    ],
  });
}

const formsOf = ({ logits }: GroupedShape): readonly LogitForm[] =>
  logits === 'none' ? ['flat', 'step'] : ['flat', 'step', 'fall'];

function laneFunction(
  shape: GroupedShape,
  layout: GroupedLayout,
  form: LogitForm,
  writeRows: WasmFunction,
): WasmFunction {
  const { regions } = layout;
  const own = workPlaces(shape);
  const perBlock = rowsPerBlock(shape);
  const [lane, work, sums, at, rows] = upTo(5).map(() => local('i32'));
  const [first, end, stop, group, last] = upTo(5).map(() => local('i32'));
  const share = rowsPerLane(shape);
  const perLane = 16 * sumsPerLane(shape);
  const atMost = (a: Local<'i32'>, b: Operand<'i32'>): Statement =>
    when(i32.gtS(a, b), [set(a, i32.add(b, 0))]);
  const run = (weighted: boolean): Statement =>
    call(groupFunction(shape, layout, { form, weighted }), [work, rows, group, sums]);
  const places = { owners: regions.owners.at, places: own.places, order: own.order };
  const order = orderOf(places, shape.components, work, [first, end], last);
  const rowsLeft = i32.sub(end, first);
  const isWhole = i32.leS(i32.add(group, 4 * GROUP), i32.shl(rowsLeft, 2));
  // rows beyond the last have weight 0
  const oneGroup =
    shape.weighted || shape.rows % GROUP === 0
      ? run(shape.weighted)
      : when(isWhole, [run(false)], [run(true)]);
  return wasmFunction(
    form,
    [lane],
    [
      set(work, i32.add(i32.mul(lane, own.bytes), regions.work.at)),
      set(sums, i32.add(i32.mul(lane, perLane), regions.sums.at)),
      count(at, sums, i32.add(sums, perLane), 16, [v128.store(at, f64x2.constant(0))]),
      set(first, i32.mul(lane, share)),
      set(stop, i32.add(first, share)),
      atMost(stop, shape.rows),
      block((leave) => [
        branch(leave, i32.geS(first, stop)),
        count(first, first, stop, perBlock, [
          set(end, i32.add(first, perBlock)),
          atMost(end, stop),
          call(writeRows, [first, end, i32.add(work, own.rows)]),
          set(rows, i32.sub(i32.add(work, own.rows), i32.mul(first, 8 * paddedColumns(shape)))),
          ...order,
          // the row of zeros up to a whole group
          ...upTo(GROUP).map((j) => i32.store(last, shape.rows, 4 * j)),
          count(group, 0, i32.shl(rowsLeft, 2), 4 * GROUP, [oneGroup], true),
        ]),
      ]),
    ],
  );
}
