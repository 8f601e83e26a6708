/** What the sections of the document share. */
import { add, indicator, logsumexp, multiply, running, sum, symbol } from '../algebra/build.js';
import type { Expr, SymbolExpr } from '../algebra/types.js';
import type { Model } from '../model/types.js';
import { freshName, namesOf, weightOf } from './joint.js';
import type { Maximised } from './maximise.js';
import type { Block, Derivation, Notation, Posterior, Step, Words } from './types.js';
import { listed, logDensity, named, notation } from './words.js';

export interface DocumentParts extends Omit<Derivation, 'statistics' | 'sections'> {
  readonly jointExpr: Expr;
  readonly maximised: readonly Maximised[];
  /** gives sums over rows their names */
  readonly name: (e: Expr) => Expr;
}

export const prose = (text: Words): Block => ({ kind: 'prose', text });
export const steps = (...list: readonly Step[]): Block => ({ kind: 'steps', steps: list });
export const quantity = (name: string): Expr => symbol(name, 'constant', []);

/** What the log joint is called in the user's names: `log p(x, z)`. */
export function jointName(parts: DocumentParts): Notation {
  const names = parts.model.factors.map((f) => f.symbol);
  return logDensity([...new Set(names)].reverse());
}

export function observedName(parts: DocumentParts): Notation {
  const data = parts.model.factors
    .map((f) => f.symbol)
    .filter((s) => parts.model.data.some((d) => d.name === s));
  return logDensity([...new Set(data)]);
}

/** `[z[i] = k]` of each latent. */
export function indicatorWords(parts: DocumentParts): Words {
  const p = parts.posterior;
  if (p === undefined) return [notation('[z = k]')];
  return listed(
    p.latents.map((h) => indicator('latent', h.latent, [running(h.at.index)], running(h.value.index))),
    ' ',
  );
}

/** The values of the latents, as they stand under a sum: `k`, or `k, l`. */
export const valuesWords = (p: Posterior): Words => listed(p.latents.map((h) => named(h.value.index)));
export const latentsWords = (p: Posterior): Words =>
  listed(
    p.latents.map((h) => named(h.latent)),
    ' and ',
  );
/** The latents at their rows: `z[i]`. */
export const ownWords = (p: Posterior): Words =>
  listed(
    p.latents.map((h) => symbol(h.latent, 'data', [running(h.at.index)])),
    ' and ',
  );

/** The marginal of the model before the limit, whose logits still hold the constant. */
export function softMarginal(parts: DocumentParts): Expr {
  const posterior = parts.posterior!;
  const logits = parts.factors.filter((f) => f.role !== 'prior').map((f) => f.density);
  const { rows, latents } = posterior;
  return sum(
    rows,
    multiply(
      ...weightOf(parts.model, [rows]),
      latents.reduceRight((inner, h) => logsumexp(h.value, inner), add(...logits)),
    ),
  );
}

/** What the Lagrange multiplier may be called: the first that the user has for nothing. */
export const MULTIPLIERS = ['λ', 'ν', 'η', 'ξ'] as const;
const SPELT: Readonly<Record<(typeof MULTIPLIERS)[number], string>> = {
  λ: 'lambda',
  ν: 'nu',
  η: 'eta',
  ξ: 'xi',
};

export function multiplierSymbol(model: Model): SymbolExpr {
  const taken = namesOf(model);
  const free = MULTIPLIERS.filter((m) => !taken.has(m) && !taken.has(SPELT[m]));
  return {
    kind: 'symbol',
    name: freshName([...free, ...MULTIPLIERS], taken),
    role: 'constant',
    indices: [],
    shape: [],
    fact: undefined,
  };
}
