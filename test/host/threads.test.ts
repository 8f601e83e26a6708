/** Threads of Node that are started before it is known what they shall do. */
import { expect, it } from 'vitest';
import { host } from '../../src/host/host.js';

/** Writes its number of values so far, and the last one, where others read it. */
const TEXT = `(() => {
  let count = 0;
  return ({ words, value }) => {
    Atomics.store(words, 1, value);
    Atomics.store(words, 0, ++count);
    Atomics.notify(words, 0);
  };
})()`;

/** Waits until the thread has had that many values; gives the last. */
async function valueAfter(words: Int32Array, count: number): Promise<number> {
  while (Atomics.load(words, 0) < count) await host.rest();
  return Atomics.load(words, 1);
}

it('a thread that is ready does what it is told, and one that is not starts', async () => {
  const release = host.readyThreads(1);
  const all = [3, 4].map((value) => {
    const words = new Int32Array(new SharedArrayBuffer(8));
    return { value, words, thread: host.startThread(TEXT, { words, value })! };
  });
  for (const { value, words, thread } of all) {
    expect(await valueAfter(words, 1)).toBe(value);
    thread.send({ words, value: 10 * value });
    expect(await valueAfter(words, 2)).toBe(10 * value);
    thread.end();
  }
  release();
});

it('those that nobody has taken are let go, and later ones start anew', async () => {
  host.readyThreads(2)();
  const words = new Int32Array(new SharedArrayBuffer(8));
  const thread = host.startThread(TEXT, { words, value: 5 })!;
  expect(await valueAfter(words, 1)).toBe(5);
  thread.end();
});
