/** All distributions that the language offers. A file in this folder that is not listed here fails a test by name. */
import type { DistributionSignature } from '../model/types.js';
import { categorical } from './categorical.js';
import { dirichlet } from './dirichlet.js';
import { normal } from './normal.js';
import type { Distribution } from './types.js';

export const distributions: readonly Distribution[] = [normal, categorical, dirichlet];

export const signatures: readonly DistributionSignature[] = distributions.map((d) => d.signature);

export function distributionNamed(name: string): Distribution {
  const found = distributions.find((d) => d.signature.name === name);
  if (found === undefined) throw new Error(`no distribution ${name}`);
  return found;
}
