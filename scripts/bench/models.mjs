/** Models that `npm run bench` fits, as texts of the language by name. */

/** @param {string} scale @param {string} covariance @param {string} [more] */
const gaussian = (scale, covariance, more = '') => `
model Clusters
const K = 2
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param mu[k] : real[D]
param ${scale}
latent z[i] : k ~ Categorical(pi)
data   x[i] : real[D] ~ Normal(mu[z[i]], ${covariance})
${more}`;

/** One number in each row. @param {string} parameters @param {string} data */
const scalar = (parameters, data) => `
model Numbers
const K = 2
plate i over rows
plate k in 1..K
param pi : simplex[k]
${parameters}
latent z[i] : k ~ Categorical(pi)
data   ${data}
`;

/** @param {number} from @param {number} to */
const names = (from, to) => Array.from({ length: to - from + 1 }, (_, d) => `x${from + d}`).join(', ');

/** The last column on the others. @param {number} dim */
const lines = (dim) => `
model Lines
const K = 2
plate i over rows
plate k in 1..K
param pi    : simplex[k]
param w[k]  : real[${dim - 1}]
param s2[k] : variance
data   phi[i] : real[${dim - 1}] from ${names(1, dim - 1)}
latent z[i] : k ~ Categorical(pi)
data   x${dim}[i] : real ~ Normal(dot(w[z[i]], phi[i]), s2[z[i]])
`;

export const models = {
  full: gaussian('Sigma[k] : covariance[D]', 'Sigma[z[i]]'),
  diag: gaussian('v[k] : variance[D]', 'diag(v[z[i]])'),
  tied: gaussian('Sigma : covariance[D]', 'Sigma'),
  weighted: gaussian('Sigma[k] : covariance[D]', 'Sigma[z[i]]', 'data   times[i] : positive as weight\n'),
  kmeans: `
model KMeans
const K = 2
const s2 : variance
plate i over rows
plate k in 1..K
param mu[k] : real[D]
latent z[i] : k ~ Categorical(1 / K)
data   x[i] : real[D] ~ Normal(mu[z[i]], s2 * I)
limit  s2 -> 0+
`,
  lines8: lines(8),
  lines16: lines(16),
  studentT: scalar(
    'param mu[k] : real\nparam s2[k] : variance',
    'x1[i] : real ~ StudentT(4, mu[z[i]], s2[z[i]])',
  ),
  robust: scalar(
    'param mu[k] : real[D]\nparam Sigma[k] : covariance[D]',
    'x[i] : real[D] ~ StudentT(4, mu[z[i]], Sigma[z[i]])',
  ),
  laplace: scalar('param mu[k] : real\nparam b[k] : positive', 'x1[i] : real ~ Laplace(mu[z[i]], b[z[i]])'),
  gamma: scalar(
    'param a[k] : positive\nparam b[k] : positive',
    'y[i] : positive ~ Gamma(a[z[i]], rate: b[z[i]])',
  ),
  beta: scalar('param a[k] : positive\nparam b[k] : positive', 'u[i] : unit ~ Beta(a[z[i]], b[z[i]])'),
  mixed: `
model Mixed
const K = 2
plate i over rows
plate k in 1..K
param pi         : simplex[k]
param mu[k]      : real[4]
param v[k]       : variance[4]
param kinds[k]   : simplex[3]
param chance[k]  : unit
param rate[k]    : positive
latent z[i] : k ~ Categorical(pi)
data   x[i]     : real[4]     from x1, x2, x3, x4 ~ Normal(mu[z[i]], diag(v[z[i]]))
data   kind[i]  : category[3] ~ Categorical(kinds[z[i]])
data   flag[i]  : boolean     ~ Bernoulli(chance[z[i]])
data   count[i] : count       ~ Poisson(rate[z[i]])
`,
  groups: `
model Repeated
const K = 2
plate i over rows
plate g over distinct subject
plate k in 1..K
param pi    : simplex[k]
param mu[k] : real
param s2[k] : variance
latent z[g]       : k ~ Categorical(pi)
data   subject[i] : g
data   x1[i]      : real ~ Normal(mu[z[subject[i]]], s2[z[subject[i]]])
`,
  counts: `
model Counts
const K = 2
plate i over rows
plate k in 1..K
param pi   : simplex[k]
param w[k] : real[3]
let    phi[i] = [1, x1[i], x2[i]]
latent z[i] : k ~ Categorical(pi)
data   x1[i] : real
data   x2[i] : real
data   count[i] : count ~ Poisson(exp(dot(w[z[i]], phi[i])))
`,
};
