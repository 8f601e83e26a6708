/** Node. */
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Host } from './types.js';

export const host: Host = {
  version: process.version,
  processors: availableParallelism,
  rest: () => new Promise((resolve) => setImmediate(resolve)),
  spell: 50,
  sharesMemory: true,
  // text, so that the thread needs no file of its own beside the bundle
  startThread: (text, value) => {
    const worker = new Worker(`(${text})(require('node:worker_threads').workerData)`, {
      eval: true,
      workerData: value,
      execArgv: [],
    });
    worker.unref();
    return { end: () => undefined };
  },
  // Node 20 has it behind a flag of V8, which says nothing on code that does without; a V8 that has lost the flag complains
  allowRelaxedSimd: () => {
    if (Number.parseInt(process.versions.node) < 22) setFlagsFromString('--experimental-wasm-relaxed-simd');
  },
};
