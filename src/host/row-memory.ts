/**
 * Memory for large tables that a kernel of WebAssembly can have as its own: it finds the columns where they were read, and has
 * room behind them, so that they are in memory once. One kernel at a time has it.
 */
import { host } from './host.js';
import { webAssembly } from './webassembly.js';
import type { Memory } from './webassembly.js';

/** Columns begin after a line of the cache, also where TensorFlow wants a boundary of as much. */
const COLUMNS_AT = 64;
const PAGE = 65536;
/** What may be addressed, of which pages come to be only when they are used. */
const MOST_PAGES = 65536;
/** Smaller tables are copied in no time, and each memory takes some gigabytes of the addresses. */
const LEAST_BYTES = 2 ** 20;
/** Kernels count addresses as signed. */
const MOST_BYTES = 2 ** 31 - PAGE;

interface Place {
  readonly memory: Memory;
  /** where what may be overwritten begins */
  readonly end: number;
  /** up to where it has been, by those who had it */
  used: number;
  isTaken: boolean;
}

const places = new WeakMap<ArrayBufferLike, Place>();

/** A matrix of zeros in such a memory; undefined where there is none, or no use for it. */
export function inRowMemory(length: number): Float64Array | undefined {
  const end = COLUMNS_AT + 8 * length;
  if (!host.sharesMemory || end < LEAST_BYTES || end > MOST_BYTES) return undefined;
  try {
    const memory = new webAssembly.Memory({
      initial: Math.ceil(end / PAGE),
      maximum: MOST_PAGES,
      shared: true,
    });
    places.set(memory.buffer, { memory, end, used: end, isTaken: false });
    return new Float64Array(memory.buffer, COLUMNS_AT, length);
  } catch {
    // without the addresses, or without WebAssembly
    return undefined;
  }
}

export interface TakenMemory {
  readonly memory: Memory;
  readonly giveBack: () => void;
}

/**
 * The memory of which these columns are all the contents, beginning at this address, with so many bytes in all: zeros but for
 * them. undefined where they lie elsewhere or another has it. Throws RangeError where the system has not that much.
 */
export function takeRowMemory(
  columns: readonly Float64Array[],
  at: number,
  bytes: number,
): TakenMemory | undefined {
  if (columns.length === 0 || at !== COLUMNS_AT) return undefined;
  const { buffer, length } = columns[0];
  const place = places.get(buffer);
  const areAll =
    place?.end === COLUMNS_AT + 8 * length * columns.length &&
    columns.every((c, n) => c.buffer === buffer && c.byteOffset === COLUMNS_AT + 8 * length * n);
  if (place === undefined || !areAll || place.isTaken) return undefined;
  const { memory, end, used } = place;
  const more = Math.ceil((bytes - memory.buffer.byteLength) / PAGE);
  if (more > 0) memory.grow(more);
  new Uint8Array(memory.buffer, 0, COLUMNS_AT).fill(0);
  new Uint8Array(memory.buffer, end, used - end).fill(0);
  place.used = Math.max(used, bytes);
  place.isTaken = true;
  return {
    memory,
    giveBack: () => {
      place.isTaken = false;
    },
  };
}
