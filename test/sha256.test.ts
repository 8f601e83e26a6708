import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { sha256 } from '../src/sha256.js';

it('SHA-256 is that of Node, whatever the length, and of letters of several bytes', () => {
  const texts = [
    ...Array.from({ length: 200 }, (_, n) => 'xy z'.repeat(n).slice(0, n)),
    'μ ← Σ, 🙂',
    'a'.repeat(1e5),
  ];
  const wanted = texts.map((text) => createHash('sha256').update(text).digest('hex'));
  expect(texts.map(sha256)).toEqual(wanted);
});
