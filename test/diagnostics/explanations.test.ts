/** Every code has a page; the model of a page that fails does so by that code, and the one that passes does not. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileSource } from '../../src/compile.js';
import { CODES } from '../../src/diagnostics/codes.js';
import type { Code } from '../../src/diagnostics/codes.js';
import { examples, explain } from '../../src/diagnostics/explain.js';
import { root } from '../models.js';

const folder = join(root, 'src/diagnostics/explanations');
const page = (code: Code): string => readFileSync(join(folder, `${code}.md`), 'utf8');
const codes = Object.keys(CODES) as Code[];
const codesOf = (model: string, code: Code): readonly Code[] =>
  // one warning is for pedants; the others' models need not be free of it
  compileSource(model, { pedantic: code === 'GMM0282' }).diagnostics.map((d) => d.code);

it('there is a page for every code, and no other', () => {
  expect(readdirSync(folder).sort()).toEqual(codes.map((code) => `${code}.md`).sort());
});

describe.each(codes)('%s', (code) => {
  it('has its title and its models', () => {
    const text = page(code);
    expect(text.split('\n', 1)[0]).toBe(`# ${code}: ${CODES[code]}`);
    const { fail, pass } = examples(text);
    // data, fits and engines are not told by a model alone
    if (!/^GMM0[123]/.test(code)) expect([...fail, ...pass]).toEqual([]);
    else {
      expect([fail.length > 0, pass.length > 0]).toEqual([true, true]);
      for (const model of fail) expect([...new Set(codesOf(model, code))]).toEqual([code]);
      for (const model of pass) expect(codesOf(model, code)).not.toContain(code);
    }
  });
});

it('a code may be written short, and an unknown one has its nearest', () => {
  expect(explain('203', page)).toMatchObject({ kind: 'page', code: 'GMM0203' });
  expect(explain('GMM0999', page)).toMatchObject({ kind: 'unknown' });
});
