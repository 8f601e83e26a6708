/** Models that are right, one per feature of the language page. */
const MIXTURE = `
const K = 3
plate i over rows
plate k in 1..K
param pi : simplex[k]
param mu[k] : real[D]
latent z[i] : k ~ Categorical(pi)
`;

export const CORRECT: Readonly<Record<string, string>> = {
  'the example of the language page': `
    # Two kinds of eruption of the Old Faithful geyser.
    model OldFaithful "Old Faithful"
    const K = 2
    plate i over rows
    plate k in 1..K
    param  pi       : simplex[k]
    param  mu[k]    : real[D]
    param  Sigma[k] : covariance[D]
    latent z[i] : k       ~ Categorical(pi)
    data   x[i] : real[D] from eruptions, waiting ~ Normal(mu[z[i]], Sigma[z[i]])`,
  'volume, shape and orientation': `${MIXTURE}
    param lambda[k] : positive
    param A[k] : shape[D]
    param Q : orthogonal[D]
    data x[i] : real[D] ~ Normal(mu[z[i]], lambda[z[i]] * Q * diag(A[z[i]]) * Q')`,
  'a fixed variance': `${MIXTURE}
    const eps : variance = 0.1
    data x[i] : real[D] ~ Normal(mu[z[i]], eps * I)`,
  'an untyped constant times I': `${MIXTURE}
    const eps = 0.25
    data x[i] : real[D] ~ Normal(mu[z[i]], eps * I)`,
  'k-means': `${MIXTURE}
    const eps
    limit eps -> 0+
    data x[i] : real[D] ~ Normal(mu[z[i]], eps * I)`,
  'linear regression': `
    plate i over rows
    param w : real[3]
    param s2 : variance
    data t[i] : real
    let phi[i] = [1, t[i], t[i]^2]
    data y[i] : real ~ Normal(dot(w, phi[i]), s2)`,
  'a mixture of regressions whose size the basis fixes': `
    const K = 2
    plate i over rows
    plate k in 1..K
    param pi : simplex[k]
    param w[k] : real[P]
    param s[k] : sd
    data t[i] : real
    let phi[i] = [1, t[i]]
    latent z[i] : k ~ Categorical(pi)
    data y[i] : real ~ Normal(dot(w[z[i]], phi[i]), s[z[i]])`,
  'uniform noise among clusters': `${MIXTURE}
    const lo = -10
    const hi = 10
    param q : unit
    param Sigma[k] : covariance[D]
    latent noise[i] : boolean ~ Bernoulli(q)
    data x[i] : real[D] ~ if noise[i] then Uniform(lo, hi) else Normal(mu[z[i]], Sigma[z[i]])`,
  'latent classes': `
    const K = 2
    plate i over rows
    plate k in 1..K
    param pi : simplex[k]
    param p[k] : unit
    param theta[k] : simplex[3]
    param rate[k] : positive
    param mu[k] : real
    param s2 : variance
    latent z[i] : k ~ Categorical(pi)
    data smoker[i] : boolean ~ Bernoulli(p[z[i]])
    data colour[i] : category[3] ~ Categorical(theta[z[i]])
    data visits[i] : count ~ Poisson(rate[z[i]])
    data height[i] : real ~ Normal(mu[z[i]], s2)`,
  'repeated measures': `
    const K = 2
    plate i over rows
    plate g over distinct id
    plate k in 1..K
    data id[i] : g
    param pi : simplex[k]
    param mu[k] : real
    param s2 : variance
    latent z[g] : k ~ Categorical(pi)
    data y[i] : real ~ Normal(mu[z[id[i]]], s2)`,
  'a mixture of experts': `
    const K = 2
    plate i over rows
    plate k in 1..K
    param v[k] : real[2]
    param mu[k] : real
    param s2 : variance
    data u[i] : real[2] from a, b
    latent z[i] : k ~ Categorical(softmax[k](dot(v[k], u[i])))
    data y[i] : real ~ Normal(mu[z[i]], s2)`,
  'a hidden Markov model': `
    const K = 2
    plate t over rows ordered by time within id
    plate k in 1..K
    param pi : simplex[k]
    param A[k] : simplex[k]
    param mu[k] : real
    param s2 : variance
    latent z[1] : k ~ Categorical(pi)
    latent z[t] : k ~ Categorical(A[z[t-1]])
    data y[t] : real ~ Normal(mu[z[t]], s2)
    constrain A[1, 2] = 0`,
  'factor analysis': `
    const Q = 2
    plate i over rows
    param W : real[D, Q]
    param m : real[D]
    param psi : variance[D]
    latent h[i] : real[Q] ~ Normal(0, I)
    data x[i] : real[D] ~ Normal(W * h[i] + m, diag(psi))`,
  'known noise in each row': `${MIXTURE}
    param Sigma[k] : covariance[D]
    data S[i] : covariance[D]
    data x[i] : real[D] ~ Normal(mu[z[i]], Sigma[z[i]] + S[i])`,
  'priors and constraints': `
    const K = 3
    const m0 = [0, 0]
    const kappa = 0.1
    const nu = 6
    const Psi : covariance[2] = [[1, 0], [0, 1]]
    plate i over rows
    plate k in 1..K
    param pi : simplex[k] ~ Dirichlet(2)
    param mu[k] : real[D] ~ Normal(m0, Sigma[k] / kappa)
    param Sigma[k] : covariance[D] ~ InverseWishart(nu, Psi)
    latent z[i] : k ~ Categorical(pi)
    data x[i] : real[D] ~ Normal(mu[z[i]], Sigma[z[i]])
    constrain pi[1] = 0.5
    constrain mu[1] = 0
    constrain mu[2] = -mu[3]`,
  'kinds of scale': `
    const K = 2
    plate i over rows
    plate k in 1..K
    param pi : simplex[k]
    param mu[k] : real
    param s : sd
    param v[k] : variance
    param tau : precision
    latent z[i] : k ~ Categorical(pi)
    data a[i] : real ~ Normal(mu[z[i]], s^2 + v[z[i]] + 1 / tau)
    data b[i] : real ~ Normal(mu[z[i]], sqrt(v[z[i]]) + 2 * s)
    data c[i] : real ~ Normal(mu[z[i]], variance: 0.3)
    data d[i] : real ~ Normal(mu[z[i]], sd: 0.3)
    data e[i] : real ~ Normal(scale: tau, mean: mu[z[i]])
    constrain v[k] >= 0.1`,
  'weights and partly known labels': `${MIXTURE.replace('latent z[i] : k ~', 'latent z[i] : k from species ~')}
    data w[i] : positive as weight
    param s2[k] : variance
    data x[i] : real[D] ~ Normal(mu[z[i]], s2[z[i]] * I)`,
  'a zero-inflated count': `
    plate i over rows
    param p : unit
    param rate : positive
    latent never[i] : boolean ~ Bernoulli(p)
    data y[i] : count ~ if never[i] then PointMass(0) else Poisson(rate)`,
  'equal weights': `
    const K = 2
    plate i over rows
    plate k in 1..K
    param mu[k] : real
    param s2 : variance
    latent z[i] : k ~ Categorical(1 / K)
    data x[i] : real ~ Normal(mu[z[i]], s2)`,
  'symbols named pi, lambda and e, and after types': `
    plate i over rows
    param e : real
    param lambda : variance
    param sd : real
    data x[i] : real ~ Normal(e + sd, lambda)`,
};
