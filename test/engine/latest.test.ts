import { expect, it } from 'vitest';
import { keptLatest } from '../../src/engine/latest.js';

it('makes again what was asked for longest ago only', () => {
  const made: string[] = [];
  const of = keptLatest<string | undefined>(2);
  const ask = (key: string): string | undefined =>
    of(key, () => {
      made.push(key);
      return key === 'none' ? undefined : `${key}!`;
    });
  expect(['a', 'none', 'a', 'b', 'a', 'none'].map(ask)).toEqual([
    'a!',
    undefined,
    'a!',
    'b!',
    'a!',
    undefined,
  ]);
  expect(made).toEqual(['a', 'none', 'b', 'none']);
});
