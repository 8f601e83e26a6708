/** The certificate must fail when a rule is broken: each test breaks one and looks at which check notices. */
import { describe, expect, it } from 'vitest';
import { multiply, number, power } from '../../src/algebra/build.js';
import { replace } from '../../src/algebra/traverse.js';
import type { Expr } from '../../src/algebra/types.js';
import { certify } from '../../src/derive/certificate.js';
import { replay } from '../../src/derive/replay.js';
import type { Derivation, Statistic } from '../../src/derive/types.js';
import { stream } from '../../src/random.js';
import { compiled, mixture } from '../models.js';

const full = compiled(mixture('param Sigma[k] : covariance[D]', 'Sigma[z[i]]')).derivation;
const tied = compiled(mixture('param Sigma : covariance[D]', 'Sigma')).derivation;
const sd = compiled(mixture('param s[k] : sd', 's[z[i]]', 'real')).derivation;
const map = compiled(mixture('param s2 : variance ~ InverseGamma(3, 2)', 's2', 'real')).derivation;
const floored = compiled(
  `${mixture('param s2[k] : variance', 's2[z[i]]', 'real')}constrain s2[k] >= 0.4\n`,
).derivation;
const held = compiled(
  `${mixture('param s2[k] : variance', 's2[z[i]]', 'real')}constrain pi[1] = 0.3\n`,
).derivation;

const failures = (d: Derivation): readonly string[] => [
  ...new Set(
    certify(d, stream('1', 'mutation'))
      .filter((c) => !c.passed)
      .map((c) => c.parameter ?? 'whole'),
  ),
];

function withUpdate(d: Derivation, parameter: string, change: (value: Expr) => Expr): Derivation {
  return {
    ...d,
    updates: d.updates.map((u) => (u.parameter === parameter ? { ...u, value: change(u.value) } : u)),
  };
}
const withStatistic = (d: Derivation, name: string, change: (s: Statistic) => Statistic): Derivation => ({
  ...d,
  statistics: d.statistics.map((s) => (s.name === name ? change(s) : s)),
});

describe('the certificate', () => {
  it('passes what is right', () => {
    for (const d of [full, tied, sd, map, floored, held]) expect(failures(d)).toEqual([]);
  });

  it('notices a lost factor ½ in a covariance', () => {
    expect(failures(withUpdate(full, 'Sigma', (v) => multiply(number(0.5), v)))).toContain('Sigma');
  });

  it('notices a wrong sign', () => {
    expect(failures(withUpdate(full, 'mu', (v) => multiply(number(-1), v)))).toContain('mu');
  });

  it('notices a missing tie: the scatter of one component for all', () => {
    const broken = withUpdate(tied, 'Sigma', (v) =>
      replace(v, (part) =>
        part.kind === 'sum'
          ? replace(part.body, (s) =>
              s.kind === 'symbol' && s.role === 'statistic'
                ? { ...s, indices: [{ kind: 'fixed', value: 1 }] }
                : undefined,
            )
          : undefined,
      ),
    );
    expect(failures(broken)).toContain('Sigma');
  });

  it('notices a variance given for a standard deviation', () => {
    expect(failures(withUpdate(sd, 's', (v) => power(v, 2)))).toContain('s');
  });

  it('notices a prior left out', () => {
    const likelihoodOnly = compiled(mixture('param s2 : variance', 's2', 'real')).derivation;
    const broken = withUpdate(
      map,
      's2',
      () => likelihoodOnly.updates.find((u) => u.parameter === 's2')!.value,
    );
    expect(failures({ ...broken, statistics: likelihoodOnly.statistics })).toContain('s2');
  });

  it('notices weights that do not sum to one', () => {
    expect(failures(withUpdate(full, 'pi', (v) => multiply(number(1.01), v)))).toContain('pi');
  });

  it('notices a floor that is too high', () => {
    const broken = withUpdate(floored, 's2', (v) => (v.kind === 'maximum' ? { ...v, right: number(5) } : v));
    expect(failures(broken)).toContain('s2');
  });

  it('notices a held weight that is forgotten', () => {
    expect(
      failures(withUpdate(held, 'pi', () => full.updates.find((u) => u.parameter === 'pi')!.value)),
    ).toContain('pi');
  });

  it('notices a statistic over the wrong thing', () => {
    const broken = withStatistic(full, 's', (s) => ({
      ...s,
      definition: replace(s.definition, (p) =>
        p.kind === 'symbol' && p.role === 'responsibility' ? power(p, 2) : undefined,
      ),
    }));
    expect(failures(broken)).toContain('mu');
  });

  it('notices a wrong posterior', () => {
    const posterior = full.posterior!;
    const broken = { ...full, posterior: { ...posterior, logits: posterior.logits.slice(1) } };
    expect(failures(broken)).toContain('whole');
  });
});

describe('the replay', () => {
  const failed = (d: Derivation): readonly string[] =>
    replay(d, stream('1', 'mutation'))
      .filter((r) => !r.passed)
      .map((r) => r.step.rule);
  const withSteps = (d: Derivation, rule: string, change: (after: Expr) => Expr): Derivation => ({
    ...d,
    sections: d.sections.map((s) => ({
      ...s,
      blocks: s.blocks.map((b) =>
        b.kind === 'steps'
          ? {
              ...b,
              steps: b.steps.map((step) =>
                step.rule === rule ? { ...step, after: change(step.after) } : step,
              ),
            }
          : b,
      ),
    })),
  });

  it.each([
    'write the densities',
    'normal form',
    'sum over the latent',
    'posterior',
    'bound',
    'expect',
    'terms of the parameter',
    'collect',
    'add the multiplier',
    'differentiate',
    'solve',
  ])('finds the step that is wrong: %s', (rule) => {
    expect(failed(withSteps(full, rule, (after) => multiply(number(1.1), after)))).toContain(rule);
  });

  it('finds a floor that is not kept', () => {
    expect(failed(withSteps(floored, 'apply the bounds', () => number(0.001)))).toContain('apply the bounds');
  });

  it('finds a limit that is another one', () => {
    const limit = compiled(mixture('const eps\nlimit eps -> 0+', 'eps * I')).derivation;
    expect(failed(limit)).toEqual([]);
    expect(
      failed(withSteps(limit, 'let the constant go to zero', (after) => multiply(number(2), after))),
    ).toContain('let the constant go to zero');
  });
});
