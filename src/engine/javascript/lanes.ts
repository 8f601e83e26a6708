/**
 * The rows of a session in lanes, each gone through by itself: kernels (`compiled.ts`) are called for rows [from, to), and where
 * the data are large several threads take the lanes. How rows are cut depends on them alone, lanes write to places of their
 * own, and what they have summed is added in their order: so the bits are the same for any number of threads.
 *
 * Threads read memory that they share. What the rows are is copied into it once; with one thread nothing is copied.
 */
import { host } from '../../host/host.js';
import { LANES, openThreads, WORDS } from '../threads.js';
import type { Threads } from '../threads.js';
import type { RowData } from '../types.js';
import { KERNEL_FUNCTIONS, madeKernels } from './compiled.js';
import { once } from './once.js';

export interface LaneOptions {
  readonly threads: number;
  /** operations of a pass from which on rows are cut into lanes and other threads started */
  readonly limit?: number;
  /** rows of a lane, at least */
  readonly leastRows?: number;
}

/** A pass over all rows: returns what the kernel has returned for each lane. */
export type Pass = () => Float64Array;

export interface Lanes {
  readonly count: number;
  /** lane l has rows [bounds[l], bounds[l + 1]) */
  readonly bounds: Int32Array;
  /** Zeros that all threads can write. */
  readonly floats: (length: number) => Float64Array;
  readonly ints: (length: number) => Int32Array;
  /** The same numbers where all threads can read them: a copy where there are other threads, the same one for the same array. */
  readonly shared: <T extends Numbers>(numbers: T) => T;
  /** A copy that all threads can write. */
  readonly copied: <T extends Numbers>(numbers: T) => T;
  readonly sharedRows: (data: RowData) => RowData;
  /** Gives what others have made to kernels, which read the same array at every pass; what these lanes have made, as it is. */
  readonly holding: (length: number) => (numbers: Float64Array) => Float64Array;
  /**
   * A pass of a function that a text makes, or of the one of that name among several: it is called with the bounds of a lane,
   * arguments that are the same for all, and those of the lane.
   */
  readonly pass: (
    source: string,
    name: string | undefined,
    args: readonly unknown[],
    own?: readonly (readonly unknown[])[],
  ) => Pass;
  /** Lets threads and memory go. */
  readonly dispose: () => void;
}

type Numbers = Float64Array | Int32Array | Uint8Array;

/**
 * An operation takes about half a nanosecond. Measured with two threads: at so many a step takes two thirds of the time, and
 * starting the other thread, which has to make its code fast too, is repaid after some sixty steps; at twice as many, after
 * twenty.
 */
const LIMIT = 2e6;
/** So that what a lane needs for itself, as its sums, is little beside going through its rows. */
const LEAST_ROWS = 512;

/** `operations` are those of a row in the largest pass, and `numbers` those that a lane keeps for itself. */
export function openLanes(
  rows: number,
  { operations, numbers }: { readonly operations: number; readonly numbers: number },
  { threads: wanted, limit = LIMIT, leastRows = LEAST_ROWS }: LaneOptions,
): Lanes {
  const isLarge = rows * operations >= limit;
  const most = isLarge ? Math.floor(rows / Math.max(leastRows, numbers)) : 1;
  const count = Math.min(Math.max(most, 1), LANES);
  const bounds = Int32Array.from({ length: count + 1 }, (_, lane) => Math.floor((lane * rows) / count));
  const threads = count > 1 && wanted > 1 && host.sharesMemory ? threadsOf(wanted) : undefined;
  const isShared = threads !== undefined;
  const own = new WeakSet<Numbers>();
  const copies = new WeakMap<Numbers, Numbers>();
  const calls: number[] = [];
  const known = new Map<string, unknown>();
  const buffer = (bytes: number): ArrayBufferLike =>
    isShared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  const ours = <T extends Numbers>(numbers: T): T => {
    own.add(numbers);
    return numbers;
  };
  const floats = (length: number): Float64Array => ours(new Float64Array(buffer(8 * length)));
  const copied = <T extends Numbers>(numbers: T): T =>
    ours(isShared ? inShared(numbers) : (numbers.slice() as T));
  const shared = <T extends Numbers>(numbers: T): T => {
    if (!isShared || numbers.buffer instanceof SharedArrayBuffer) return numbers;
    const found = (copies.get(numbers) as T | undefined) ?? copied(numbers);
    copies.set(numbers, found);
    return found;
  };
  const results = floats(count);
  return {
    count,
    bounds,
    floats,
    ints: (length) => ours(new Int32Array(buffer(4 * length))),
    shared,
    copied,
    holding: (length) => {
      let held: Float64Array | undefined;
      return (numbers) => {
        if (own.has(numbers)) return numbers;
        held ??= floats(length);
        held.set(numbers);
        return held;
      };
    },
    sharedRows: (data) =>
      isShared
        ? {
            ...data,
            columns: data.columns.map(shared),
            weights: data.weights && shared(data.weights),
            groups: data.groups && { ...data.groups, of: shared(data.groups.of) },
            labels: data.labels.map((l) => l && shared(l)),
            ...(data.strata && { strata: data.strata.map(shared) }),
            ...(data.supports && { supports: data.supports.map(shared) }),
          }
        : data,
    pass: (source, name, args, ownArgs) => {
      const text = known.get(source) ?? madeKernels(source);
      known.set(source, text);
      const f = (name === undefined ? text : (text as Record<string, unknown>)[name]) as Kernel;
      const here = (lane: number): void => {
        results[lane] = f(bounds[lane], bounds[lane + 1], ...args, ...(ownArgs?.[lane] ?? []))!;
      };
      const alone = (): Float64Array => {
        for (let lane = 0; lane < count; lane++) here(lane);
        return results;
      };
      if (threads === undefined) return alone;
      const call = threads.add({ source, name, bounds, args, ownArgs, results }, [here]);
      calls.push(call);
      return () => {
        threads.run(call, count);
        return results;
      };
    },
    dispose: once(() => {
      if (threads === undefined) return;
      threads.remove(calls);
      release(threads);
    }),
  };
}

type Kernel = (from: number, to: number, ...more: readonly unknown[]) => number | undefined;

function inShared<T extends Numbers>(numbers: T): T {
  const of = numbers.constructor as new (buffer: SharedArrayBuffer) => T;
  const found = new of(new SharedArrayBuffer(numbers.byteLength));
  found.set(numbers);
  return found;
}

// ------------------------------------------------------------------------------------------------ threads

/** In a worker: what `pass` calls for a lane. */
const MAKE = `(() => {
  const functions = ${KERNEL_FUNCTIONS};
  const known = new Map();
  return ({ source, name, bounds, args, ownArgs, results }) => {
    const made = known.get(source) ?? new Function('functions', source)(functions);
    known.set(source, made);
    const f = name === undefined ? made : made[name];
    return [
      (lane) => {
        results[lane] = f(bounds[lane], bounds[lane + 1], ...args, ...(ownArgs?.[lane] ?? []));
      },
    ];
  };
})()`;

/** Threads of a process, which its sessions share, by their number: no two passes are at the same time. */
const pools = new Map<number, { readonly threads: Threads; users: number }>();

function threadsOf(count: number): Threads {
  const known = pools.get(count);
  const pool = known ?? {
    threads: openThreads(new Int32Array(new SharedArrayBuffer(4 * WORDS)), count, MAKE),
    users: 0,
  };
  pools.set(count, pool);
  pool.users++;
  return pool.threads;
}

function release(threads: Threads): void {
  for (const [count, pool] of pools) {
    if (pool.threads !== threads || --pool.users > 0) continue;
    pools.delete(count);
    threads.dispose();
  }
}
