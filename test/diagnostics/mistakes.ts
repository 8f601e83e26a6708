/** Mistakes beside those of the explanations: other ways to the same code, and several at once. */
const MIXTURE = `const K = 2
plate i over rows
plate k in 1..K
param  pi    : simplex[k]
param  mu[k] : real
param  s2    : variance
latent z[i] : k ~ Categorical(pi)
`;
const X = 'data   x[i] : real ~ Normal(mu[z[i]], s2)\n';
const ONE = `plate i over rows
param mu : real
param s2 : variance
`;
const Y = 'data  x[i] : real ~ Normal(mu, s2)\n';

export const MISTAKES: Readonly<Record<string, string>> = {
  // syntax
  'a column type without its colon': `${ONE}data x[i] real ~ Normal(mu, s2)\n`,
  'an argument named with an equals sign': `${ONE}data x[i] : real ~ Normal(mu, scale = s2)\n`,
  'a bracket too many': `${ONE}data x[i]] : real ~ Normal(mu, s2)\n`,
  'an unclosed bracket in a type': `${ONE}data x[i] : real[2 ~ Normal(mu, s2)\n`,
  'a plate from zero': `plate k in 0..3\n${ONE}${Y}`,
  'a plate on rows': `plate i on rows\nparam mu : real\nparam s2 : variance\n${Y}`,
  'not equal in a constraint': `${ONE}${Y}constrain mu != 0\n`,
  'a semicolon': `${ONE}data x[i] : real ~ Normal(mu, s2);\n`,
  'a decimal point without digits': `const a = 1.\n${ONE}${Y}constrain mu >= a\n`,
  'a role of another language': `parameter mu : real\nparam s2 : variance\nplate i over rows\n${Y}`,
  'prose instead of a model': 'The heights of adults are normally distributed.\n',
  'a superscript': `${ONE}param s : sd\ndata x[i] : real ~ Normal(mu, s² + s2)\n`,
  // names
  'a misspelt latent': `${MIXTURE}data   x[i] : real ~ Normal(mu[zz[i]], s2)\n`,
  'an upper case that is none': `${MIXTURE.replace('s2', 'Sigma')}data   x[i] : real ~ Normal(mu[z[i]], sigma)\n`,
  'a name that is nowhere near': `${ONE}data  x[i] : real ~ Normal(mu, turbulence)\n`,
  'a plate declared as a symbol': `${ONE}param i : real\n${Y}`,
  'the identity as a name': `param I : real\n${ONE}${Y}constrain I = 0\n`,
  'a type of another language': `plate i over rows\nparam mu : float\nparam s2 : variance\n${Y}`,
  'two limits':
    'const K = 2\nconst eps\nlimit eps -> 0+\nlimit eps -> 0+\nplate i over rows\nplate k in 1..K\nparam  mu[k] : real\nlatent z[i] : k ~ Categorical(1 / K)\ndata   x[i] : real ~ Normal(mu[z[i]], eps)\n',
  'two weights': `${ONE}${Y}data a[i] : positive as weight\ndata b[i] : positive as weight\n`,
  // plates and indices
  'a plate twice in a declaration': `${ONE}data x[i, i] : real ~ Normal(mu, s2)\n`,
  'a plate that is nowhere declared': `plate i over rows\nparam mu[k] : real\nparam s2 : variance\ndata x[i] : real ~ Normal(mu[1], s2)\n`,
  'a plate of undeclared length': MIXTURE.replace('const K = 2\n', '') + X,
  'the beginning of a sequence alone':
    'const K = 2\nplate t over rows ordered by time\nplate k in 1..K\nparam  pi    : simplex[k]\nparam  mu[k] : real\nparam  s2    : variance\nlatent z[1] : k ~ Categorical(pi)\ndata   x[t] : real ~ Normal(mu[z[t]], s2)\n',
  'two rows before':
    'const K = 2\nplate t over rows ordered by time\nplate k in 1..K\nparam  pi    : simplex[k]\nparam  A[k]  : simplex[k]\nparam  mu[k] : real\nparam  s2    : variance\nlatent z[1] : k ~ Categorical(pi)\nlatent z[t] : k ~ Categorical(A[z[t-2]])\ndata   x[t] : real ~ Normal(mu[z[t]], s2)\n',
  'an index of zero': `${MIXTURE}${X}constrain mu[0] = 1\n`,
  'a negative index': `${MIXTURE}${X}constrain mu[-1] = 1\n`,
  'an index beyond a vector': `${ONE.replace('real', 'real[2]')}data x[i] : real[2] ~ Normal(mu, s2 * I)\nconstrain mu[3] = 0\n`,
  'a label beyond its plate': `${MIXTURE}data   x[i] : real ~ Normal(if z[i] = 3 then mu[1] else mu[2], s2)\n`,
  'a latent of another plate':
    'const K = 2\nconst L = 3\nplate i over rows\nplate k in 1..K\nplate l in 1..L\nparam  pi    : simplex[l]\nparam  mu[k] : real\nparam  s2    : variance\nlatent z[i] : l ~ Categorical(pi)\ndata   x[i] : real ~ Normal(mu[z[i]], s2)\n',
  'a coordinate of another length':
    'const L = 3\nplate i over rows\nplate l in 1..L\nparam  m    : real[2]\nparam  s2   : variance\ndata   x[i] : real ~ Normal(sum[l](m[l]), s2)\n',
  'a group without its index':
    'const K = 2\nplate i over rows\nplate g over distinct id\nplate k in 1..K\ndata id[i] : g\nparam pi : simplex[k]\nparam mu[k] : real\nparam s2 : variance\nlatent z[g] : k ~ Categorical(pi)\ndata y[i] : real ~ Normal(mu[z[i]], s2)\n',
  'a component in a line over rows': `${MIXTURE}data   x[i] : real ~ Normal(mu[k], s2)\n`,
  // sizes and shapes
  'a vector of another length than its basis':
    'plate i over rows\nparam w    : real[3]\nparam s2   : variance\ndata  t[i] : real\nlet phi[i] = [1, t[i]]\ndata  y[i] : real ~ Normal(dot(w, phi[i]), s2)\n',
  'a size fixed in two ways':
    'plate i over rows\nparam w    : real[D]\nparam m    : real[D]\nparam s2   : variance\ndata  t[i] : real\nlet phi[i] = [1, t[i], t[i]^2]\ndata  y[i] : real ~ Normal(dot(w, phi[i]), s2)\ndata  x[i] : real[2] ~ Normal(m, s2 * I)\n',
  'more columns than coordinates': `plate i over rows\nparam mu : real[2]\nparam s2 : variance\ndata x[i] : real[2] from a, b, c ~ Normal(mu, s2 * I)\n`,
  'two columns for a number': `${ONE}data x[i] : real from a, b ~ Normal(mu, s2)\n`,
  'a covariance of another size':
    'plate i over rows\nparam mu    : real[D]\nparam Sigma : covariance[2]\ndata  x[i]  : real[3] ~ Normal(mu, Sigma)\n',
  'a matrix product that does not fit':
    'plate i over rows\nparam  W    : real[D, 3]\nparam  s2   : variance\nlatent h[i] : real[2] ~ Normal(0, I)\ndata   x[i] : real[D] ~ Normal(W * h[i], s2 * I)\n',
  'a constant of another length': `const m0 : real[3] = [0, 0]\n${ONE}${Y}constrain mu = m0[1]\n`,
  'a matrix that is not positive definite':
    'const S : covariance[2] = [[1, 2], [2, 1]]\nplate i over rows\nparam mu   : real[2]\ndata  x[i] : real[2] ~ Normal(mu, S)\n',
  'weights that do not sum to one':
    'const w : simplex[2] = [0.5, 0.6]\nplate i over rows\nplate k in 1..2\nparam  mu[k] : real\nparam  s2    : variance\nlatent z[i] : k ~ Categorical(w)\ndata   x[i] : real ~ Normal(mu[z[i]], s2)\n',
  'a vector and a matrix added':
    'plate i over rows\nparam mu    : real[D]\nparam Sigma : covariance[D]\ndata  x[i]  : real[D] ~ Normal(mu, Sigma + mu)\n',
  'a vector as a divisor':
    'plate i over rows\nparam v    : variance[D]\nparam mu   : real[D]\ndata  x[i] : real[D] ~ Normal(mu, diag(1 / v))\n',
  'a transposed vector':
    "plate i over rows\nparam w    : real[D]\nparam s2   : variance\ndata  u[i] : real[D] from a, b\ndata  y[i] : real ~ Normal(w' * u[i], s2)\n",
  'a vector to a power':
    'plate i over rows\nparam w    : real[2]\nparam s2   : variance\ndata  y[i] : real ~ Normal(dot(w, w^2), s2)\n',
  'a boolean in a sum': `${ONE}data b[i] : boolean\ndata x[i] : real ~ Normal(mu + b[i], s2)\n`,
  'a vector of unlike things': `${ONE}data t[i] : real\nparam w : real[2]\nlet phi[i] = [1, w]\ndata x[i] : real ~ Normal(dot(w, phi[i]), s2)\n`,
  // scales
  'an untyped constant as a scale': `const eps = 0.25\nplate i over rows\nparam mu : real\ndata  x[i] : real ~ Normal(mu, eps)\n`,
  'a positive as a scale': `plate i over rows\nparam mu : real\nparam s : positive\ndata  x[i] : real ~ Normal(mu, s)\n`,
  'a number as the scale of a vector':
    'plate i over rows\nparam mu   : real[D]\nparam s2   : variance\ndata  x[i] : real[D] ~ Normal(mu, s2)\n',
  'a matrix as the scale of a number':
    'plate i over rows\nparam mu : real\nparam S  : covariance[2]\ndata  x[i] : real ~ Normal(mu, S)\n',
  'a variance of zero': 'plate i over rows\nparam mu : real\ndata  x[i] : real ~ Normal(mu, variance: 0)\n',
  'a constraint between two kinds of scale':
    'plate i over rows\nparam mu : real\nparam s  : sd\nparam v  : variance\ndata  x[i] : real ~ Normal(mu, s)\ndata  y[i] : real ~ Normal(mu, v)\nconstrain s = v\n',
  'a choice between two kinds of scale':
    'plate i over rows\nparam mu : real\nparam s  : sd\nparam v  : precision\ndata  b[i] : boolean\ndata  x[i] : real ~ Normal(mu, if b[i] then s else v)\n',
  // distributions
  'a distribution without parentheses': 'plate i over rows\ndata  x[i] : real ~ Normal\n',
  'a number after the tilde': 'plate i over rows\ndata  x[i] : real ~ 3\n',
  'a misspelt argument': `${ONE}data  x[i] : real ~ Normal(maen: mu, scale: s2)\n`,
  'an argument given twice': `${ONE}data  x[i] : real ~ Normal(mu, s2, mean: mu)\n`,
  'a probability above one': 'plate i over rows\ndata  b[i] : boolean ~ Bernoulli(1.5)\n',
  'weights that are only positive':
    'plate i over rows\nplate k in 1..2\nparam  w[k]  : positive\nparam  v     : positive[2]\nparam  mu[k] : real\nparam  s2    : variance\nlatent z[i] : k ~ Categorical(v)\ndata   x[i] : real ~ Normal(mu[z[i]] * w[1], s2)\n',
  'positive data from a Normal': `${ONE}data  x[i] : positive ~ Normal(mu, s2)\n`,
  'a latent label from a Normal': `${MIXTURE.replace('Categorical(pi)', 'Normal(0, s2)')}${X}constrain pi[1] = 0.5\n`,
  // constraints
  'a weight above one': `${MIXTURE}${X}constrain pi[1] = 1.5\n`,
  'a variance below zero': `${MIXTURE}${X}constrain s2 = -1\n`,
  'two values for one parameter': `${MIXTURE}${X}constrain mu[1] = 0\nconstrain mu[1] = 1\n`,
  'a floor above a ceiling': `${MIXTURE}${X}constrain s2 >= 2\nconstrain s2 < 1\n`,
  'all weights held, and too little': `${MIXTURE}${X}constrain pi[1] = 0.3\nconstrain pi[2] = 0.3\n`,
  'all weights at once': `${MIXTURE}${X}constrain pi = [0.6, 0.6]\n`,
  'a constraint on a latent': `${MIXTURE}${X}constrain mu[z[i]] = 0\n`,
  // several at once, and none that follows from another
  'five mistakes in one file': `model Many
const K = 2
plate i over rows
plate k in 1..K
param  pi       : simplx[k]
param  mu[k]    : real[3]
param  Sigma[k] : covariance[2]
latent z[i] : k       ~ Categorical(pi)
data   x[i] : real[2] from a, b ~ Normal(mu[z[i]], Sigma[z[i]])
data   w[i] : positive as wieght
data   y[i] : real ~ Normal(nu, 0.3)
param  u : real ~ Normal(0, 1
constrain pi[1] = 0.5
`,
  'an unknown type silences what follows': `${MIXTURE.replace('param  mu[k] : real', 'param  mu[k] : vektor')}data   x[i] : real ~ Normal(mu[z[i]] + 1, s2)\nconstrain mu[1] = 0\n`,
  'a tab and wide characters before the place': `plate i over rows\nparam 平均 : real\nparam\ts2 : variance\ndata\tx[i] : real ~ Normal(平均 + ñu, s2)\n`,
};
