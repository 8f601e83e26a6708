/** A verb loads what it needs and nothing else: `check` runs in an editor at every keystroke. */
import { statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MODEL, gmm } from './run.js';

/** Tells on standard error every module that is loaded. */
const SPY = `
import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(\`
  import { writeSync } from 'node:fs';
  export async function load(url, context, next) { writeSync(2, 'loaded ' + url + '\\\\n'); return next(url, context); }
\`));
`;
const spying = { node: ['--import', `data:text/javascript,${encodeURIComponent(SPY)}`] };

const loaded = (...parameters: readonly string[]): readonly string[] =>
  [...gmm(parameters, spying).stderr.matchAll(/^loaded (.*)$/gm)].map(([, url]) => url);

it('check loads no tables, no engines and no fit', () => {
  const modules = loaded('check', MODEL);
  expect(modules.some((url) => url.endsWith('dist/cli.js'))).toBe(true);
  expect(
    modules.filter((url) => /duckdb|tensorflow|tfjs|protobufjs|\/(fit|predict|doctor)-/.test(url)),
  ).toEqual([]);
});

it('fit on small data loads no TensorFlow', () => {
  const data = 'models/data/faithful.csv';
  expect(loaded('fit', MODEL, data).filter((url) => /@tensorflow|protobufjs/.test(url))).toEqual([]);
});

// what is parsed and compiled at every start; most of it is the parser's library
it('check loads less than 0.9 MB of code', () => {
  const files = loaded('check', MODEL).filter((url) => url.startsWith('file:'));
  const bytes = files.reduce((sum, url) => sum + statSync(new URL(url)).size, 0);
  expect(bytes).toBeLessThan(9e5);
  expect(bytes).toBeGreaterThan(1e5);
});
