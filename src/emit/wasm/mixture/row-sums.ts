/** Sums over the rows that no moment gives: w r, which the step has kept, times expressions of the row. */
import { needed } from '../../../plan/row-body.js';
import type { NodeId } from '../../../plan/row-body.js';
import { count, f64x2, i32, local, multiplyAdd, set, v128, wasmFunction } from '../instructions.js';
import { written } from '../scope.js';
import type { Value, WasmFunction } from '../types.js';
import { bodyWriter, slotsAt } from './body.js';
import { entriesOf, heldColumns, rowSlots, TILE_ROWS, tilesOf } from './types.js';
import type { MixtureLayout, MixtureShape } from './types.js';

/** Vectors of two rows that are under way at once. */
const VECTORS = 2;

/** `sumN(lane)`: the sums of a lane under the responsibilities of the component that is noted, from the N-th's slots. */
export function rowSumFunction(shape: MixtureShape, { regions }: MixtureLayout, n: number): WasmFunction {
  const own = shape.rowSums![n];
  const { body, sums } = own;
  const fused = multiplyAdd(shape.fused);
  const tiles = tilesOf(shape);
  const [lane, tile, end, row] = [local('i32'), local('i32'), local('i32'), local('i32')];
  const [columns, shares, component, out] = [local('i32'), local('i32'), local('i32'), local('i32')];
  const firstOf = (at: Value<'i32'>): Value<'i32'> => i32.divU(i32.mul(at, tiles), shape.lanes);
  const wanted = sums.flatMap(({ shared, entries }) => [shared, ...entries]);
  const read = new Set(
    needed(body, wanted).flatMap((id) => {
      const node = body.nodes[id];
      return node.kind === 'column' ? [node.column] : [];
    }),
  );
  // equal sums are one, as in a symmetric matrix
  const found = new Map<string, ReturnType<typeof vector>>();
  const totals = sums.flatMap(({ shared, entries }) =>
    entries.map((id) => {
      const key = `${String(shared)} ${String(id)}`;
      const total = found.get(key) ?? vector();
      found.set(key, total);
      return total;
    }),
  );

  const isOne = (id: NodeId): boolean => {
    const node = body.nodes[id];
    return node.kind === 'number' && node.value === 1;
  };
  function added(
    entry: NodeId,
    x: Value<'v128'>,
    weight: Value<'v128'>,
    total: Value<'v128'>,
  ): Value<'v128'> {
    if (isOne(entry)) return f64x2.add(total, weight);
    if (isFinite(entry)) return fused.madd(weight, x, total);
    return f64x2.add(total, v128.andNot(f64x2.mul(weight, x), f64x2.eq(weight, 0)));
  }
  /** of columns that are summed too, which are finite, and numbers */
  function isFinite(entry: NodeId): boolean {
    return needed(body, [entry]).every((id) => {
      const node = body.nodes[id];
      if (node.kind === 'column') return node.column < shape.columns;
      if (node.kind === 'power') return node.exponent === 2;
      return node.kind === 'number' || node.kind === 'add' || node.kind === 'product';
    });
  }

  const rows = written((s) => {
    const parts = Array.from({ length: VECTORS }, (_, v) => ({
      share: s.let(v128.load(i32.add(shares, row), 16 * v)),
      u: Array.from({ length: heldColumns(shape) }, (__, a) =>
        // a column that nothing reads is not asked for
        read.has(a) ? s.let(v128.load(i32.add(columns, row), 8 * TILE_ROWS * a + 16 * v)) : vector(),
      ),
    }));
    const value = bodyWriter(
      s,
      body,
      slotsAt(s, body, regions.rowSlots.at + 8 * rowSlots(shape)[n]),
      parts.map(
        ({ u }) =>
          (column) =>
            u[column],
      ),
      fused,
    );
    for (const shared of new Set(sums.map((sum) => sum.shared))) {
      const factors = value(shared, 0);
      // what owns nothing of the row may be no number there
      const weights = parts.map(({ share }, v) =>
        s.let(v128.andNot(f64x2.mul(share, factors[v]), f64x2.eq(share, 0))),
      );
      for (const [key, total] of found) {
        const [of, entry] = key.split(' ').map(Number);
        if (of !== shared) continue;
        value(entry, 0).forEach((x, v) => {
          s.push(set(total, added(entry, x, weights[v], total)));
        });
      }
    }
  });

  return wasmFunction(
    `sum${String(n)}`,
    [lane],
    [
      ...[...found.values()].map((total) => set(total, f64x2.constant(0))),
      set(component, i32.mul(i32.load(i32.constant(regions.component.at)), 8 * TILE_ROWS)),
      set(end, firstOf(i32.add(lane, 1))),
      count(tile, firstOf(lane), end, 1, [
        set(columns, i32.add(i32.mul(tile, 8 * TILE_ROWS * heldColumns(shape)), regions.rows.at)),
        set(
          shares,
          i32.add(
            i32.add(i32.mul(tile, 8 * TILE_ROWS * shape.components), component),
            regions.responsibilities.at,
          ),
        ),
        count(row, 0, i32.constant(8 * TILE_ROWS), 16 * VECTORS, rows, true),
      ]),
      set(out, i32.add(i32.mul(lane, 16 * entriesOf(own)), regions.rowSums.at)),
      ...totals.map((total, at) => v128.store(out, total, 16 * at)),
    ],
  );
}

const vector = () => local('v128');
