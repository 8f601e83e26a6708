/**
 * The search for the nearest centres from step to step. What it remembers (an order of the rows, margins) says where to look,
 * never what is found.
 *
 * The first step looks everywhere. Then rows are put in the order of their labels, and margins are kept; once more when many
 * rows have changed their labels since. Where margins leave out too little to pay for themselves, as while centres still move
 * far among clusters that overlap, they rest until the centres move less.
 */
import { blocksOf, paddedBlocks, tilesOf } from '../../../emit/wasm/k-means/shape.js';
import { float32In, int32In } from '../memory.js';
import type { Pool } from '../pool.js';
import { LANES } from '../pool.js';
import { writeGaps, writeShifts } from './numbers.js';
import type { Place } from './numbers.js';

/** Share of the blocks that are looked at, above which margins cost more than they save. */
const WORTH = 0.75;
/** Margins are tried again when the centres move by less than this share of what they moved by when margins were of no use. */
const CALMER = 0.5;
/** Share of the rows with another label, above which they are ordered anew, and the fewest steps between. */
const DISORDER = 0.2;
const SETTLED = 3;

export interface Search {
  /** Leaves the labels in memory; the kernel's centres are there. `centres` are theirs in the tiles' coordinates. */
  readonly assign: (centres: Float64Array) => void;
  /** Writes the tiles; their margins are gone. */
  readonly pack: () => void;
}

export function openSearch(place: Place, pool: Pool): Search {
  const { memory, regions, shape } = place;
  const tiles = tilesOf(shape);
  /** the centres of the step before, and whether the margins hold for them */
  let before: Float64Array | undefined;
  let areKept = false;
  /** how far centres moved when margins were of no use */
  let restless = Infinity;
  let steps = 0;
  let moved = 0;
  let orderedAt: number | undefined;

  const pack = (): void => {
    pool.run('pack', LANES);
    areKept = false;
  };
  const order = (): void => {
    pool.run('order', LANES);
    areKept = false;
    orderedAt = steps;
    moved = 0;
  };
  const forget = (): void => {
    const margins = float32In(memory, regions.margins);
    const [blocks, padded] = [blocksOf(shape), paddedBlocks(shape)];
    margins.fill(-1);
    if (blocks < padded)
      for (let t = 0; t < tiles; t++) margins.fill(Infinity, t * padded + blocks, (t + 1) * padded);
  };

  return {
    pack,
    assign: (centres) => {
      const shift = before === undefined ? Infinity : writeShifts(place, before, centres);
      const isNear = shift < CALMER * restless;
      if (isNear) {
        if (orderedAt === undefined || (moved > DISORDER * shape.rows && steps - orderedAt >= SETTLED))
          order();
        if (!areKept) forget();
        writeGaps(place, centres);
      }
      int32In(memory, regions.near)[0] = isNear ? 1 : 0;
      pool.run('assign', LANES);
      const { looked, changed } = progressOf(place);
      moved += changed;
      if (!isNear) areKept = false;
      else if (areKept && looked > WORTH * tiles * blocksOf(shape)) {
        restless = shift;
        areKept = false;
      } else areKept = true;
      before = centres;
      steps++;
    },
  };
}

/** Blocks that were looked at, and labels that have changed, in the last step. */
function progressOf({ memory, regions }: Place): { readonly looked: number; readonly changed: number } {
  const progress = int32In(memory, regions.progress);
  let [looked, changed] = [0, 0];
  for (let lane = 0; lane < LANES; lane++) {
    looked += progress[2 * lane];
    changed += progress[2 * lane + 1];
  }
  return { looked, changed };
}
