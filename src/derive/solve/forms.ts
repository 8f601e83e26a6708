/** The solver forms, tried in this order. A file in this folder that is not listed here fails a test by name. */
import { covariance } from './covariance.js';
import { linear } from './linear.js';
import { logOdds } from './log-odds.js';
import { logPower } from './log-power.js';
import { newton } from './newton.js';
import { orthogonal } from './orthogonal.js';
import { shape } from './shape.js';
import { simplex } from './simplex.js';
import { twoPowers } from './two-powers.js';
import { weightedMedian } from './weighted-median.js';
import type { SolverForm } from './types.js';

export const forms: readonly SolverForm[] = [
  simplex,
  logPower,
  logOdds,
  twoPowers,
  covariance,
  shape,
  orthogonal,
  linear,
  weightedMedian,
  newton,
];
