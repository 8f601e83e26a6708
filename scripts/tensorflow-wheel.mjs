/**
 * TensorFlow from the Python registry, for Linux x64: its wheel holds the same library and headers as the archive that
 * the package's own installer fetches, and the binding takes one call of a C++ compiler.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import * as fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { moveIntoPlace } from './tensorflow-cache.mjs';
import {
  BINDING,
  INSTALLER_LIBRARY_VERSION,
  NODE_API,
  VERSION_FILE,
  cacheEntryName,
} from './tensorflow-places.mjs';
import { MINUTE, SetUpProblem } from './tensorflow-processes.mjs';

/** @typedef {import('./tensorflow-setup.mjs').SetUp} SetUp */
/** @typedef {import('./tensorflow-setup.mjs').Wheel} Wheel */

const UNPACK = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wanted = tuple(sys.argv[3:])
    wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if name.startswith(wanted)])`;

const LIBRARY = 'libtensorflow_cc.so.2';
const FRAMEWORK = 'libtensorflow_framework.so.2';
const HEADERS = ['tensorflow/c/', 'tensorflow/core/platform/', 'tsl/', 'xla/tsl/'];

/**
 * @param {SetUp} setUp
 * @param {string} folder
 * @param {string} work
 * @returns {Promise<string>} the finished entry in the work folder
 */
export async function buildFromWheel(setUp, folder, work) {
  if (setUp.machine.platform !== 'linux' || setUp.machine.arch !== 'x64') {
    throw new SetUpProblem(`the Python registry's library fits Linux x64 only`);
  }
  // All that is needed, before anything large is fetched.
  await checkProcessor();
  const python = await findPython(setUp);
  const compiler = await findCompiler(setUp);

  const entry = join(work, cacheEntryName(setUp.wheel.version));
  const building = await fs.mkdtemp(join(work, 'new-'));
  try {
    const wheel = await download(setUp, python, building);
    setUp.say('unpacking it');
    const wanted = [LIBRARY, FRAMEWORK, ...HEADERS.map((header) => `include/${header}`)];
    const unpacked = await setUp.run(
      python,
      ['-c', UNPACK, wheel, building, ...wanted.map((name) => `tensorflow/${name}`)],
      { seconds: 10 * MINUTE },
    );
    if (!unpacked.ok) throw new SetUpProblem(`${basename(wheel)} could not be unpacked (${unpacked.why})`);
    await fs.rm(wheel);
    await arrange(building, setUp.wheel.version);
    setUp.say('compiling the binding');
    await compile(setUp, compiler, folder, building);
    await moveIntoPlace(building, entry);
  } finally {
    await fs.rm(building, { recursive: true, force: true });
  }
  return entry;
}

/**
 * @param {SetUp} setUp
 * @param {string} python
 * @param {string} into
 * @returns {Promise<string>} the wheel's path, its content verified
 */
async function download(setUp, python, into) {
  const { project, version, bytes } = setUp.wheel;
  setUp.say(`fetching ${project} ${version} with pip (${Math.round(bytes / 1e6)} MB)`);
  const result = await setUp.run(
    python,
    [
      ...['-m', 'pip', 'download', '--quiet', '--no-cache-dir', '--no-deps', '--only-binary=:all:'],
      ...['--python-version', setUp.wheel.python, '--platform', setUp.wheel.platform],
      ...['--dest', into, `${project}==${version}`],
    ],
    {
      seconds: 20 * MINUTE,
      environment: { PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_REQUIRE_VIRTUALENV: '0' },
    },
  );
  if (!result.ok) throw new SetUpProblem(`pip could not fetch ${project} ${version} (${result.why})`);
  const name = (await fs.readdir(into)).find((file) => file.endsWith('.whl'));
  if (name === undefined) throw new SetUpProblem(`pip fetched no wheel of ${project} ${version}`);
  await verifyWheel(join(into, name), setUp.wheel);
  return join(into, name);
}

/**
 * @param {string} file
 * @param {Wheel} wheel
 */
async function verifyWheel(file, wheel) {
  const { size } = await fs.stat(file);
  if (size !== wheel.bytes) {
    throw new SetUpProblem(`${basename(file)} was refused: ${size} bytes instead of ${wheel.bytes}`);
  }
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  const digest = hash.digest('hex');
  if (digest !== wheel.sha256) {
    throw new SetUpProblem(
      `${basename(file)} was refused: its sha256 is ${digest} instead of ${wheel.sha256}`,
    );
  }
}

/**
 * From the wheel's folders to the package's.
 * @param {string} building
 * @param {string} version
 */
async function arrange(building, version) {
  const from = join(building, 'tensorflow');
  const lib = join(building, 'deps', 'lib');
  await fs.mkdir(lib, { recursive: true });
  await fs.rename(join(from, 'include'), join(building, 'deps', 'include'));
  await fs.rename(join(from, LIBRARY), join(lib, LIBRARY));
  await fs.rename(join(from, FRAMEWORK), join(lib, FRAMEWORK));
  await fs.symlink(FRAMEWORK, join(lib, 'libtensorflow_framework.so'));
  await fs.symlink(LIBRARY, join(lib, 'libtensorflow.so'));
  // The name whose presence makes the package's own installer skip its download.
  await fs.symlink(LIBRARY, join(lib, `libtensorflow.so.${INSTALLER_LIBRARY_VERSION}`));
  await fs.writeFile(join(lib, VERSION_FILE), `${version}\n`);
  await fs.rm(from, { recursive: true });
}

/**
 * @param {SetUp} setUp
 * @param {string} compiler
 * @param {string} folder
 * @param {string} building
 */
async function compile(setUp, compiler, folder, building) {
  const sources = (await fs.readdir(join(folder, 'binding'))).filter((name) => name.endsWith('.cc'));
  const binding = join(building, BINDING);
  const deps = join(building, 'deps');
  await fs.mkdir(dirname(binding), { recursive: true });
  const result = await setUp.run(
    compiler,
    [
      ...['-O3', '-std=c++17', '-fPIC', '-shared', '-w'],
      ...[`-DNAPI_VERSION=${NODE_API}`, '-DBUILDING_NODE_EXTENSION'],
      ...[`-I${folder}`, `-I${join(deps, 'include')}`, `-I${nodeApiHeaders()}`],
      ...sources.map((name) => join(folder, 'binding', name)),
      ...['-o', binding, `-L${join(deps, 'lib')}`, '-ltensorflow', '-ltensorflow_framework'],
      `-Wl,-rpath,$ORIGIN/${relative(dirname(BINDING), join('deps', 'lib'))}`,
    ],
    { seconds: 10 * MINUTE },
  );
  if (!result.ok) throw new SetUpProblem(`${compiler} could not compile the binding (${result.why})`);
}

/** @returns {string} */
function nodeApiHeaders() {
  /** @type {{ include_dir: string }} */
  const headers = createRequire(import.meta.url)('node-api-headers');
  return headers.include_dir;
}

async function checkProcessor() {
  const processor = await fs.readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  if (processor !== '' && !/^flags\s*:.*\bavx\b/m.test(processor)) {
    throw new SetUpProblem('this processor has no AVX, which TensorFlow needs', 'use another machine');
  }
}

/**
 * @param {SetUp} setUp
 * @returns {Promise<string>}
 */
async function findPython(setUp) {
  for (const python of ['python3', 'python']) {
    if ((await setUp.run(python, ['-m', 'pip', '--version'], { seconds: MINUTE })).ok) return python;
  }
  throw new SetUpProblem('there is no Python with pip', 'install python3 and pip (Debian: python3-pip)');
}

/**
 * @param {SetUp} setUp
 * @returns {Promise<string>}
 */
async function findCompiler(setUp) {
  for (const compiler of [process.env['CXX'], 'g++', 'c++', 'clang++']) {
    if (!compiler) continue;
    if ((await setUp.run(compiler, ['--version'], { seconds: MINUTE })).ok) return compiler;
  }
  throw new SetUpProblem('there is no C++ compiler', 'install one (Debian: g++)');
}
