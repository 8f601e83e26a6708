/**
 * Where TensorFlow's native part lives, and in which versions. Dependency-free, so that the set-up can run before
 * anything is built; `src/engine/tensorflow/load.ts` asks the same functions.
 *
 *     PACKAGE/                            @tensorflow/tfjs-node as npm unpacks it
 *       lib/napi-v8/tfjs_binding.node     the binding       ┐ put there by the set-up, from
 *       deps/lib/libtensorflow*           the library       │ CACHE/tensorflow-V-tfjs-V-linux-x64-napi-v8/
 *       deps/include/                     its headers       ┘ which has these same three folders
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

export const TFJS_NODE = { name: '@tensorflow/tfjs-node', version: '4.22.0' };

/** The same for NVIDIA's GPUs, which its users install themselves. */
export const TFJS_NODE_GPU = { name: '@tensorflow/tfjs-node-gpu', version: TFJS_NODE.version };

/** The TensorFlow that the package's own installer fetches. */
export const INSTALLER_LIBRARY_VERSION = '2.9.1';

/** The TensorFlow that the Python registry has for Linux x64: any other file under this name is refused. */
export const WHEEL = {
  project: 'tensorflow-cpu',
  version: '2.21.0',
  python: '3.11',
  platform: 'manylinux_2_27_x86_64',
  bytes: 273_829_956,
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
};

/** Node-API 8 is in every Node since 15.12, so one binding serves all versions of Node. */
export const NODE_API = 8;

/** The binding's path inside its package; its rpath leads from there to `deps/lib`. */
export const BINDING = join('lib', `napi-v${NODE_API}`, 'tfjs_binding.node');

/**
 * @param {Record<string, string | undefined>} [environment]
 * @returns {string} the folder for what this program keeps for its user
 */
export function cacheFolder(environment = process.env) {
  const xdg = environment['XDG_CACHE_HOME'];
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'gmm-lang');
  if (process.platform === 'win32') {
    return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'gmm-lang', 'Cache');
  }
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'gmm-lang');
  return join(homedir(), '.cache', 'gmm-lang');
}

/**
 * @param {string} libraryVersion
 * @returns {string} the name of a library with its binding in the cache: whatever could make it unfit is in the name
 */
export function cacheEntryName(libraryVersion) {
  return `tensorflow-${libraryVersion}-tfjs-${TFJS_NODE.version}-${process.platform}-${process.arch}-napi-v${NODE_API}`;
}

/**
 * @param {string} cache
 * @returns {string} a private npm project with the package: for an installation that lacks it or may not be written to
 */
export function ownProjectFolder(cache) {
  return join(cache, `tfjs-node-${TFJS_NODE.version}`);
}

/**
 * @param {string} cache
 * @returns {string}
 */
export function ownPackageFolder(cache) {
  return join(ownProjectFolder(cache), 'node_modules', ...TFJS_NODE.name.split('/'));
}

/**
 * @param {string} [name]
 * @returns {string | undefined} the folder of the package that was installed with this one; undefined without it
 */
export function dependencyFolder(name = TFJS_NODE.name) {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} [cache]
 * @returns {readonly string[]} the folders that hold the package, the preferred one first
 */
export function packageFolders(cache = cacheFolder()) {
  const own = ownPackageFolder(cache);
  return [dependencyFolder(), existsSync(join(own, 'package.json')) ? own : undefined].filter(
    (folder) => folder !== undefined,
  );
}

/**
 * Whether the native part is there, by its files: cheap, and no proof that it loads.
 * @param {string} folder
 * @returns {boolean}
 */
export function hasNativePart(folder) {
  const libraries = join(folder, 'deps', 'lib');
  return (
    existsSync(join(folder, BINDING)) &&
    existsSync(libraries) &&
    readdirSync(libraries).some((name) => /^(lib)?tensorflow/.test(name))
  );
}

/** In `deps/lib`: the library's version, where its file name does not tell. */
export const VERSION_FILE = 'version.txt';

/**
 * @param {string} folder
 * @returns {string} such as 2.21.0
 */
export function libraryVersion(folder) {
  const libraries = join(folder, 'deps', 'lib');
  if (existsSync(join(libraries, VERSION_FILE)))
    return readFileSync(join(libraries, VERSION_FILE), 'utf8').trim();
  const name = readdirSync(libraries).find((file) => /^libtensorflow\.so\.\d+\.\d+\.\d+$/.test(file));
  return name?.split('.so.')[1] ?? 'unknown';
}
