import { i32, select, set } from '../instructions.js';
import type { Local, Statement } from '../types.js';

/** The lane's share of things numbered from 0: from `at`, before `end`. */
export function share(
  lane: Local<'i32'>,
  at: Local<'i32'>,
  end: Local<'i32'>,
  things: number,
  lanes: number,
): readonly Statement[] {
  const each = Math.ceil(things / lanes);
  return [
    set(at, i32.mul(lane, each)),
    set(end, i32.add(at, each)),
    set(end, select(end, i32.constant(things), i32.ltS(end, things))),
  ];
}
