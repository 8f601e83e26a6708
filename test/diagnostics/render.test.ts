import { createColors } from 'picocolors';
import { describe, expect, it } from 'vitest';
import { explain } from '../../src/diagnostics/explain.js';
import { editDistance, nearest } from '../../src/diagnostics/nearest.js';
import { linesOf, positionOf } from '../../src/diagnostics/places.js';
import { renderGithub } from '../../src/diagnostics/render-github.js';
import { renderJson } from '../../src/diagnostics/render-json.js';
import { renderSarif } from '../../src/diagnostics/render-sarif.js';
import { renderText, summary } from '../../src/diagnostics/render-text.js';
import { diagnose, report } from './checked.js';

const BAD = `model Bad
const K = 2
plate i over rows
plate k in 1..K
param  pi       : simplex[k]
param  mu[k]    : real[3]
param  Sigma[k] : covariance[D]
latent z[i] : k       ~ Categorical(pi)
data   x[i] : real[2] ~ Normal(mu[z[i]], Sigma[z[i]])
`;

describe('text', () => {
  it('is the example of the language page', () => {
    expect(renderText([report(BAD, false, 'models/bad.gmm')]))
      .toBe(`error[GMM0203]: sizes differ: \`mu[z[i]]\` is real[3] but \`x[i]\` is real[2]
  --> models/bad.gmm:9:32
   |
 6 | param  mu[k]    : real[3]
   |                   ------- declared with 3 coordinates here
 9 | data   x[i] : real[2] ~ Normal(mu[z[i]], Sigma[z[i]])
   |                                ^^^^^^^^ expected real[2]
   = help: write \`real[D]\` in both places and let the data decide
`);
  });
  it('has colours when it is given some, and the same words', () => {
    const coloured = renderText([report(BAD)], createColors(true));
    expect(coloured).toContain('\u001b[31m');
    // eslint-disable-next-line no-control-regex
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(renderText([report(BAD)]));
  });
  it('counts', () => {
    expect(summary(diagnose(BAD))).toBe('1 error');
    expect(summary([])).toBe('');
  });
  it('shows lines that end in carriage returns, and files that begin with a mark', () => {
    const text = '\ufeffplate i over rows\r\nparam mu : reel\r\n';
    const shown = renderText([report(text)]);
    expect(shown).not.toContain('\r');
    expect(shown).toContain('--> model.gmm:2:12');
    expect(renderText([report('\ufeffparam mu : reel')])).toContain('--> model.gmm:1:12');
  });
});

describe('places', () => {
  it('count characters, not code units', () => {
    const text = 'a\n𝛼𝛽x';
    expect(positionOf(linesOf(text), text.indexOf('x'))).toEqual({ line: 2, column: 3 });
  });
  it('know all line ends', () => {
    const lines = linesOf('a\r\nb\rc\nd');
    expect(lines.starts).toEqual([0, 3, 5, 7]);
  });
});

describe('formats for programs', () => {
  it('JSON', () => {
    const [first] = (JSON.parse(renderJson([report(BAD)])) as { diagnostics: unknown[] }).diagnostics;
    expect(first).toMatchObject({
      code: 'GMM0203',
      severity: 'error',
      file: 'model.gmm',
      start: { line: 9, column: 32 },
      end: { line: 9, column: 40 },
      labels: [{ message: 'declared with 3 coordinates here', start: { line: 6, column: 19 } }],
    });
  });
  it('SARIF', () => {
    const log = JSON.parse(renderSarif([report(BAD)], '0.1.0')) as {
      version: string;
      runs: { results: unknown[] }[];
    };
    expect(log.version).toBe('2.1.0');
    expect(log.runs[0].results[0]).toMatchObject({
      ruleId: 'GMM0203',
      ruleIndex: 0,
      level: 'error',
      locations: [
        { physicalLocation: { region: { startLine: 9, startColumn: 32, endLine: 9, endColumn: 40 } } },
      ],
    });
  });
  it('workflow commands', () => {
    expect(renderGithub([report(BAD, false, 'a,b.gmm')])).toMatch(
      /^::error file=a%2Cb\.gmm,line=9,endLine=9,col=32,endColumn=40,title=GMM0203::sizes differ: .*%0A/,
    );
  });
});

describe('nearest', () => {
  it.each([
    ['wieght', 'weight'],
    ['norml', 'Normal'],
    ['sigma', 'Sigma'],
    ['Gaussian', 'Normal'],
  ])('%s is %s', (word, meant) => {
    expect(nearest(word, ['weight', 'Normal', 'Sigma', 'mu'])).toBe(meant);
  });
  it.each(['x', 'turbulence', 'nu'])('%s is nothing', (word) => {
    expect(nearest(word, ['weight', 'Normal', 'Sigma', 'mu'])).toBeUndefined();
  });
  it('counts neighbours exchanged once', () => {
    expect(editDistance('wieght', 'weight')).toBe(1);
  });
});

describe('explain', () => {
  it.each(['GMM0203', 'gmm203', '203'])('%s', (given) => {
    expect(explain(given, (code) => `page of ${code}`)).toEqual({
      kind: 'page',
      code: 'GMM0203',
      text: 'page of GMM0203',
    });
  });
  it('offers a near code for one that is not there', () => {
    expect(explain('GMM0299', () => '')).toMatchObject({ kind: 'unknown' });
  });
});
