/**
 * Gets TensorFlow's native part for `@tensorflow/tfjs-node`, whose install script npm may not run and whose download a
 * closed network may not reach. In this order, the first that leads to a binding that loads:
 *
 *     present     the binding loads: nothing to do
 *     cache       the library was fetched before on this machine: link it into the package
 *     installer   the package's own install script (needs the open internet)
 *     wheel       Linux x64: the library from the Python registry, the binding compiled here
 *
 * Nothing half finished is ever used: work is done in a folder of its own, verified, and renamed into place.
 */
import * as fs from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import {
  exists,
  isWritable,
  keep,
  linkEntry,
  moveIntoPlace,
  removeNativePart,
  withWorkFolder,
} from './tensorflow-cache.mjs';
import {
  INSTALLER_LIBRARY_VERSION,
  TFJS_NODE,
  WHEEL,
  cacheEntryName,
  cacheFolder,
  dependencyFolder,
  hasNativePart,
  ownPackageFolder,
  ownProjectFolder,
} from './tensorflow-places.mjs';
import { MINUTE, SetUpProblem, asProblem, run } from './tensorflow-processes.mjs';
import { buildFromWheel } from './tensorflow-wheel.mjs';

/** @typedef {{ ok: true, how: 'present' | 'cache' | 'installer' | 'wheel', folder: string }} SetUpDone */
/** @typedef {{ ok: false, why: string, remedy: string }} SetUpFailed `why` and `remedy` are clauses of one line */
/** @typedef {{ project: string, version: string, python: string, platform: string, bytes: number, sha256: string }} Wheel */

/**
 * What the set-up works on and with; every part can be replaced, which is how it is tested without a network.
 * @typedef {object} SetUp
 * @property {string} cache
 * @property {string | undefined} dependency the folder of the package beside this one
 * @property {Wheel} wheel
 * @property {{ platform: string, arch: string }} machine
 * @property {typeof run} run
 * @property {(line: string) => void} say
 */

/**
 * @param {Partial<SetUp>} [options]
 * @returns {Promise<SetUpDone | SetUpFailed>}
 */
export async function setUpTensorFlow(options = {}) {
  /** @type {SetUp} */
  const setUp = {
    cache: cacheFolder(),
    dependency: dependencyFolder(),
    wheel: WHEEL,
    machine: { platform: process.platform, arch: process.arch },
    run,
    say: () => undefined,
    ...options,
  };
  const own = ownPackageFolder(setUp.cache);
  for (const folder of [setUp.dependency, own]) {
    if (folder !== undefined && (await loadProblem(setUp, folder)) === undefined) {
      return { ok: true, how: 'present', folder };
    }
  }
  try {
    return await withWorkFolder(setUp, (work, kept) => fetchInto(setUp, work, kept));
  } catch (error) {
    const because = asProblem(error);
    return {
      ok: false,
      why: because.message,
      remedy: because.remedy ?? 'try again where the package registries can be reached',
    };
  }
}

/**
 * @param {SetUp} setUp
 * @param {string} work
 * @param {boolean} kept whether `work` outlives this run, so that links into it may stay
 * @returns {Promise<SetUpDone>}
 */
async function fetchInto(setUp, work, kept) {
  const folder = await writablePackage(setUp);
  for (const version of [INSTALLER_LIBRARY_VERSION, setUp.wheel.version]) {
    const entry = join(work, cacheEntryName(version));
    if (!hasNativePart(entry)) continue;
    await linkEntry(entry, folder, kept);
    if ((await loadProblem(setUp, folder)) === undefined) return { ok: true, how: 'cache', folder };
    await removeNativePart(folder);
    await fs.rm(entry, { recursive: true, force: true });
  }

  /** @type {SetUpProblem[]} */
  const problems = [];
  try {
    await runInstaller(setUp, folder);
    // The next checkout's gain; this one has what it needs. (On Windows the package links by absolute paths.)
    if (kept && setUp.machine.platform !== 'win32') {
      await keep(folder, join(work, cacheEntryName(INSTALLER_LIBRARY_VERSION))).catch(() => undefined);
    }
    return { ok: true, how: 'installer', folder };
  } catch (error) {
    problems.push(asProblem(error));
    await removeNativePart(folder);
  }
  try {
    const entry = await buildFromWheel(setUp, folder, work);
    await linkEntry(entry, folder, kept);
    const problem = await loadProblem(setUp, folder);
    if (problem !== undefined) {
      await fs.rm(entry, { recursive: true, force: true });
      throw new SetUpProblem(`the binding was built but does not load (${problem})`);
    }
    return { ok: true, how: 'wheel', folder };
  } catch (error) {
    problems.push(asProblem(error));
    await removeNativePart(folder);
  }
  throw new SetUpProblem(
    problems.map((problem) => problem.message).join('; '),
    problems.findLast((problem) => problem.remedy !== undefined)?.remedy,
  );
}

/* ---- the package ------------------------------------------------------------------------------------------------ */

/** Node 23 removed two functions that the package still calls. */
const LOAD = `const util = require('node:util');
util.isNullOrUndefined = (value) => value === null || value === undefined;
util.isArray = Array.isArray;
require(process.argv[1]);`;

/**
 * Loads the package in a process of its own, so that a crash is only an answer.
 * @param {SetUp} setUp
 * @param {string} folder
 * @returns {Promise<string | undefined>} why it does not load; undefined when it does
 */
async function loadProblem(setUp, folder) {
  if (!hasNativePart(folder)) return 'it is not there';
  const result = await setUp.run(process.execPath, ['--no-warnings', '-e', LOAD, folder], {
    seconds: MINUTE,
    environment: { TF_CPP_MIN_LOG_LEVEL: '3', TF_ENABLE_ONEDNN_OPTS: '0' },
  });
  return result.ok ? undefined : result.why;
}

/**
 * @param {SetUp} setUp
 * @returns {Promise<string>} a folder with the package in it that may be written to
 */
async function writablePackage(setUp) {
  if (setUp.dependency !== undefined && (await isWritable(setUp.dependency))) return setUp.dependency;
  const own = ownPackageFolder(setUp.cache);
  if (await exists(join(own, 'package.json'))) return own;
  // npm removes an optional package whose install script failed, and a global installation may belong to another user.
  setUp.say(`fetching ${TFJS_NODE.name} ${TFJS_NODE.version} into ${ownProjectFolder(setUp.cache)}`);
  await fs.mkdir(setUp.cache, { recursive: true });
  const project = await fs.mkdtemp(join(setUp.cache, 'new-'));
  try {
    await fs.writeFile(join(project, 'package.json'), '{ "private": true }\n');
    const result = await setUp.run(
      'npm',
      ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${TFJS_NODE.name}@${TFJS_NODE.version}`],
      { seconds: 5 * MINUTE, folder: project },
    );
    if (!result.ok) throw new SetUpProblem(`npm could not fetch ${TFJS_NODE.name} (${result.why})`);
    await moveIntoPlace(project, ownProjectFolder(setUp.cache));
  } finally {
    await fs.rm(project, { recursive: true, force: true });
  }
  return own;
}

/* ---- the package's own installer -------------------------------------------------------------------------------- */

/**
 * @param {SetUp} setUp
 * @param {string} folder
 */
async function runInstaller(setUp, folder) {
  setUp.say(`running the installer of ${TFJS_NODE.name}`);
  const modules = dirname(dirname(folder));
  const commands = [join(folder, 'node_modules', '.bin'), join(modules, '.bin'), process.env['PATH'] ?? ''];
  const result = await setUp.run(process.execPath, [join('scripts', 'install.js')], {
    seconds: 5 * MINUTE,
    folder,
    environment: { PATH: commands.join(delimiter) },
  });
  if (!result.ok) throw new SetUpProblem(`its installer failed (${result.why})`);
  const problem = await loadProblem(setUp, folder);
  if (problem !== undefined) throw new SetUpProblem(`what its installer fetched does not load (${problem})`);
}
