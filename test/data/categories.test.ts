/** Cells that are names: what is said of those that a symbol cannot have, and how many they are. */
import { describe, expect, it } from 'vitest';
import { bind } from '../../src/data/bind.js';
import { openTable } from '../../src/data/read.js';
import { compiled } from '../models.js';

const { plan } = compiled(`
model Flags
plate i over rows
plate k in 1..2
param pi   : simplex[k]
param p[k] : unit
latent z[i] : k ~ Categorical(pi)
data q[i] : boolean ~ Bernoulli(p[z[i]])
`);

const problemsOf = async (q: readonly (string | null)[]) => {
  const { value: table } = await openTable({ kind: 'columns', columns: { q } });
  return (await bind(plan.model, table!, { bind: {}, constants: new Map(), use: 'fit' })).problems;
};

describe('truth values', () => {
  it('are read in all their spellings', async () => {
    expect(await problemsOf(['1', 'TRUE', 'False', '0', 'true'])).toEqual([]);
  });

  it('that are none are told with the first row and how many there are', async () => {
    expect(await problemsOf(['1', 'maybe', '0', 'huh', 'maybe'])).toMatchObject([
      { kind: 'out-of-domain', column: 'q', row: 2, value: 'maybe', count: 3 },
    ]);
  });
});
