/** Words for what the rules of the derivation do not solve: which term, and why. */
import type { DeriveProblem } from '../derive/types.js';
import { code, describe, listed, spanOf } from './describe.js';
import type { Source, Words } from './describe.js';
import type { Diagnostic } from './types.js';

/** Forms for other kinds of parameter have nothing to say, unless nobody has. */
function relevant<R extends { readonly reason: string }>(refusals: readonly R[]): readonly R[] {
  const told = refusals.filter((r) => !r.reason.startsWith('the parameter is not'));
  return told.length > 0 ? told : refusals;
}

const DERIVE: Words<DeriveProblem> = {
  'not-derivable-yet': {
    code: 'GMM0301',
    words: (p) => ({
      message: `${p.what} cannot be derived in this version`,
      label: 'no rule for this yet',
      helps: ['the language has it, the derivation does not: leave it out, or write the model without it'],
    }),
  },
  'no-form': {
    code: 'GMM0302',
    words: (p, source) => ({
      message: `no rule solves the M-step of ${code(p.parameter)}`,
      label: `${code(p.parameter)} is declared here`,
      labels: p.terms
        .filter((t, n) => p.terms.findIndex((other) => other.span === t.span) === n)
        .map((t) => ({ span: spanOf(t.span, source), message: `gives the term ${t.text}` })),
      helps: relevant(p.refusals).map((r) => (r.form === 'all' ? r.reason : `${r.form}: ${r.reason}`)),
    }),
  },
  'several-latents': {
    code: 'GMM0303',
    words: (p) => ({
      message: `${listed(p.latents.map(code), 'and')} belong to different groups of rows, which couples all rows: their posterior is not enumerated`,
      label: 'groups of another kind',
      helps: [
        'bind one of them to a column with `data`, or make what it selects a parameter of its own plate',
      ],
    }),
  },
  'constraint-not-solved': {
    code: 'GMM0304',
    words: (p) => ({
      message: `the constraint ${code(p.text)} is not solved: ${p.reason}`,
      label: 'this constraint',
      helps: [
        'solved are: an entry of a simplex or a whole component held at a constant or tied to another, and a constant floor or cap on a variance, sd, precision or probability',
      ],
    }),
  },
  'limit-not-derivable': {
    code: 'GMM0305',
    words: (p) => ({
      message: `the limit ${code(`${p.constant} -> 0+`)} cannot be derived: ${p.reason}`,
      label: 'this limit',
      helps: ['the constant must scale a variance, as in `Normal(mu[z[i]], eps * I)`'],
    }),
  },
  'priors-drop-out': {
    code: 'GMM0306',
    words: (p) => ({
      message: `the prior of ${listed(p.symbols.map(code), 'and')} drops out in the limit`,
      label: 'terms without the constant are of lower order',
      helps: ['leave the prior out, or scale it with the constant of the limit'],
    }),
  },
};

/** A prior that drops out is a warning: the fit goes on without it. */
export const describeDerive = (problems: readonly DeriveProblem[], source: Source): readonly Diagnostic[] =>
  describe(DERIVE, problems, source).map((d) => (d.code === 'GMM0306' ? { ...d, severity: 'warning' } : d));
