/** Each mistake with its message, as the user sees it: the pictures are in test/golden/messages. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CODES } from '../../src/diagnostics/codes.js';
import type { Code } from '../../src/diagnostics/codes.js';
import { examples } from '../../src/diagnostics/explain.js';
import { renderText } from '../../src/diagnostics/render-text.js';
import { diagnose, report } from './checked.js';
import { MISTAKES } from './mistakes.js';

const golden = join(import.meta.dirname, '..', 'golden', 'messages');
const explanations = join(import.meta.dirname, '..', '..', 'src', 'diagnostics', 'explanations');

const codes = Object.keys(CODES) as Code[];
/** Codes that a model alone can cause before anything is derived. */
const ofModels = codes.filter((code) => /^GMM0[12]/.test(code));
const isPedantic = (code: string): boolean => code === 'GMM0282';
const pageOf = (code: Code): string => readFileSync(join(explanations, `${code}.md`), 'utf8');

const picture = (text: string, pedantic = false): string =>
  `${text}\n${'─'.repeat(80)}\n${renderText([report(text, pedantic)])}`;
const fileOf = (name: string): string => `${name.replaceAll(' ', '-')}.txt`;

const ofPages = ofModels.flatMap((code) => {
  const page = existsSync(join(explanations, `${code}.md`)) ? examples(pageOf(code)).fail : [];
  return page.map((text, n) => [page.length === 1 ? code : `${code}-${n + 1}`, code, text] as const);
});

describe('every code has a page', () => {
  it.each(codes)('%s', (code) => {
    expect(pageOf(code).split('\n')[0]).toBe(`# ${code}: ${CODES[code]}`);
  });
  it('and every page a code', () => {
    expect(readdirSync(explanations).sort()).toEqual(codes.map((code) => `${code}.md`).sort());
  });
});

describe('the failing model of a page fails by its code alone, the passing one passes', () => {
  it.each(ofModels)('%s', (code) => {
    const { fail, pass } = examples(pageOf(code));
    expect(fail.length).toBeGreaterThan(0);
    expect(pass.length).toBeGreaterThan(0);
    for (const text of fail)
      expect([...new Set(diagnose(text, isPedantic(code)).map((d) => d.code))]).toEqual([code]);
    for (const text of pass) expect(diagnose(text, isPedantic(code))).toEqual([]);
  });
});

describe('messages', () => {
  it.each(ofPages)('%s', async (name, code, text) => {
    await expect(picture(text, isPedantic(code))).toMatchFileSnapshot(join(golden, fileOf(name)));
  });
  it.each(Object.entries(MISTAKES))('%s', async (name, text) => {
    expect(diagnose(text)).not.toEqual([]);
    await expect(picture(text)).toMatchFileSnapshot(join(golden, fileOf(name)));
  });
  it('has a test for every picture', () => {
    const known = [...ofPages.map(([name]) => fileOf(name)), ...Object.keys(MISTAKES).map(fileOf)];
    expect(readdirSync(golden).sort()).toEqual(known.sort());
  });
});
