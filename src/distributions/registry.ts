/** All distributions that the language offers. A file in this folder that is not listed here fails a test by name. */
import type { DistributionSignature } from '../model/types.js';
import { categorical } from './categorical.js';
import { dirichlet } from './dirichlet.js';
import { exponential } from './exponential.js';
import { gamma } from './gamma.js';
import { inverseGamma } from './inverse-gamma.js';
import { inverseWishart } from './inverse-wishart.js';
import { normal } from './normal.js';
import { pointMass } from './point-mass.js';
import { poisson } from './poisson.js';
import { uniform } from './uniform.js';
import type { Distribution } from './types.js';

export const distributions: readonly Distribution[] = [
  normal,
  categorical,
  dirichlet,
  exponential,
  gamma,
  inverseGamma,
  inverseWishart,
  poisson,
  pointMass,
  uniform,
];

export const signatures: readonly DistributionSignature[] = distributions.map((d) => d.signature);

export function distributionNamed(name: string): Distribution {
  const found = distributions.find((d) => d.signature.name === name);
  if (found === undefined) throw new Error(`no distribution ${name}`);
  return found;
}
