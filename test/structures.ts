/** Models whose latents are of groups, several, truth values; whose data are categories; with branches. */

export const structures: Readonly<Record<string, string>> = {
  'groups of rows': `
model Repeated
const K = 2
plate i over rows
plate g over distinct id
plate k in 1..K
param pi : simplex[k]
param mu[k] : real
param s2 : variance
latent z[g] : k ~ Categorical(pi)
data id[i] : g
data y[i] : real ~ Normal(mu[z[id[i]]], s2)
`,
  'groups of weighted rows': `
model Repeated
const K = 2
plate i over rows
plate g over distinct id
plate k in 1..K
param pi : simplex[k]
param mu[k] : real[2]
param Sigma : covariance[2]
latent z[g] : k ~ Categorical(pi)
data id[i] : g
data w[i] : positive as weight
data y[i] : real[2] ~ Normal(mu[z[id[i]]], Sigma)
`,
  raters: `
model DawidSkene
const K = 2
plate i over rows
plate g over distinct item
plate j over distinct coder
plate k in 1..K
param pi : simplex[k]
param theta[j, k] : simplex[k] ~ Dirichlet(1.5)
latent z[g] : k ~ Categorical(pi)
data item[i] : g
data coder[i] : j
data label[i] : k ~ Categorical(theta[coder[i], z[item[i]]])
`,
  'classes of two kinds of data': `
model Classes
const K = 2
plate i over rows
plate k in 1..K
param pi : simplex[k]
param theta[k] : simplex[3]
param mu[k] : real
param s2 : variance
latent z[i] : k ~ Categorical(pi)
data a[i] : category[3] ~ Categorical(theta[z[i]])
data y[i] : real ~ Normal(mu[z[i]], s2)
`,
  'two latents of a row': `
model Two
const K = 2
const L = 3
plate i over rows
plate k in 1..K
plate l in 1..L
param pi : simplex[k]
param rho[k] : simplex[l]
param mu[k, l] : real
param s2[k] : variance
latent z[i] : k ~ Categorical(pi)
latent s[i] : l ~ Categorical(rho[z[i]])
data y[i] : real ~ Normal(mu[z[i], s[i]], s2[z[i]])
`,
  'a latent of the group and one of the row': `
model Nested
const K = 2
const L = 2
plate i over rows
plate g over distinct id
plate k in 1..K
plate l in 1..L
param pi : simplex[k]
param rho[k] : simplex[l]
param mu[l] : real
param s2[l] : variance
latent z[g] : k ~ Categorical(pi)
latent s[i] : l ~ Categorical(rho[z[id[i]]])
data id[i] : g
data y[i] : real ~ Normal(mu[s[i]], s2[s[i]])
`,
  'known classes': `
model Known
const K = 2
plate i over rows
plate k in 1..K
param pi : simplex[k]
param mu[k] : real[2]
param Sigma : covariance[2]
data c[i] : k ~ Categorical(pi)
data x[i] : real[2] ~ Normal(mu[c[i]], Sigma)
`,
  'an effect of each group and a latent of the row': `
model Effects
const K = 2
plate i over rows
plate g over distinct id
plate k in 1..K
param pi : simplex[k]
param a[g] : real ~ Normal(0, variance: 4)
param s2[k] : variance
latent z[i] : k ~ Categorical(pi)
data id[i] : g
data y[i] : real ~ Normal(a[id[i]], s2[z[i]])
`,
  'zeros beside counts': `
model Zip
plate i over rows
plate c in 1..2
param theta : simplex[c]
param lambda : positive
latent zero[i] : c ~ Categorical(theta)
data y[i] : count ~ if zero[i] = 1 then PointMass(0) else Poisson(lambda)
`,
  'zeros beside a density': `
model Hurdle
plate i over rows
plate c in 1..2
param theta : simplex[c]
param m : real
param s2 : variance
latent zero[i] : c ~ Categorical(theta)
data y[i] : real ~ if zero[i] = 1 then PointMass(0) else Normal(m, s2)
`,
  'noise among clusters': `
model Noise
const K = 2
const lo = [-9, -9]
const hi = [9, 9]
plate i over rows
plate k in 1..K
plate c in 1..2
param eps : simplex[c]
param pi : simplex[k]
param mu[k] : real[2]
param Sigma[k] : covariance[2]
latent noise[i] : c ~ Categorical(eps)
latent z[i] : k ~ Categorical(pi)
data x[i] : real[2] ~ if noise[i] = 1 then Uniform(lo, hi) else Normal(mu[z[i]], Sigma[z[i]])
`,
  'gating by covariates': `
model Experts
const K = 3
plate i over rows
plate k in 1..K
param v[k] : real[2]
param w[k] : real[2]
param s2[k] : variance
data t[i] : real
let u[i] = [1, t[i]]
latent z[i] : k ~ Categorical(softmax[k](dot(v[k], u[i])))
data y[i] : real ~ Normal(dot(w[z[i]], u[i]), s2[z[i]])
`,
  'gating with a prior': `
model Experts
const K = 2
plate i over rows
plate k in 1..K
const t2 : variance = 2
param v[k] : real[2] ~ Normal(0, t2 * I)
param w[k] : real[2]
param s2 : variance
data t[i] : real
let u[i] = [1, t[i]]
latent z[i] : k ~ Categorical(softmax[k](dot(v[k], u[i])))
data y[i] : real ~ Normal(dot(w[z[i]], u[i]), s2)
`,
  'gating with one held': `
model Experts
const K = 2
plate i over rows
plate k in 1..K
param v[k] : real
param mu[k] : real
param s2 : variance
data t[i] : real
latent z[i] : k ~ Categorical(softmax[k](v[k] * t[i]))
data y[i] : real ~ Normal(mu[z[i]], s2)
constrain v[1] = 0
`,
  'counts that grow, with an offset': `
model Counts
const K = 2
plate i over rows
plate k in 1..K
param pi : simplex[k]
param w[k] : real[2]
data t[i] : real
data hours[i] : positive
let phi[i] = [1, t[i]]
latent z[i] : k ~ Categorical(pi)
data y[i] : count ~ Poisson(exp(dot(w[z[i]], phi[i]) + log(hours[i])))
`,
  'a count regression of two coefficients, nothing hidden': `
model Counts
plate i over rows
param a : real
param b : real ~ Normal(0, variance: 3)
data t[i] : real
data y[i] : count ~ Poisson(exp(a + b * t[i]))
`,
  'gamma shapes': `
model Gammas
const K = 2
plate i over rows
plate k in 1..K
param pi : simplex[k]
param a[k] : positive
param b[k] : positive
latent z[i] : k ~ Categorical(pi)
data y[i] : positive ~ Gamma(a[z[i]], rate: b[z[i]])
`,
  'an entry held in one of several simplexes': `
model Held
const K = 2
const L = 3
plate i over rows
plate k in 1..K
plate l in 1..L
param pi : simplex[k]
param rho[k] : simplex[l]
param mu[l] : real
param s2 : variance
latent z[i] : k ~ Categorical(pi)
latent s[i] : l ~ Categorical(rho[z[i]])
data y[i] : real ~ Normal(mu[s[i]], s2)
constrain rho[1, 3] = 0.1
constrain rho[2, 1] = 0.2
`,
  'one component apart': `
model Apart
const K = 3
plate i over rows
plate k in 1..K
param pi : simplex[k]
param m : real
param s2 : variance
param t2 : variance
latent z[i] : k ~ Categorical(pi)
data y[i] : real ~ if z[i] = 1 then Normal(0, t2) else Normal(m, s2)
`,
  'variances that are one': `
model Ties
const K = 3
plate i over rows
plate k in 1..K
param pi : simplex[k]
param mu[k] : real
param s2[k] : variance
latent z[i] : k ~ Categorical(pi)
data y[i] : real ~ Normal(mu[z[i]], s2[z[i]])
constrain s2[1] = s2[3]
constrain pi[1] = pi[2]
`,
  'covariances that are one, under a prior': `
model TiedMatrices
const K = 3
const D = 2
plate i over rows
plate k in 1..K
param pi : simplex[k] ~ Dirichlet(2)
param mu[k] : real[D]
param Sigma[k] : covariance[D] ~ InverseWishart(6, I)
latent z[i] : k ~ Categorical(pi)
data x[i] : real[D] ~ Normal(mu[z[i]], Sigma[z[i]])
constrain Sigma[1] = Sigma[2]
constrain pi[1] = 0.3
constrain pi[2] = pi[3]
`,
  'a cap, and a floor and a cap': `
model Caps
const K = 2
plate i over rows
plate k in 1..K
param pi : simplex[k]
param mu[k] : real
param s2[k] : variance
param p[k] : unit
latent z[i] : k ~ Categorical(pi)
data y[i] : real ~ Normal(mu[z[i]], s2[z[i]])
data b[i] : boolean ~ Bernoulli(p[z[i]])
constrain s2[k] <= 0.9
constrain p[k] >= 0.4
constrain p[k] <= 0.6
`,
  'gamma shapes that are one': `
model TiedShapes
const K = 3
plate i over rows
plate k in 1..K
param pi : simplex[k]
param a[k] : positive
param b[k] : positive
latent z[i] : k ~ Categorical(pi)
data y[i] : positive ~ Gamma(a[z[i]], rate: b[z[i]])
constrain a[1] = a[2]
constrain b[2] = b[3]
`,
  'entries held and tied in every simplex': `
model Zeros
const K = 2
const L = 4
plate i over rows
plate k in 1..K
plate l in 1..L
param pi : simplex[k]
param rho[k] : simplex[l]
param mu[l] : real
param s2 : variance
latent z[i] : k ~ Categorical(pi)
latent s[i] : l ~ Categorical(rho[z[i]])
data y[i] : real ~ Normal(mu[s[i]], s2)
constrain rho[k, 4] = 0.1
constrain rho[1, 1] = rho[1, 2]
`,
  'simplexes that are one': `
model Shared
const K = 3
const L = 3
plate i over rows
plate k in 1..K
plate l in 1..L
param pi : simplex[k]
param rho[k] : simplex[l]
param mu[l] : real
param s2 : variance
latent z[i] : k ~ Categorical(pi)
latent s[i] : l ~ Categorical(rho[z[i]])
data y[i] : real ~ Normal(mu[s[i]], s2)
constrain rho[1] = rho[2]
`,
  'logarithms of vectors that are normal': `
model Sizes
const K = 2
plate i over rows
plate k in 1..K
param pi : simplex[k]
param mu[k] : real[2]
param Sigma : covariance[2]
latent z[i] : k ~ Categorical(pi)
data x[i] : positive[2] ~ LogNormal(mu[z[i]], Sigma)
`,
  'robust regressions whose spread is one, with a prior and a floor': `
model RobustLines
const K = 2
plate i over rows
plate k in 1..K
param pi : simplex[k]
param w[k] : real[2] ~ Normal(0, 25 * I)
param s2 : variance
let phi[i] = [1, t[i]]
data t[i] : real
latent z[i] : k ~ Categorical(pi)
data y[i] : real ~ StudentT(3, dot(w[z[i]], phi[i]), s2)
constrain s2 >= 0.01
`,
  'robust vectors with a diagonal spread and a mean that is held': `
model RobustRows
const K = 2
plate i over rows
plate k in 1..K
param pi : simplex[k]
param mu[k] : real[2]
param v[k] : variance[2]
latent z[i] : k ~ Categorical(pi)
data x[i] : real[2] ~ StudentT(5, mu[z[i]], diag(v[z[i]]))
constrain mu[1] = 0
`,
  'a floor under one and a cap over another': `
model Edges
const K = 3
plate i over rows
plate k in 1..K
param pi : simplex[k]
param mu[k] : real
param v[k] : variance[2]
param s2[k] : variance
latent z[i] : k ~ Categorical(pi)
data x[i] : real[2] ~ Normal(0, diag(v[z[i]]))
data y[i] : real ~ Normal(mu[z[i]], s2[z[i]])
constrain s2[1] >= 0.8
constrain s2[3] <= 0.5
constrain v[2] >= 1.5
`,
  'one location of Laplace densities of several scales': `
model Peaks
const K = 2
plate i over rows
plate k in 1..K
param pi : simplex[k]
param m : real
param b[k] : positive
latent z[i] : k ~ Categorical(pi)
data y[i] : real ~ Laplace(m, b[z[i]])
`,
  'slopes by weighted medians, one of them held': `
model Rays
const K = 4
plate i over rows
plate k in 1..K
param pi : simplex[k]
param w[k] : real
param b : positive
latent z[i] : k ~ Categorical(pi)
data n[i] : positive as weight
data t[i] : real
data y[i] : real ~ Laplace(w[z[i]] * t[i], b)
constrain w[1] = 1
`,
  'medians of groups and of known classes, above a floor': `
model Medians
const K = 2
plate i over rows
plate g over distinct id
plate j over distinct kind
plate k in 1..K
param pi : simplex[k]
param m[j, k] : real
param b : positive
latent z[g] : k ~ Categorical(pi)
data id[i] : g
data kind[i] : j
data y[i] : real ~ Laplace(m[kind[i], z[id[i]]], b)
constrain m[j, k] >= -0.4
`,
};
