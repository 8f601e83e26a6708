/**
 * Threads over one shared memory. A job is a function of the module called once for each *lane*, a fixed share of the rows;
 * threads take lanes as they come, and each lane writes to a place of its own. So what comes out does not depend on how many
 * threads there are, nor on which of them was quick.
 *
 * The words that the threads share, at the beginning of the memory:
 *
 *     job      its number; waiting threads wake when it changes; negative: the end
 *     call     which of the module's functions
 *     left     lanes that nobody has taken; taking one is one atomic subtraction, so a thread that comes late takes nothing
 *     open     lanes that are not finished
 *     failed   1 where a call threw
 *
 * The calling thread works too, and waits for the others at the end, so a pool of one thread starts none. Workers that are
 * still starting when a job is done have missed it, and nothing waits for them. In memory that is not shared there is one
 * thread.
 */
import { onOwnMemory } from '../../emit/wasm/own-memory.js';
import { host } from '../../host/host.js';
import { webAssembly } from './webassembly.js';
import type { Instance, Memory, Module } from './webassembly.js';

export interface Pool {
  readonly threads: number;
  /** Calls the function for every lane, 0 to lanes − 1, and comes back when all are done. Throws what is a defect of ours. */
  readonly run: (name: string, lanes: number) => void;
  /** Lets the threads go. */
  readonly dispose: () => void;
}

/** A module that can be written, and all that its text depends on. */
export interface Code {
  readonly kernel: string;
  readonly shape: unknown;
  readonly bytes: () => Uint8Array;
}

/** JSON has no words for some numbers. */
const exactly = (_: string, value: unknown): unknown =>
  typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
    ? `number ${Object.is(value, -0) ? '-0' : String(value)}`
    : value;

/** Modules of late, the oldest first: to write and compile one takes longer than many a fit. */
const latest = new Map<string, Module>();
const KEPT = 16;

/** `isBusy`: the threads leave no processor to make the code better meanwhile. */
function moduleOf({ kernel, shape, bytes }: Code, isShared: boolean, isBusy: boolean): Module {
  const key = JSON.stringify([kernel, isShared, shape], exactly);
  const made = (): Module => new webAssembly.Module(isShared ? bytes() : onOwnMemory(bytes()));
  const module = latest.get(key) ?? (isBusy ? host.compiled(made) : made());
  latest.delete(key);
  latest.set(key, module);
  if (latest.size > KEPT) latest.delete(latest.keys().next().value!);
  return module;
}

/** How many shares the rows are cut into, whatever the number of threads. */
export const LANES = 32;

const JOB = 0;
const CALL = 1;
const LEFT = 2;
const OPEN = 3;
const FAILED = 4;

export function openPool(code: Code, memory: Memory, threads: number): Pool {
  const isShared = !(memory.buffer instanceof ArrayBuffer);
  const module = moduleOf(code, isShared, threads > 1);
  const instance = new webAssembly.Instance(module, { host: { memory } });
  const names = Object.keys(instance.exports);
  const words = new Int32Array(memory.buffer, 0, 16);
  const count = isShared ? Math.min(threads, LANES) - 1 : 0;
  const workers = Array.from({ length: count }, () => host.startThread(WORK, { module, memory })).filter(
    (worker) => worker !== undefined,
  );
  const mayWait = isShared && maySleep(words);
  return {
    threads: workers.length + 1,
    run: (name, lanes) => {
      const call = names.indexOf(name);
      if (call < 0) throw new Error(`the kernel has no function ${name}`);
      words[CALL] = call;
      Atomics.store(words, OPEN, lanes);
      Atomics.store(words, LEFT, lanes);
      Atomics.add(words, JOB, 1);
      if (workers.length > 0) Atomics.notify(words, JOB);
      takeLanes(words, instance, names);
      for (let open = Atomics.load(words, OPEN); open > 0; open = Atomics.load(words, OPEN))
        if (mayWait) Atomics.wait(words, OPEN, open);
      if (Atomics.load(words, FAILED) !== 0) throw new Error(`the kernel's ${name} failed`);
    },
    dispose: () => {
      Atomics.store(words, JOB, -1);
      Atomics.notify(words, JOB);
      for (const worker of workers) worker.end();
    },
  };
}

/**
 * The main thread of a page may not: it looks again and again instead. That is for a part of one lane only, as it takes
 * lanes itself until none is left.
 */
function maySleep(words: Int32Array): boolean {
  try {
    // comes back at once, as the word is another
    Atomics.wait(words, JOB, Atomics.load(words, JOB) + 1, 0);
    return true;
  } catch {
    return false;
  }
}

/** Takes lanes of the present job until none is left. It names nothing outside itself: workers are given its text. */
function takeLanes(words: Int32Array, instance: Instance, names: readonly string[]): void {
  for (;;) {
    const lane = Atomics.sub(words, 2, 1) - 1;
    if (lane < 0) return;
    // the job cannot end, and so its call cannot change, before this lane is done
    try {
      instance.exports[names[words[1]]](lane);
    } catch {
      Atomics.store(words, 4, 1);
    }
    if (Atomics.sub(words, 3, 1) === 1) Atomics.notify(words, 3);
  }
}

/** What a worker does: waits for jobs until the end. */
function work(memory: Memory, instance: Instance, names: readonly string[], take: typeof takeLanes): void {
  const words = new Int32Array(memory.buffer, 0, 16);
  for (let job = 0; job >= 0; job = Atomics.load(words, 0)) {
    take(words, instance, names);
    Atomics.wait(words, 0, job);
  }
}

/** The function that a worker gets as text. */
const WORK = `({ module, memory }) => {
  const instance = new WebAssembly.Instance(module, { host: { memory } });
  (${work.toString()})(memory, instance, Object.keys(instance.exports), ${takeLanes.toString()});
}`;
