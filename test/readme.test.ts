/** What the README shows is run: its model compiles, its library example works, its commands are those that there are. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { afterAll, expect, it } from 'vitest';
import ts from 'typescript';
import * as library from '../src/index.js';
import { root } from './models.js';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const fences = (language: string): readonly string[] =>
  [...readme.matchAll(new RegExp('^```' + language + '\\n([\\s\\S]*?)^```$', 'gm'))].map((m) => m[1]);

const folder = mkdtempSync(join(tmpdir(), 'gmm-readme-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('its models have nothing to be said of', () => {
  expect(fences('gmm').length).toBeGreaterThan(0);
  for (const model of fences('gmm')) expect(library.check(model)).toEqual([]);
});

it('its commands run, in order, on the example they begin with', () => {
  const listed = [...readme.matchAll(/^ {4}gmm (.*?)(?: {2,}# .*)?$/gm)].map((m) => m[1]);
  expect(listed.length).toBeGreaterThan(8);
  const gmm = (parameters: readonly string[], cwd: string): string =>
    execFileSync(process.execPath, [join(root, 'dist/cli.js'), ...parameters], { cwd, encoding: 'utf8' });
  gmm(['example', 'old-faithful'], folder);
  const place = join(folder, 'old-faithful');
  const stands: Readonly<Record<string, string>> = {
    'model.gmm': 'old-faithful.gmm',
    'data.csv': 'faithful.csv',
    'new.csv': 'faithful.csv',
  };
  for (const line of listed.filter((l) => !l.startsWith('example'))) {
    const parameters = line.split(' ').map((word) => stands[word] ?? (word === 'K=1..9' ? 'K=1..2' : word));
    expect([line, gmm(parameters, place).length > 0 || line.includes('-o')]).toEqual([line, true]);
  }
});

it('its library example runs', async () => {
  const [example] = fences('ts');
  const text = example
    .replace(/^import .*$/m, '')
    .replace("'faithful.csv'", JSON.stringify(join(root, 'models/data/faithful.csv')))
    .replace("'faithful.csv'", JSON.stringify(join(root, 'models/data/faithful.csv')));
  const body = ts.transpileModule(`return (async () => {${text}; return fit;})();`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022 },
  }).outputText;
  const source = fences('gmm')[0];
  const run = compileFunction(body, ['compile', 'source']) as (...parameters: unknown[]) => unknown;
  const fit = (await run(library.compile, source)) as library.FittedModel;
  expect(fit.logLikelihood).toBeCloseTo(-1130.26396, 4);
});
