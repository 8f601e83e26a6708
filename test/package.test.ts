/** What a user gets: the package as npm would publish it, installed in an empty folder without TensorFlow. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };

interface PackedFile {
  readonly path: string;
  readonly mode: number;
}

const folder = mkdtempSync(join(tmpdir(), 'gmm-package-'));
const project = join(folder, 'project');
let files: readonly PackedFile[];

function run(command: string, parameters: readonly string[], place: string): string {
  return execFileSync(command, parameters, {
    cwd: place,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

beforeAll(() => {
  expect(existsSync('dist/cli.js'), '`npm run build` comes first').toBe(true);
  const packed = run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], '.');
  const [tarball] = JSON.parse(packed) as {
    readonly filename: string;
    readonly files: readonly PackedFile[];
  }[];
  files = tarball.files;
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
  const flags = ['--omit=optional', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  // Neither TensorFlow nor DuckDB's native library: what does not touch data has to run without them.
  run('npm', ['install', ...flags, join(folder, tarball.filename)], project);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package', () => {
  it('holds what a user needs and nothing else', () => {
    const paths = files.map((file) => file.path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'dist/cli.js',
        'dist/index.js',
        'dist/index.d.ts',
        'dist/browser.js',
        'dist/browser.licences.txt',
        'dist/runtime.js',
        'dist/runtime.d.ts',
        'scripts/tensorflow-setup.mjs',
        'LICENSE',
        'README.md',
        'CHANGELOG.md',
        'package.json',
      ]),
    );
    const folders = new Set(paths.filter((path) => path.includes('/')).map((path) => path.split('/', 1)[0]));
    expect([...folders].sort()).toEqual(['dist', 'models', 'scripts']);
    expect(
      paths.filter((path) => path.startsWith('scripts/') && !path.startsWith('scripts/tensorflow-')),
    ).toEqual([]);
  });

  it('has no place for an install script', () => {
    expect(
      Object.keys(packageJson.scripts).filter((name) => /^(pre|post)?(install|prepare|pack)/.test(name)),
    ).toEqual([]);
  });

  it('runs as `npx gmm --help`', () => {
    const help = run('npx', ['--no-install', 'gmm', '--help'], project);
    for (const verb of ['check', 'derive', 'compile', 'fit', 'predict', 'select', 'doctor', 'explain']) {
      expect(help).toContain(verb);
    }
  });

  it('checks a model of its own library', () => {
    const model = join('node_modules', 'gmm-lang', 'models', 'mixtures', 'old-faithful.gmm');
    expect(existsSync(join(project, model))).toBe(true);
    run('npx', ['--no-install', 'gmm', 'check', model], project);
  });

  it('tells what browsers get apart, for bundlers that ask for it', () => {
    const script = "process.stdout.write(import.meta.resolve('gmm-lang'));";
    writeFileSync(join(project, 'where.js'), script);
    const resolved = (...flags: readonly string[]) => run(process.execPath, [...flags, 'where.js'], project);
    expect(resolved()).toMatch(/\/gmm-lang\/dist\/index\.js$/);
    expect(resolved('--conditions', 'browser')).toMatch(/\/gmm-lang\/dist\/browser\.js$/);
  });

  it('tells its version', () => {
    expect(run('npx', ['--no-install', 'gmm', '--version'], project).trim()).toContain(packageJson.version);
  });

  it('has WebAssembly and its threads in it, and ends when they are no longer needed', () => {
    const script = `
      import { readFileSync } from 'node:fs';
      import { compile } from 'gmm-lang';
      const text = readFileSync('node_modules/gmm-lang/models/clustering/k-means.gmm', 'utf8');
      const columns = Array.from({ length: 4 }, (_, c) => Float64Array.from({ length: 3000 }, (_, i) => 10 * (i % 3) + c + ((i * 7919) % 97) / 97));
      const table = Object.fromEntries(['sepal_length', 'sepal_width', 'petal_length', 'petal_width'].map((name, c) => [name, columns[c]]));
      const inertias = [];
      for (const [engine, threads] of [['reference', 1], ['wasm', 1], ['wasm', 3]])
        inertias.push((await compile(text).fit(table, { engine, threads, restarts: 2 })).inertia.toPrecision(10));
      process.stdout.write(inertias.join(' '));`;
    writeFileSync(join(project, 'wasm.js'), script);
    const [reference, ...others] = run(process.execPath, ['wasm.js'], project).split(' ');
    expect(Number(reference)).toBeGreaterThan(0);
    expect(others).toEqual([reference, reference]);
  });

  it('is a library with types', () => {
    const script =
      "import { compile } from 'gmm-lang'; import * as runtime from 'gmm-lang/runtime';" +
      'process.stdout.write(`${typeof compile} ${typeof runtime}`);';
    writeFileSync(join(project, 'use.js'), script);
    expect(run(process.execPath, ['use.js'], project)).toBe('function object');
    const installed = join(project, 'node_modules', 'gmm-lang');
    expect(readFileSync(join(installed, 'dist', 'index.d.ts'), 'utf8')).toContain('export');
  });
});
