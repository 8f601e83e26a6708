"""Numbers for test/fit/oracle.test.ts, computed by other programs; prints fits.json.

    python3 test/oracle/fits.py > test/oracle/fits.json        (numpy, scipy, scikit-learn 1.9.1)

Where EM has more than one maximum, both programs begin at the same parameters, which stand in the file.
"""
import csv, json, pathlib, sys
import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

DATA = pathlib.Path(__file__).parents[2] / "models/data"


def columns(file, *names):
    with open(DATA / file, newline="") as f:
        rows = list(csv.DictReader(f))
    return np.array([[float(r[n]) for n in names] for r in rows])


def normal(x, m, v):
    return -0.5 * np.log(2 * np.pi * v) - 0.5 * (x - m) ** 2 / v


def thirds(column, k):
    """Labels 0 … k - 1 by the rank of a column."""
    order = np.argsort(column, kind="stable")
    labels = np.empty(len(column), int)
    labels[order] = np.arange(len(column)) * k // len(column)
    return labels


def climb(f, start, bounds=None):
    """The maximum of f near `start`: repeated quasi-Newton runs until nothing is gained."""
    x, best = np.array(start, float), -np.inf
    for _ in range(200):
        r = minimize(lambda p: -f(p), x, method="L-BFGS-B" if bounds else "BFGS", bounds=bounds,
                     options={"gtol": 1e-12, "maxiter": 5000} | ({"ftol": 1e-16, "maxcor": 30} if bounds else {}))
        gained = -r.fun - best
        if -r.fun >= best:
            x, best = r.x, -r.fun
        if gained < 1e-11 * abs(best):
            break
    return x, best


def shares(logits):
    return np.exp(logits - logsumexp(logits))


fits = {}

# ---------------------------------------------------------------- scikit-learn GaussianMixture, the same start


def mixture(name, x, labels, covariance_type, scale, precise=False):
    k = labels.max() + 1
    pi = np.bincount(labels) / len(x)
    mu = np.array([x[labels == j].mean(0) for j in range(k)])
    s = np.array([np.cov(x[labels == j].T, bias=True).reshape(x.shape[1], -1) for j in range(k)])
    sigma = {"full": s, "tied": np.einsum("k,kij->ij", pi, s), "diag": np.array([np.diag(c) for c in s]),
             "spherical": np.array([np.trace(c) / x.shape[1] for c in s])}[covariance_type]
    inverse = np.linalg.inv(sigma) if covariance_type in ("full", "tied") else 1 / sigma
    g = GaussianMixture(k, covariance_type=covariance_type, tol=0, max_iter=20000, reg_covar=0,
                        weights_init=pi, means_init=mu, precisions_init=inverse)
    import warnings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        g.fit(x)
    out = g.covariances_
    if precise:
        sigma, out = inverse, np.linalg.inv(out)
    if name == "galaxies":
        sigma, out, mu, means = np.sqrt(sigma), np.sqrt(out), mu[:, 0], g.means_[:, 0]
    else:
        means = g.means_
    fits[name] = {"by": f"sklearn.mixture.GaussianMixture(covariance_type='{covariance_type}', reg_covar=0, tol=0)",
                  "start": {"pi": pi, "mu": mu, scale: sigma},
                  "logLikelihood": g.score_samples(x).sum(),
                  "parameters": {"pi": g.weights_, "mu": means, scale: out}}


faithful = columns("faithful.csv", "eruptions", "waiting")
iris = columns("iris.csv", "sepal_length", "sepal_width", "petal_length", "petal_width")
wine = columns("wine.csv", "alcohol", "flavanoids", "color_intensity", "proline")
galaxies = columns("galaxies.csv", "velocity")
mixture("old-faithful", faithful, thirds(faithful[:, 0], 2), "full", "Sigma")
mixture("precisions", faithful, thirds(faithful[:, 0], 2), "full", "Lambda", precise=True)
mixture("tied", iris, thirds(iris[:, 2], 3), "tied", "Sigma")
mixture("spherical", iris, thirds(iris[:, 2], 3), "spherical", "s2")
mixture("diagonal", wine, thirds(wine[:, 1], 3), "diag", "v")
mixture("galaxies", galaxies, np.digitize(galaxies[:, 0], [15000, 22000, 28000]), "spherical", "s")

# ---------------------------------------------------------------- the marginal likelihood, maximised directly


def direct(name, f, start, read, bounds=None):
    x, best = climb(f, start, bounds)
    fits[name] = {"by": f"scipy.optimize.minimize of the marginal likelihood ({'L-BFGS-B' if bounds else 'BFGS'})",
                  "start": read(np.array(start, float)), "logLikelihood": best, "parameters": read(x)}


def gaussians(x, mu, v, logits):
    """x [N, D], mu [K, D], v broadcasts to [K, D]."""
    each = np.stack([normal(x, mu[j], np.broadcast_to(v, mu.shape)[j]).sum(1) for j in range(len(mu))], 1)
    return logsumexp(each + logits - logsumexp(logits), axis=1).sum()


labels = thirds(iris[:, 2], 3)
means = np.array([iris[labels == j].mean(0) for j in range(3)])
for name, n, size in (("tied-diagonal", 4, lambda e: e), ("tied-spherical", 1, lambda e: e[0])):
    direct(name,
           lambda p, n=n: gaussians(iris, p[:12].reshape(3, 4), np.exp(p[12:12 + n])[None, :], np.r_[p[12 + n:], 0]),
           np.r_[means.ravel(), np.log(np.full(n, 0.2)), 0, 0],
           lambda p, n=n, size=size: {"pi": shares(np.r_[p[12 + n:], 0]), "mu": p[:12].reshape(3, 4),
                                      ("v" if n == 4 else "s2"): size(np.exp(p[12:12 + n]))})

eruptions, waiting = faithful[:, :1], faithful[:, 1:]
direct("fixed-variance", lambda p: gaussians(eruptions, p[:, None], 0.25, np.zeros(2)), [2, 4.5], lambda p: {"mu": p})

# pi[1] = 0.2 is held, the other two share 0.8
known = lambda p: np.log(np.r_[0.2, 0.8 * shares(np.r_[p, 0])])
direct("known-shares", lambda p: gaussians(waiting, 50 + 10 * p[:3, None], 100 * np.exp(p[3:6, None]), known(p[6:7])),
       np.r_[0, 1, 3, np.log([0.2, 0.5, 0.3]), 0.3],
       lambda p: {"pi": np.exp(known(p[6:7])), "mu": 50 + 10 * p[:3], "s2": 100 * np.exp(p[3:6])})

v = galaxies / 1000
shift = len(v) * np.log(1000)
direct("variance-floor", lambda p: gaussians(v, p[:4, None], p[4:8, None], np.r_[p[8:], 0]) - shift,
       [9.7, 20, 24, 33, 0.4, 4, 4, 1, 0, 2, 2],
       lambda p: {"pi": shares(np.r_[p[8:], 0]), "mu": 1e3 * p[:4], "s2": 1e6 * p[4:8]},
       bounds=[(None, None)] * 4 + [(0.25, None)] * 4 + [(None, None)] * 3)
direct("common-mean", lambda p: gaussians(v, np.full((2, 1), p[0]), np.exp(p[1:3, None]), np.r_[p[3], 0]) - shift,
       [20, 1, 4, 0], lambda p: {"pi": shares(np.r_[p[3], 0]), "mu": 1e3 * p[0], "s2": 1e6 * np.exp(p[1:3])})

curves = columns("two_curves.csv", "x", "y")
phi = np.stack([np.ones(len(curves)), curves[:, 0], curves[:, 0] ** 2], 1)
w = np.linalg.lstsq(phi, curves[:, 1], rcond=None)[0]


def regressions(w, v, logits, phi, y):
    each = np.stack([normal(y, phi @ w[j], v[j]) for j in range(len(w))], 1)
    return logsumexp(each + logits - logsumexp(logits), axis=1).sum()


above = curves[:, 1] > phi @ w
starts = np.array([np.linalg.lstsq(phi[s], curves[s, 1], rcond=None)[0] for s in (above, ~above)])
direct("two-curves", lambda p: regressions(p[:6].reshape(2, 3), np.exp(p[6:8]), np.r_[p[8], 0], phi, curves[:, 1]),
       np.r_[starts.ravel(), 0, 0, 0],
       lambda p: {"pi": shares(np.r_[p[8], 0]), "w": p[:6].reshape(2, 3), "s2": np.exp(p[6:8])})
line = np.stack([np.ones(len(faithful)), eruptions[:, 0]], 1)
direct("parallel-lines",
       lambda p: regressions(np.array([[p[0], p[2]], [p[1], p[2]]]), np.exp(p[[3, 3]]), np.r_[p[4], 0], line, waiting[:, 0]),
       [30, 40, 10, 3.5, 0],
       lambda p: {"pi": shares(np.r_[p[4], 0]), "a": p[:2], "b": p[2], "s2": np.exp(p[3])})

# ---------------------------------------------------------------- closed forms

n = len(faithful)
mean, cov = faithful.mean(0), np.cov(faithful.T, bias=True)
fits["one-gaussian"] = {"by": "numpy.cov(bias=True)", "closedForm": True,
                        "logLikelihood": -0.5 * n * (np.linalg.slogdet(2 * np.pi * cov)[1] + 2),
                        "parameters": {"mu": mean, "Sigma": cov}}
fits["one-number"] = {"by": "numpy.var", "closedForm": True, "logLikelihood": -0.5 * n * (np.log(2 * np.pi * waiting.var()) + 1),
                      "parameters": {"mu": waiting.mean(), "s2": waiting.var()}}
w = np.linalg.lstsq(line, waiting[:, 0], rcond=None)[0]
s2 = ((waiting[:, 0] - line @ w) ** 2).mean()
fits["line"] = {"by": "numpy.linalg.lstsq; the variance divides by n", "closedForm": True,
                "logLikelihood": -0.5 * n * (np.log(2 * np.pi * s2) + 1), "parameters": {"w": w, "s2": s2}}
km = KMeans(3, n_init=100, tol=0, max_iter=1000, random_state=0).fit(iris)
order = np.argsort(-np.bincount(km.labels_))
fits["k-means"] = {"by": "sklearn.cluster.KMeans(n_init=100, tol=0)", "inertia": km.inertia_,
                   "parameters": {"pi": np.bincount(km.labels_)[order] / len(iris), "mu": km.cluster_centers_[order]}}

# k-medians of sorted numbers: every way to cut them into three runs, each with its median
sorted_velocities = np.sort(columns("galaxies.csv", "velocity")[:, 0])
cuts = [(a, b) for a in range(1, len(sorted_velocities)) for b in range(a + 1, len(sorted_velocities))]
cost = lambda cut: sum(2 * abs(part - np.median(part)).sum() for part in np.split(sorted_velocities, cut))
runs = sorted(np.split(sorted_velocities, min(cuts, key=cost)), key=len, reverse=True)
fits["k-medians"] = {"by": "numpy.median of every cut into three runs", "inertia": cost(min(cuts, key=cost)),
                     "parameters": {"mu": [np.median(part) for part in runs]}}

plain = lambda o: o.tolist() if isinstance(o, (np.ndarray, np.generic)) else o
json.dump({"note": "Written by fits.py in this folder: numbers of scikit-learn 1.9.1, scipy and numpy.", "fits": fits},
          sys.stdout, default=plain, indent=2)
print()
