/**
 * The search for the nearest centres from step to step. What it remembers (an order of the rows, margins) says where to look,
 * never what is found.
 *
 * The first step looks everywhere. Then rows are put in the order of their labels, and margins are kept; once more when many
 * rows have changed their labels since. Where margins leave out too little to pay for themselves, as with clusters that
 * overlap, they rest for some steps.
 */
import { TILE, blocksOf, paddedBlocks, tilesOf } from '../../../emit/wasm/k-means/shape.js';
import { float32In, int32In } from '../memory.js';
import type { Pool } from '../pool.js';
import { LANES } from '../pool.js';
import { writeGaps, writeShifts } from './numbers.js';
import type { Place } from './numbers.js';

/** Share of the blocks that are looked at, above which margins cost more than they save. */
const WORTH = 0.75;
/** Steps without margins before they are tried again. */
const REST = 8;
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
  /** the centres that the margins hold for */
  let known: Float64Array | undefined;
  let steps = 0;
  let rest = 1;
  let moved = 0;
  let orderedAt: number | undefined;

  const pack = (): void => {
    pool.run('pack', LANES);
    known = undefined;
  };
  const order = (): void => {
    orderByLabel(place);
    pack();
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
      const isNear = rest === 0;
      if (isNear) {
        if (orderedAt === undefined || (moved > DISORDER * shape.rows && steps - orderedAt >= SETTLED))
          order();
        if (known === undefined) forget();
        writeShifts(place, known ?? centres, centres);
        writeGaps(place, centres);
      }
      int32In(memory, regions.near)[0] = isNear ? 1 : 0;
      pool.run('assign', LANES);
      const progress = int32In(memory, regions.progress);
      let looked = 0;
      for (let lane = 0; lane < LANES; lane++) {
        looked += progress[2 * lane];
        moved += progress[2 * lane + 1];
      }
      const isTold = known !== undefined;
      known = isNear ? centres : undefined;
      if (!isNear) rest--;
      else if (isTold && looked > WORTH * tiles * blocksOf(shape)) rest = REST;
      steps++;
    },
  };
}

/** Rows in the order of their labels, those of one label as they came. */
function orderByLabel({ memory, regions, shape }: Place): void {
  const labels = int32In(memory, regions.labels);
  const order = int32In(memory, regions.order);
  const inTiles = int32In(memory, regions.tileLabels);
  const next = new Int32Array(shape.components + 1);
  for (let i = 0; i < shape.rows; i++) next[labels[i] + 1]++;
  for (let k = 0; k < shape.components; k++) next[k + 1] += next[k];
  for (let i = 0; i < shape.rows; i++) {
    const at = next[labels[i]]++;
    order[at] = i;
    inTiles[at] = labels[i];
  }
  // what fills the last tile stays there
  for (let i = shape.rows; i < TILE * tilesOf(shape); i++) {
    order[i] = i;
    inTiles[i] = labels[i];
  }
}
