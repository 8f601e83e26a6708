/** Which of two engines is asked, step by step, as the share changes that the first one could not leave out. */
import { expect, it } from 'vitest';
import { exchanging } from '../../src/engine/exchange.js';
import type { Engine, Expectation, RowData } from '../../src/engine/types.js';
import type { Moments, Program } from '../../src/plan/types.js';

/** An engine that writes its letter for every step, and for being closed. */
const engine = (letter: string, log: string[], active: () => number | undefined): Engine => ({
  name: 'wasm',
  precision: 'float64',
  device: 'cpu',
  threads: 1,
  version: letter,
  open: () =>
    Promise.resolve({
      expectation: (): Expectation => {
        log.push(letter);
        const share = active();
        return {
          moments: {} as Moments,
          logLikelihood: 0,
          ...(share === undefined ? {} : { active: share }),
        };
      },
      momentsOf: () => ({}) as Moments,
      posterior: () => ({ responsibilities: new Float64Array(0), logDensity: new Float64Array(0) }),
      dispose: () => {
        log.push(letter.toUpperCase());
      },
    }),
});

const [program, data] = [{} as Program, {} as RowData];

async function steps(
  shares: readonly (number | undefined)[],
  second: 'there' | 'not there' = 'there',
): Promise<string> {
  const log: string[] = [];
  let step = 0;
  const first = engine('w', log, () => shares[step]);
  const other = (): Promise<Engine | undefined> => {
    log.push('!');
    return Promise.resolve(second === 'there' ? engine('t', log, () => undefined) : undefined);
  };
  const session = await exchanging(first, other).open(program, data);
  for (step = 0; step < shares.length; step++) await session.expectation(new Map());
  session.dispose();
  await Promise.resolve().then(() => undefined);
  return log.join('');
}

const times = (n: number, share: number): readonly number[] => Array.from({ length: n }, () => share);

it('stays with the first while it leaves much out, or says nothing', async () => {
  expect(await steps(times(12, 0.5))).toBe('w'.repeat(12) + 'W');
  expect(await steps([undefined, undefined])).toBe('wwW');
});

it('waits for four dense steps in succession', async () => {
  expect(await steps([...times(3, 0.95), 0.1, ...times(3, 0.95)])).toBe('w'.repeat(7) + 'W');
});

it('opens the second once, and measures again after eight steps', async () => {
  const log = await steps(times(24, 0.95));
  expect(log.slice(0, 25)).toBe('wwww!' + 't'.repeat(8) + 'w' + 't'.repeat(8) + 'w' + 'tt');
});

it('comes back when much can be left out again', async () => {
  const log = await steps([...times(4, 0.95), ...times(8, 0.95), ...times(3, 0.1)]);
  expect(log.slice(0, 16)).toBe('wwww!' + 't'.repeat(8) + 'www');
});

it('does all with the first where there is no second', async () => {
  expect(await steps(times(8, 0.95), 'not there')).toBe('wwww!wwwwW');
});
