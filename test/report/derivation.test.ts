/** Derivations as LaTeX and HTML: every formula is parsed, every document is whole, every name survives. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import temml from 'temml';
import { describe, expect, it } from 'vitest';
import { latexName } from '../../src/algebra/notation-latex.js';
import { compileSource } from '../../src/compile.js';
import { certify } from '../../src/derive/certificate.js';
import { stream } from '../../src/random.js';
import { derivationHtml } from '../../src/report/derivation-html.js';
import { derivationLatex } from '../../src/report/derivation-latex.js';
import { derivationMarkdown } from '../../src/report/derivation-markdown.js';
import { compiled, exampleSource, examples, root } from '../models.js';
import { structures } from '../structures.js';
import { latexMathematics, markdownMathematics, unbalanced } from './documents.js';

const golden = join(root, 'test/golden/reports');
const hasTex = spawnSync('pdflatex', ['--version']).status === 0;

const parse = (latex: string): string =>
  temml.renderToString(latex, { displayMode: true, throwOnError: true });

/** What pdfTeX says of a document that it does not take; nothing where it takes it. */
function texErrors(document: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'gmm-tex-'));
  try {
    writeFileSync(join(folder, 'document.tex'), document);
    const { stdout } = spawnSync('pdflatex', ['-interaction=nonstopmode', '-halt-on-error', 'document.tex'], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (!existsSync(join(folder, 'document.pdf'))) return stdout.slice(-800);
    return (stdout.match(/^(Overfull|Missing character|LaTeX Warning: (?!Label)).*$/gm) ?? []).join('\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const sources: readonly (readonly [string, string])[] = [
  ...examples.map((e) => [e.name, exampleSource(e)] as const),
  ...Object.entries(structures),
];

describe.each(sources)('%s', (_, source) => {
  const { derivation } = compiled(source);
  const checks = certify(derivation, stream('1', 'certificate'));
  const latex = derivationLatex(derivation, { source, checks });

  it('is mathematics that a parser of amsmath takes, in every format', () => {
    const formulas = [...latexMathematics(latex), ...markdownMathematics(derivationMarkdown(derivation))];
    expect(formulas.length).toBeGreaterThan(20);
    for (const formula of formulas) expect(() => parse(formula), formula).not.toThrow();
  });

  it.skipIf(!hasTex)('compiles with pdfTeX, no line too wide', () => {
    expect(texErrors(latex)).toBe('');
  });

  it('is a well-formed page that loads nothing, with its source, its contents and an anchor for each M-step', () => {
    const page = derivationHtml(derivation, { source, checks });
    expect(unbalanced(page)).toBe('');
    expect(page.replaceAll('http://www.w3.org/1998/Math/MathML', '')).not.toMatch(
      /https?:|<script|<link|<img|@import|url\(/,
    );
    for (const { parameter } of derivation.updates) {
      expect(page).toContain(`<section id="m-step-${parameter}">`);
      expect(page).toContain(`<a href="#m-step-${parameter}">`);
    }
    expect(page.match(/<li><code>/g)?.length).toBe(source.replace(/\n+$/, '').split('\n').length);
    for (const [, target = ''] of page.matchAll(/href="#([^"]+)"/g)) expect(page).toContain(`id="${target}"`);
  });
});

describe.each(['old-faithful', 'k-means'])('%s', (name) => {
  const source = exampleSource(examples.find((e) => e.name === name)!);
  const { derivation } = compiled(source);
  it('has the documents that were reviewed', async () => {
    await expect(derivationLatex(derivation, { source })).toMatchFileSnapshot(join(golden, `${name}.tex`));
    await expect(derivationHtml(derivation, { source })).toMatchFileSnapshot(join(golden, `${name}.html`));
  });
});

const modelWith = (share: string, mean: string, data: string): string => `model Names
/// a & b % c # d_e {f} ~ ^ \\ "g" <h> № é
const K = 2
plate i over rows
plate k in 1..K
param ${share} : simplex[k]
param ${mean}[k] : real
latent z[i] : k ~ Categorical(${share})
data ${data}[i] : real ~ Normal(${mean}[z[i]], variance: 1)
`;

describe('names', () => {
  it.each([
    ['pi', '\\pi'],
    ['Sigma', '\\Sigma'],
    ['x', 'x'],
    ['λ', '\\lambda'],
    ['Ω', '\\Omega'],
    ['velocity', '\\mathrm{velocity}'],
    ['x_1', '\\text{x\\_1}'],
    ['x1', 'x\\mathrm{1}'],
    ['beta0', '\\beta\\mathrm{0}'],
    ['Alpha', '\\mathrm{Alpha}'],
    ['over', '\\mathrm{over}'],
    ['é', '\\text{é}'],
    ['größe_2', '\\text{größe\\_2}'],
  ])('%s is %s', (name, latex) => {
    expect(latexName(name)).toBe(latex);
    expect(() => parse(`${latex}_{k}`)).not.toThrow();
  });

  const special = [
    'over',
    'frac',
    'end',
    'left',
    'def',
    'x_1',
    '_',
    '__a_',
    'λ',
    'Σ',
    'Ω',
    'naïve',
    'ж',
    '数',
    'mu_x',
    'µ',
  ];

  it('any valid names give documents that parse', () => {
    const name = fc.oneof(
      fc.constantFrom(...special),
      fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/),
      fc.stringMatching(/^[\p{L}_][\p{L}\p{M}\p{Nd}_]{0,4}$/u),
    );
    const reserved =
      /^(?:_|I|D|K|N|i|k|z|model|const|plate|param|latent|data|let|limit|constrain|over|rows|from|as|in|if|then|else|true|false|and|or|not)$/;
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 3, maxLength: 3 }), ([share, mean, data]) => {
        fc.pre([share, mean, data].every((n) => !reserved.test(n)));
        const source = modelWith(share, mean, data);
        const { derivation } = compileSource(source);
        // names that the language refuses are no case of this property
        fc.pre(derivation !== undefined);
        for (const formula of latexMathematics(derivationLatex(derivation, { source }))) parse(formula);
        expect(unbalanced(derivationHtml(derivation, { source }))).toBe('');
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('different names look different', () => {
    const ascii = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,5}$/);
    fc.assert(
      fc.property(ascii, ascii, (a, b) => {
        fc.pre(a !== b && ![a, b].includes('eps') && ![a, b].includes('varepsilon'));
        expect(latexName(a)).not.toBe(latexName(b));
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it.skipIf(!hasTex).each([
    ['shäre', 'µ', 'ж'],
    ['x_1', 'over', '数'],
    ['lambda', 'λ', 'Ω'],
  ])('%s, %s and %s compile with pdfTeX', (share, mean, data) => {
    const source = modelWith(share, mean, data);
    const { derivation } = compiled(source);
    expect(texErrors(derivationLatex(derivation, { source }))).toBe('');
  });
});
