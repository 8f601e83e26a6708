/** The models of `models/`, compiled; and models written in a test. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileSource } from '../src/compile.js';
import type { Derivation } from '../src/derive/types.js';
import { whyNotEmitted } from '../src/plan/plain.js';
import type { Plan } from '../src/plan/types.js';

export const root = join(import.meta.dirname, '..');

export interface Example {
  readonly name: string;
  readonly model: string;
  readonly data: string;
}

export const examples = JSON.parse(
  readFileSync(join(root, 'models/examples.json'), 'utf8'),
) as readonly Example[];
export const exampleSource = (e: Example): string => readFileSync(join(root, 'models', e.model), 'utf8');
export const exampleData = (e: Example): string => join(root, 'models', e.data);

/** Compiles a model that must have no errors. */
export function compiled(source: string): { readonly derivation: Derivation; readonly plan: Plan } {
  const { derivation, plan, diagnostics } = compileSource(source);
  if (derivation === undefined || plan === undefined)
    throw new Error(diagnostics.map((d) => `${d.code} ${d.message}`).join('\n'));
  return { derivation, plan };
}

/** Examples that every engine runs: one latent per row, polynomials of the columns, no missing cells. */
export const plainExamples = examples.filter(
  (e) => e.name !== 'missing-cells' && whyNotEmitted(compiled(exampleSource(e)).plan) === undefined,
);

/** A mixture over `x`, the given lines in the place of scale and priors. */
export const mixture = (parameters: string, scale: string, type = 'real[D]'): string => `
model Test
const K = 2
plate i over rows
plate k in 1..K
param pi : simplex[k]
param mu[k] : ${type}
${parameters}
latent z[i] : k ~ Categorical(pi)
data x[i] : ${type} ~ Normal(mu[z[i]], ${scale})
`;
