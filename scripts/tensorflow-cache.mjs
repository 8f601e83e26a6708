/**
 * The user's cache, which outlives checkouts: an entry is finished or not there, and one process at a time makes one.
 * A package gets an entry by hard links, so it costs no space and survives the cache.
 */
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BINDING } from './tensorflow-places.mjs';
import { withLock } from './tensorflow-processes.mjs';

/** @typedef {import('./tensorflow-setup.mjs').SetUp} SetUp */

/**
 * Runs with the cache as work folder, one process at a time; with a folder that is thrown away where no cache can be.
 * @template T
 * @param {SetUp} setUp
 * @param {(work: string, kept: boolean) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withWorkFolder(setUp, use) {
  const cache = setUp.cache;
  if (
    await fs.mkdir(cache, { recursive: true }).then(
      () => isWritable(cache),
      () => false,
    )
  ) {
    return withLock(join(cache, 'setup.lock'), setUp.say, async () => {
      await removeLeftovers(cache);
      return use(cache, true);
    });
  }
  const work = await fs.mkdtemp(join(tmpdir(), 'gmm-lang-'));
  try {
    return await use(work, false);
  } finally {
    await fs.rm(work, { recursive: true, force: true });
  }
}

/**
 * What an interrupted run left; only the holder of the lock makes such folders.
 * @param {string} cache
 */
async function removeLeftovers(cache) {
  for (const name of await fs.readdir(cache)) {
    if (name.startsWith('new-')) await fs.rm(join(cache, name), { recursive: true, force: true });
  }
}

/**
 * @param {string} entry
 * @param {string} folder
 * @param {boolean} kept
 */
export async function linkEntry(entry, folder, kept) {
  await fs.rm(join(folder, BINDING), { force: true });
  await mirror(join(entry, 'deps', 'lib'), join(folder, 'deps', 'lib'), kept);
  const include = join(folder, 'deps', 'include');
  await fs.rm(include, { recursive: true, force: true });
  if (kept) await fs.symlink(join(entry, 'deps', 'include'), include);
  // The binding comes last: while it is missing, nobody takes the rest for finished.
  await mirror(join(entry, 'lib'), join(folder, 'lib'), kept);
}

/**
 * @param {string} folder
 * @param {string} entry
 */
export async function keep(folder, entry) {
  const copy = await fs.mkdtemp(join(dirname(entry), 'new-'));
  await mirror(join(folder, 'deps'), join(copy, 'deps'), false);
  await mirror(join(folder, 'lib'), join(copy, 'lib'), false);
  await moveIntoPlace(copy, entry);
}

/**
 * The same files at another place: hard links, or where there can be none symbolic links or copies.
 * @param {string} from
 * @param {string} to
 * @param {boolean} symbolic
 */
async function mirror(from, to, symbolic) {
  await fs.mkdir(to, { recursive: true });
  for (const item of await fs.readdir(from, { withFileTypes: true })) {
    const source = join(from, item.name);
    const target = join(to, item.name);
    if (item.isDirectory()) {
      await mirror(source, target, symbolic);
      continue;
    }
    await fs.rm(target, { recursive: true, force: true });
    if (item.isSymbolicLink()) await fs.symlink(await fs.readlink(source), target);
    else {
      // No hard link from one file system to another.
      const linked = fs.link(source, target);
      await linked.catch(() => (symbolic ? fs.symlink(source, target) : fs.copyFile(source, target)));
    }
  }
}

/**
 * @param {string} from
 * @param {string} to
 */
export async function moveIntoPlace(from, to) {
  await fs.rm(to, { recursive: true, force: true });
  await fs.chmod(from, 0o755);
  await fs.rename(from, to);
}

/** @param {string} path */
export const exists = (path) =>
  fs.access(path).then(
    () => true,
    () => false,
  );

/** @param {string} folder */
export const isWritable = (folder) =>
  fs.access(folder, fs.constants.W_OK).then(
    () => true,
    () => false,
  );

/** @param {string} folder */
export async function removeNativePart(folder) {
  await fs.rm(join(folder, 'lib'), { recursive: true, force: true });
  await fs.rm(join(folder, 'deps'), { recursive: true, force: true });
}
