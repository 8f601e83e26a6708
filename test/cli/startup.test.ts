/** A verb loads what it needs and nothing else: `check` runs in an editor at every keystroke. */
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

it('check takes less than 0.3 s of a processor', () => {
  const clock =
    "process.on('exit', () => { const { user, system } = process.cpuUsage(); console.error(user + system); });";
  const setting = { node: ['--import', `data:text/javascript,${encodeURIComponent(clock)}`] };
  const milliseconds = Array.from({ length: 5 }, () => Number(gmm(['check', MODEL], setting).stderr) / 1000);
  // the best of five: other tests run beside this one
  expect(Math.min(...milliseconds)).toBeLessThan(300);
  expect(Math.min(...milliseconds)).toBeGreaterThan(0);
});
