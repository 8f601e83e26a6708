/**
 * Threads over shared memory. A job is a function called once for each *lane*, a fixed share of the rows; threads take lanes as
 * they come, and each lane writes to a place of its own. So what comes out does not depend on how many threads there are, nor
 * on which of them was quick.
 *
 * The words that the threads share:
 *
 *     job      its number; waiting threads wake when it changes; negative: the end
 *     left     the number of the function, times 64, and the lanes that nobody has taken. One is taken by an exchange of the
 *              whole word, so that nobody takes one of a function that it does not know
 *     open     lanes that are not finished
 *     failed   1 where a call threw
 *     sent     messages to each thread; one that has received fewer goes for them
 *
 * The calling thread works too, and waits for the others at the end, so that with one thread none is started. Workers that
 * are still starting when a job is done have missed it, and nothing waits for them.
 */
import { host } from '../host/host.js';

/** What is done for a lane. */
export type Call = (lane: number) => void;

export interface Threads {
  /** with the calling one */
  readonly count: number;
  /** Functions `here`, which the other threads make of the value. Returns the number of the first. */
  readonly add: (value: unknown, here: readonly Call[]) => number;
  /** Of functions that are not called any more. */
  readonly remove: (calls: readonly number[]) => void;
  /** Calls a function for every lane, 0 to lanes − 1, and comes back when all are done. Throws what is a defect of ours. */
  readonly run: (call: number, lanes: number) => void;
  /** Lets the threads go. */
  readonly dispose: () => void;
}

/** How many shares the rows are cut into at most, whatever the number of threads. */
export const LANES = 32;

/** Words that the threads share. */
export const WORDS = 16;

const JOB = 0;
const LEFT = 1;
const OPEN = 2;
const FAILED = 3;
const SENT = 4;

/** What is sent to a thread. */
interface Message {
  readonly words: Int32Array;
  readonly first: number;
  /** undefined: no function */
  readonly value: unknown;
  readonly removed: readonly number[];
}

/** `make` is the text of a function from a value that is sent to what threads call. */
export function openThreads(words: Int32Array, threads: number, make: string): Threads {
  const isShared = !(words.buffer instanceof ArrayBuffer);
  const count = isShared ? Math.min(threads, LANES) - 1 : 0;
  const text = threadText(make);
  const start: Message = { words, first: 0, value: undefined, removed: [] };
  const workers = Array.from({ length: count }, () => host.startThread(text, start)).filter(
    (worker) => worker !== undefined,
  );
  Atomics.store(words, SENT, 1);
  const mayWait = isShared && maySleep(words);
  const calls: (Call | undefined)[] = [];
  const send = (message: Message): void => {
    if (workers.length === 0) return;
    Atomics.add(words, SENT, 1);
    for (const worker of workers) worker.send(message);
  };
  return {
    count: workers.length + 1,
    add: (value, here) => {
      const first = calls.length;
      calls.push(...here);
      send({ words, first, value, removed: [] });
      return first;
    },
    remove: (removed) => {
      for (const call of removed) calls[call] = undefined;
      send({ words, first: 0, value: undefined, removed });
      // those asleep have arrays to let go
      Atomics.add(words, JOB, 1);
      Atomics.notify(words, JOB);
    },
    run: (call, lanes) => {
      Atomics.store(words, OPEN, lanes);
      Atomics.store(words, LEFT, call * 64 + lanes);
      Atomics.add(words, JOB, 1);
      if (workers.length > 0) Atomics.notify(words, JOB);
      takeLanes(words, calls);
      for (let open = Atomics.load(words, OPEN); open > 0; open = Atomics.load(words, OPEN))
        if (mayWait) Atomics.wait(words, OPEN, open);
      if (Atomics.exchange(words, FAILED, 0) !== 0) throw new Error('a kernel failed');
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

/**
 * Takes lanes of the present job until none is left; false where its function is not known yet. It names nothing outside
 * itself: workers are given its text.
 */
function takeLanes(words: Int32Array, calls: readonly (Call | undefined)[]): boolean {
  for (;;) {
    const left = Atomics.load(words, 1);
    const lane = (left & 63) - 1;
    if (lane < 0) return true;
    const call = calls[left >> 6];
    if (call === undefined) return false;
    if (Atomics.compareExchange(words, 1, left, left - 1) !== left) continue;
    // the job cannot end before this lane is done
    try {
      call(lane);
    } catch {
      Atomics.store(words, 3, 1);
    }
    if (Atomics.sub(words, 2, 1) === 1) Atomics.notify(words, 2);
  }
}

/** What a worker does between two messages: waits for jobs until there is another message, or the end. */
function work(
  words: Int32Array,
  calls: readonly (Call | undefined)[],
  received: number,
  take: typeof takeLanes,
): void {
  for (;;) {
    const job = Atomics.load(words, 0);
    if (job < 0 || !take(words, calls) || Atomics.load(words, 4) !== received) return;
    Atomics.wait(words, 0, job);
  }
}

/** The function that a worker gets as text. One that cannot make the functions takes no lanes. */
const threadText = (make: string): string => `(() => {
  const calls = [], make = ${make};
  let received = 0;
  return ({ words, first, value, removed }) => {
    received++;
    for (const call of removed) calls[call] = undefined;
    try {
      if (value !== undefined) make(value).forEach((call, n) => (calls[first + n] = call));
    } catch {}
    (${work.toString()})(words, calls, received, ${takeLanes.toString()});
  };
})()`;
