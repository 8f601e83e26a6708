/** Adds the sums of all lanes, in their order, to those of the first: what is left to read is one lane’s. */
import { count, f64, f64x2, i32, local, set, v128, wasmFunction } from './instructions.js';
import type { WasmFunction } from './types.js';

/** `total()` of lanes whose sums, of so many bytes each, stand one after the other at `sums`. */
export function totalFunction(sums: number, bytes: number, lanes: number): WasmFunction {
  const [at, from, lane] = [local('i32'), local('i32'), local('i32')];
  const even = bytes - (bytes % 16);
  const last = bytes % 16 === 0 ? [] : [f64.store(at, f64.add(f64.load(at), f64.load(from)))];
  return wasmFunction(
    'total',
    [],
    [
      set(from, i32.constant(sums + bytes)),
      count(lane, 1, i32.constant(lanes), 1, [
        count(at, i32.constant(sums), i32.constant(sums + even), 16, [
          v128.store(at, f64x2.add(v128.load(at), v128.load(from))),
          set(from, i32.add(from, 16)),
        ]),
        ...last,
        set(from, i32.add(from, bytes % 16)),
      ]),
    ],
  );
}
