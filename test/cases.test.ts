/** The built program on the cases of ../shared/cases: faults that people have reported against other programs. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { python, shared, whyNot } from './outside.js';

/** Cases that this version does not pass. One that starts to pass fails here until it is taken off the list. */
const NOT_YET: readonly string[] = [];

interface Result {
  readonly id: string;
  readonly passed: boolean;
  readonly reason: string | null;
}

const reason = whyNot('cases/run.py');
const ids =
  reason === undefined
    ? readdirSync(join(shared, 'cases'), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
    : ['all'];

describe.skipIf(reason !== undefined)(`cases${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  const results = new Map<string, Result>();

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gmm-cases-'));
    try {
      const file = join(folder, 'results.json');
      await python('cases/run.py', '--json', file);
      const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly Result[] };
      for (const result of cases) results.set(result.id, result);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 400_000);

  it.each(ids)('%s', (id) => {
    const result = results.get(id);
    if (NOT_YET.includes(id)) expect(result?.passed, 'it passes now: take it off NOT_YET').toBe(false);
    else expect(result, result?.reason ?? 'no result').toMatchObject({ passed: true });
  });

  it('the list of those that do not pass names cases that are there', () => {
    expect(NOT_YET.filter((id) => !ids.includes(id))).toEqual([]);
    expect([...results.keys()].sort()).toEqual([...ids].sort());
  });
});
