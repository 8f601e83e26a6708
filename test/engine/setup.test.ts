/** The set-up of TensorFlow, with a small fake of everything that it calls: no network, no compiler, no library. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import {
  BINDING,
  TFJS_NODE,
  cacheEntryName,
  cacheFolder,
  hasNativePart,
  libraryVersion,
  ownPackageFolder,
} from '../../scripts/tensorflow-places.mjs';
import { setUpTensorFlow } from '../../scripts/tensorflow-setup.mjs';
import type { SetUp } from '../../scripts/tensorflow-setup.mjs';
import { isTensorFlowInstalled, loadTensorFlow } from '../../src/engine/tensorflow/load.js';

const WHEEL_TEXT = 'a wheel of forty bytes, more or less ...';
const wheel = {
  project: 'tensorflow-cpu',
  version: '9.8.7',
  python: '3.11',
  platform: 'manylinux_2_27_x86_64',
  bytes: WHEEL_TEXT.length,
  sha256: createHash('sha256').update(WHEEL_TEXT).digest('hex'),
};

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gmm-setup-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A package as npm unpacks it, without its native part. */
function unpackPackage(name: string): string {
  const target = join(folder, name, 'node_modules', '@tensorflow', 'tfjs-node');
  write(join(target, 'package.json'), '{}');
  write(join(target, 'binding', 'tfjs_binding.cc'), '// source');
  return target;
}

interface World {
  /** what pip puts down */
  readonly wheelText?: string;
  readonly installerWorks?: boolean;
  readonly missing?: readonly string[];
  /** whether a binding that is there loads */
  readonly loads?: boolean;
}

/** The programs that the set-up calls; `calls` tells which it called. */
function fakePrograms(world: World): { readonly run: SetUp['run']; readonly calls: string[] } {
  const calls: string[] = [];
  const done = { ok: true, output: '' } as const;
  const call = (command: string, parameters: readonly string[], place: string | undefined): string => {
    const valueOf = (flag: string): string => parameters[parameters.indexOf(flag) + 1];
    if (command === 'npm') {
      write(join(place!, 'node_modules', '@tensorflow', 'tfjs-node', 'package.json'), '{}');
      write(join(place!, 'node_modules', '@tensorflow', 'tfjs-node', 'binding', 'tfjs_binding.cc'), '');
      return 'npm install';
    }
    if (parameters.includes('download')) {
      write(join(valueOf('--dest'), 'tensorflow_cpu-9.8.7.whl'), world.wheelText ?? WHEEL_TEXT);
      return 'download';
    }
    if (parameters.includes('pip')) return 'pip --version';
    if (command === process.execPath && parameters[0] === join('scripts', 'install.js')) {
      // The installer leaves half a library behind when it fails.
      write(join(place!, 'deps', 'lib', 'libtensorflow.so.2.9.1'), 'from the installer');
      if (world.installerWorks === true) write(join(place!, BINDING), 'from the installer');
      return 'installer';
    }
    if (command === process.execPath) return 'load';
    if (parameters[0] === '-c') {
      const into = parameters[3];
      write(join(into, 'tensorflow', 'libtensorflow_cc.so.2'), 'library');
      write(join(into, 'tensorflow', 'libtensorflow_framework.so.2'), 'framework');
      write(join(into, 'tensorflow', 'include', 'tensorflow', 'c', 'c_api.h'), 'header');
      return 'unpack';
    }
    if (parameters.includes('-o')) {
      write(valueOf('-o'), 'binding');
      return 'compile';
    }
    return `${command} ${parameters.join(' ')}`;
  };
  const run: SetUp['run'] = async (command, parameters, limits) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (world.missing?.includes(command) === true) return { ok: false, why: `spawn ${command} ENOENT` };
    const what = call(command, parameters, limits.folder);
    calls.push(what);
    if (what === 'load' && world.loads === false) return { ok: false, why: 'ended by SIGILL' };
    if (what === 'installer' && world.installerWorks !== true) return { ok: false, why: 'host not found' };
    return done;
  };
  return { run, calls };
}

const cache = (): string => join(folder, 'cache');
const entry = (version = wheel.version): string => join(cache(), cacheEntryName(version));

function setUp(dependency: string | undefined, world: World = {}) {
  const { run, calls } = fakePrograms(world);
  const machine = { platform: 'linux', arch: 'x64' };
  return { result: setUpTensorFlow({ cache: cache(), dependency, wheel, machine, run }), calls };
}

describe('getting TensorFlow', () => {
  it('does nothing but look when the binding loads', async () => {
    const target = unpackPackage('checkout');
    write(join(target, BINDING), 'binding');
    write(join(target, 'deps', 'lib', 'libtensorflow.so.2'), 'library');
    const { result, calls } = setUp(target);
    expect(await result).toEqual({ ok: true, how: 'present', folder: target });
    expect(calls).toEqual(['load']);
    expect(existsSync(cache())).toBe(false);
  });

  it('takes what the package’s own installer fetches, and keeps it', async () => {
    const target = unpackPackage('checkout');
    const { result, calls } = setUp(target, { installerWorks: true });
    expect(await result).toEqual({ ok: true, how: 'installer', folder: target });
    expect(calls).toEqual(['installer', 'load']);
    expect(hasNativePart(entry('2.9.1'))).toBe(true);
    expect(libraryVersion(target)).toBe('2.9.1');
  });

  it('otherwise builds it from the wheel, in the layout that the package and its installer know', async () => {
    const target = unpackPackage('checkout');
    const { result, calls } = setUp(target);
    expect(await result).toEqual({ ok: true, how: 'wheel', folder: target });
    expect(calls.filter((call) => !call.includes('--version'))).toEqual([
      'installer',
      'download',
      'unpack',
      'compile',
      'load',
    ]);
    const libraries = join(target, 'deps', 'lib');
    expect(readdirSync(libraries).sort()).toEqual([
      'libtensorflow.so',
      'libtensorflow.so.2.9.1',
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so',
      'libtensorflow_framework.so.2',
      'version.txt',
    ]);
    expect(readFileSync(join(libraries, 'libtensorflow.so.2.9.1'), 'utf8')).toBe('library');
    expect(readFileSync(join(libraries, 'libtensorflow_framework.so'), 'utf8')).toBe('framework');
    expect(existsSync(join(target, 'deps', 'include', 'tensorflow', 'c', 'c_api.h'))).toBe(true);
    expect(readFileSync(join(target, BINDING), 'utf8')).toBe('binding');
    expect(libraryVersion(target)).toBe('9.8.7');
  });

  it('keeps one entry in the cache, named by all that could make it unfit, and nothing else', async () => {
    await setUp(unpackPackage('checkout')).result;
    expect(readdirSync(cache())).toEqual([
      `tensorflow-9.8.7-tfjs-4.22.0-${process.platform}-${process.arch}-napi-v8`,
    ]);
    expect(readdirSync(entry()).sort()).toEqual(['deps', 'lib']);
  });

  it('links the next checkout to the cache without fetching anything', async () => {
    await setUp(unpackPackage('first')).result;
    const target = unpackPackage('second');
    const { result, calls } = setUp(target);
    expect(await result).toEqual({ ok: true, how: 'cache', folder: target });
    expect(calls).toEqual(['load']);
    const library = (place: string) => statSync(join(place, 'deps', 'lib', 'libtensorflow_cc.so.2')).ino;
    expect(library(target)).toBe(library(entry()));
  });

  it('fetches once for two checkouts at the same time', async () => {
    const first = setUp(unpackPackage('first'));
    const second = setUp(unpackPackage('second'));
    const ways = [await first.result, await second.result].map((result) => result.ok && result.how);
    expect(ways.sort()).toEqual(['cache', 'wheel']);
    expect([...first.calls, ...second.calls].filter((call) => call === 'download')).toHaveLength(1);
  });

  it('gets the package too where npm left it out', async () => {
    const { result, calls } = setUp(undefined);
    expect(await result).toEqual({ ok: true, how: 'wheel', folder: ownPackageFolder(cache()) });
    expect(calls[0]).toBe('npm install');
    expect(await setUp(undefined).result).toMatchObject({ how: 'present' });
  });
});

describe('what is not used', () => {
  /** Nothing may be left from which a later run could start. */
  function expectNothingKept(target: string): void {
    expect(readdirSync(cache())).toEqual([]);
    expect(existsSync(join(target, 'deps'))).toBe(false);
    expect(existsSync(join(target, 'lib'))).toBe(false);
  }

  it('a wheel with another content', async () => {
    const target = unpackPackage('checkout');
    const { result, calls } = setUp(target, { wheelText: WHEEL_TEXT.replace('forty', 'FORTY') });
    expect(await result).toMatchObject({
      ok: false,
      why: expect.stringMatching(
        /tensorflow_cpu-9\.8\.7\.whl was refused: its sha256 is [0-9a-f]{64} instead of/,
      ) as string,
    });
    expect(calls).not.toContain('unpack');
    expectNothingKept(target);
  });

  it('half a wheel', async () => {
    const target = unpackPackage('checkout');
    const { result, calls } = setUp(target, { wheelText: WHEEL_TEXT.slice(0, 20) });
    expect(await result).toMatchObject({
      ok: false,
      why: expect.stringContaining('was refused: 20 bytes instead of 40') as string,
    });
    expect(calls).not.toContain('unpack');
    expectNothingKept(target);
  });

  it('what an interrupted run left in the cache', async () => {
    write(join(cache(), 'new-abc', 'deps', 'lib', 'libtensorflow_cc.so.2'), 'half');
    write(join(entry(), 'deps', 'lib', 'libtensorflow_cc.so.2'), 'half');
    const target = unpackPackage('checkout');
    expect(await setUp(target).result).toMatchObject({ how: 'wheel' });
    expect(readFileSync(join(target, 'deps', 'lib', 'libtensorflow_cc.so.2'), 'utf8')).toBe('library');
    expect(existsSync(join(cache(), 'new-abc'))).toBe(false);
  });

  it('a binding that does not load', async () => {
    const target = unpackPackage('checkout');
    const { result } = setUp(target, { loads: false });
    expect(await result).toMatchObject({
      ok: false,
      why: expect.stringContaining('was built but does not load (ended by SIGILL)') as string,
    });
    expectNothingKept(target);
  });
});

describe('what it says when it cannot', () => {
  it('asks for Python before anything large is fetched', async () => {
    const { result, calls } = setUp(unpackPackage('checkout'), { missing: ['python3', 'python'] });
    expect(await result).toEqual({
      ok: false,
      why: 'its installer failed (host not found); there is no Python with pip',
      remedy: 'install python3 and pip (Debian: python3-pip)',
    });
    expect(calls).not.toContain('download');
  });

  it('asks for a compiler before anything large is fetched', async () => {
    const missing = ['g++', 'c++', 'clang++', process.env['CXX'] ?? ''];
    const { result, calls } = setUp(unpackPackage('checkout'), { missing });
    expect(await result).toMatchObject({ remedy: 'install one (Debian: g++)' });
    expect(calls).not.toContain('download');
  });

  it('tries the package’s own installer only, where the wheel does not fit', async () => {
    const { run, calls } = fakePrograms({});
    const machine = { platform: 'darwin', arch: 'arm64' };
    const dependency = unpackPackage('checkout');
    const result = await setUpTensorFlow({ cache: cache(), dependency, wheel, machine, run });
    expect(result).toMatchObject({ ok: false, why: expect.stringContaining('Linux x64 only') as string });
    expect(calls).toEqual(['installer']);
  });
});

describe('where things are', () => {
  it('is the version that package.json names', () => {
    expect(packageJson.optionalDependencies[TFJS_NODE.name as '@tensorflow/tfjs-node']).toBe(
      TFJS_NODE.version,
    );
  });

  it('is the user’s cache, where the environment says', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: join(folder, 'elsewhere') })).toBe(
      join(folder, 'elsewhere', 'gmm-lang'),
    );
  });

  it('is told without loading it, and loading agrees', async () => {
    const installed = isTensorFlowInstalled();
    const loaded = await loadTensorFlow({ threads: 1 });
    if (installed.ok) {
      expect(loaded).toMatchObject({ kind: 'loaded', version: installed.version, threads: 1 });
    } else {
      expect(loaded).toEqual({ kind: 'unavailable', reason: installed.reason });
    }
    expect(await loadTensorFlow({ threads: 2 })).toBe(loaded);
  });
});
