/** All distributions that the language offers. A file in this folder that is not listed here fails a test by name. */
import type { DistributionSignature } from '../model/types.js';
import { bernoulli } from './bernoulli.js';
import { beta } from './beta.js';
import { binomial } from './binomial.js';
import { categorical } from './categorical.js';
import { dirichlet } from './dirichlet.js';
import { exponential } from './exponential.js';
import { gamma } from './gamma.js';
import { geometric } from './geometric.js';
import { inverseGamma } from './inverse-gamma.js';
import { inverseGaussian } from './inverse-gaussian.js';
import { inverseWishart } from './inverse-wishart.js';
import { laplace } from './laplace.js';
import { logNormal } from './log-normal.js';
import { multinomial } from './multinomial.js';
import { negativeBinomial } from './negative-binomial.js';
import { normal } from './normal.js';
import { pointMass } from './point-mass.js';
import { poisson } from './poisson.js';
import { rayleigh } from './rayleigh.js';
import { studentT } from './student-t.js';
import { uniform } from './uniform.js';
import { vonMises } from './von-mises.js';
import { weibull } from './weibull.js';
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
  rayleigh,
  pointMass,
  uniform,
  bernoulli,
  beta,
  binomial,
  geometric,
  inverseGaussian,
  laplace,
  logNormal,
  multinomial,
  negativeBinomial,
  studentT,
  vonMises,
  weibull,
];

export const signatures: readonly DistributionSignature[] = distributions.map((d) => d.signature);

export function distributionNamed(name: string): Distribution {
  const found = distributions.find((d) => d.signature.name === name);
  if (found === undefined) throw new Error(`no distribution ${name}`);
  return found;
}
