/** Some rows as columns. */
import { count, i32, local, set, v128 } from './instructions.js';
import { written } from './scope.js';
import type { Local, Statement } from './types.js';

/** Bytes of the low or the high numbers of two vectors. */
const lanes = (low: boolean): readonly number[] =>
  Array.from({ length: 16 }, (_, byte) => (low ? byte : byte + 8) + (byte < 8 ? 0 : 8));

/**
 * The numbers of an even number of rows, column by column: two rows and two columns at a time. The rows have `width` bytes
 * and begin `from` after `places`; the columns are written one after the other, `to` after `target`.
 */
export function columnsOf(
  places: readonly Local<'i32'>[],
  from: number,
  width: number,
  target: Local<'i32'>,
  to: number,
): readonly Statement[] {
  const [column, into] = [local('i32'), local('i32')];
  const line = 8 * places.length;
  const twoColumns = written((s) => {
    for (let j = 0; j < places.length; j += 2) {
      const [even, odd] = [0, 1].map((n) => s.let(v128.load(i32.add(places[j + n], column), from)));
      s.push(
        v128.store(into, v128.shuffle(even, odd, lanes(true)), to + 8 * j),
        v128.store(into, v128.shuffle(even, odd, lanes(false)), to + line + 8 * j),
      );
    }
    s.push(set(into, i32.add(into, 2 * line)));
  });
  return [set(into, i32.add(target, 0)), count(column, 0, i32.constant(width), 16, twoColumns, true)];
}
