/** What the code of a tile works on. */
import { block, branch, i32, loop, set } from '../instructions.js';
import type { Local, Statement, Value } from '../types.js';
import type { Pair, Ranking } from './score.js';

export type Vector = Value<'v128'>;
export type Index = Local<'i32'>;

export interface TileState {
  readonly lane: Index;
  readonly tile: Index;
  /** the lane's own: largest scores by block, and the blocks that are looked at */
  readonly tops: Index;
  readonly list: Index;
  /** whether margins are kept */
  readonly near: Index;
  /** blocks looked at, and labels changed, by the lane */
  readonly looked: Index;
  readonly moved: Index;
  readonly x: Index;
  readonly margins: Index;
  readonly labels: Index;
  readonly listed: Index;
  readonly done: Index;
  readonly usedUp: Index;
  readonly ranking: Ranking;
  /** how far off a score of the tile may be */
  readonly error: Local<'v128'>;
  readonly squares: Pair<Local<'v128'>>;
  readonly off: Local<'v128'>;
}

/** The body for each bit that is set, its number in `bit`; none is set afterwards. */
export const eachBit = (bits: Index, bit: Index, body: readonly Statement[]): Statement =>
  block((leave) => [
    loop((again) => [
      branch(leave, i32.eqz(bits)),
      set(bit, i32.ctz(bits)),
      set(bits, i32.and(bits, i32.sub(bits, 1))),
      ...body,
      branch(again),
    ]),
  ]);
