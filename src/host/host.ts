/** Node. */
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Host } from './types.js';

const major = Number.parseInt(process.versions.node);
/** Flags of V8 come and go: these are there in the versions of Node up to this one. */
const NEWEST = 24;

/** Bytes of bytecode that a function runs through before V8 looks whether to optimise it: its own number, and a patient one. */
const BUDGET = 66 * 1024;
const PATIENT = 8 * BUDGET;
/** works that want to be undisturbed at the moment */
let works = 0;
const setBudget = (bytes: number): void => setFlagsFromString(`--interrupt-budget=${String(bytes)}`);

/**
 * What a thread does first: it waits for the text of its function, and calls that with all messages that follow. A port that is
 * closed lets its thread end. The text is compiled as a script, which is allowed where `eval` is not.
 */
const THREAD = `
const { parentPort } = require('node:worker_threads');
const { Script } = require('node:vm');
let run;
parentPort.on('message', (message) => {
  if (message === undefined) parentPort.close();
  else if (run === undefined) run = new Script(message).runInThisContext();
  else run(message);
});
`;

const newThread = (): Worker => {
  // text, so that the thread needs no file of its own beside the bundle
  const worker = new Worker(THREAD, { eval: true, execArgv: [] });
  worker.unref();
  return worker;
};
/** threads that have not been told what to do */
const spare: Worker[] = [];

export const host: Host = {
  version: process.version,
  processors: availableParallelism,
  rest: () => new Promise((resolve) => setImmediate(resolve)),
  spell: 50,
  sharesMemory: true,
  readyThreads: (count) => {
    while (spare.length < count) spare.push(newThread());
    return () => {
      for (const worker of spare.splice(0)) worker.postMessage(undefined);
    };
  },
  startThread: (text, value) => {
    const worker = spare.pop() ?? newThread();
    worker.postMessage(text);
    worker.postMessage(value);
    return {
      send: (more) => {
        worker.postMessage(more);
      },
      end: () => {
        worker.postMessage(undefined);
      },
    };
  },
  // Node 20 has it behind a flag of V8, which says nothing on code that does without; a V8 that has lost the flag complains
  allowRelaxedSimd: () => {
    if (major < 22) setFlagsFromString('--experimental-wasm-relaxed-simd');
  },
  compiled: (compile) => {
    if (major > NEWEST) return compile();
    setFlagsFromString('--no-liftoff');
    try {
      return compile();
    } finally {
      setFlagsFromString('--liftoff');
    }
  },
  undisturbed: async (work) => {
    if (major > NEWEST) return work();
    if (works++ === 0) setBudget(PATIENT);
    try {
      return await work();
    } finally {
      if (--works === 0) setBudget(BUDGET);
    }
  },
};
