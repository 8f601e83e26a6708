/** Other programs with a time limit, one process at a time on a shared folder, and what can go wrong with them. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import * as fs from 'node:fs/promises';

/** @typedef {{ ok: true, output: string } | { ok: false, why: string }} Result */
/** @typedef {{ seconds: number, folder?: string, environment?: Record<string, string> }} Limits */

export const MINUTE = 60;

/** A way that did not lead there. Anything else that is thrown is a defect. */
export class SetUpProblem extends Error {
  /**
   * @param {string} why
   * @param {string} [remedy]
   */
  constructor(why, remedy) {
    super(why);
    this.remedy = remedy;
  }
}

/**
 * @param {unknown} error
 * @returns {SetUpProblem} the problem, when it is one of the world's (a full disk, a missing right) and not a defect
 */
export function asProblem(error) {
  if (error instanceof SetUpProblem) return error;
  if (error instanceof Error && 'code' in error && 'syscall' in error) return new SetUpProblem(error.message);
  throw error;
}

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM']);

/**
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {Limits} limits
 * @returns {Promise<Result>} never rejects: a program that is missing, fails or hangs is an answer too
 */
export function run(command, parameters, limits) {
  return new Promise((resolve) => {
    const ownGroup = process.platform !== 'win32';
    const child = spawn(command, parameters, {
      ...(limits.folder === undefined ? {} : { cwd: limits.folder }),
      env: { ...process.env, ...limits.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that the time limit also ends what the program has started.
      detached: ownGroup,
      // npm is a script there.
      shell: process.platform === 'win32' && command === 'npm',
    });
    const stop = () => {
      if (ownGroup && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      else child.kill('SIGKILL');
    };
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output = (output + String(text)).slice(-100_000)));
    }
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      stop();
    }, limits.seconds * 1000);
    const interrupted = () => {
      stop();
      process.exit(130);
    };
    for (const signal of SIGNALS) process.once(signal, interrupted);
    /** @param {Result} result */
    const end = (result) => {
      clearTimeout(timer);
      for (const signal of SIGNALS) process.removeListener(signal, interrupted);
      resolve(result);
    };
    child.on('error', (error) => end({ ok: false, why: error.message }));
    child.on('close', (status, signal) => {
      if (status === 0) end({ ok: true, output });
      else if (late) end({ ok: false, why: `no end after ${limits.seconds} s` });
      else end({ ok: false, why: tellingLine(output) ?? `ended by ${signal ?? `status ${status}`}` });
    });
  });
}

/**
 * @param {string} output
 * @returns {string | undefined} the line that says most about what went wrong
 */
export function tellingLine(output) {
  const lines = output.split('\n').map((line) => line.trim());
  const telling =
    lines.find((line) => /\berror\b.*[:!]/i.test(line) || /^\w*Error\b/.test(line)) ??
    lines.findLast((line) => line !== '');
  return telling === undefined || telling.length <= 200 ? telling : `${telling.slice(0, 200)}…`;
}

/** The holder of a lock touches it this often, so one that was not touched for much longer has lost its holder. */
const TOUCH_SECONDS = 2;
const STALE_AFTER_SECONDS = 30;

/**
 * @template T
 * @param {string} file
 * @param {(line: string) => void} say
 * @param {() => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withLock(file, say, use) {
  for (let waited = 0; !(await take(file)); waited++) {
    if (waited === 0) say('waiting for another set-up to finish');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const touch = setInterval(() => {
    const now = new Date();
    fs.utimes(file, now, now).catch(() => undefined);
  }, TOUCH_SECONDS * 1000);
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await use();
  } finally {
    clearInterval(touch);
    process.removeListener('exit', release);
    release();
  }
}

/**
 * @param {string} file
 * @returns {Promise<boolean>}
 */
async function take(file) {
  try {
    await fs.writeFile(file, `process ${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const touched = await fs.stat(file).then(
      (status) => status.mtimeMs,
      () => Date.now(),
    );
    if (Date.now() - touched > STALE_AFTER_SECONDS * 1000) await fs.rm(file, { force: true });
    return false;
  }
}
