"""Numbers for the models of models/ that fits.py does not treat; prints zoo.json.

    python3 test/oracle/zoo.py > test/oracle/zoo.json        (numpy, scipy)

Each model's marginal likelihood (times its priors) is written here by hand, from scipy's densities, and maximised by
repeated BFGS over unconstrained coordinates from a start that stands in the file: nothing of the program's is used.
"""
import csv, json, pathlib, sys
import numpy as np
from scipy import stats
from scipy.optimize import minimize
from scipy.special import logsumexp, gammaln, expit

DATA = pathlib.Path(__file__).parents[2] / "models/data"


def table(file):
    with open(DATA / file, newline="") as f:
        return list(csv.DictReader(f))


def column(file, name):
    return np.array([float(r[name]) if r[name] != "" else np.nan for r in table(file)])


def columns(file, *names):
    return np.stack([column(file, n) for n in names], 1)


def codes(values):
    names = sorted(set(values), key=lambda v: (0, float(v)) if v.replace(".", "").isdigit() else (1, v))
    return np.array([names.index(v) for v in values]), names


# ------------------------------------------------------------------------------ unconstrained coordinates

def pack(kind, x):
    x = np.asarray(x, float)
    if kind == "real": return x.ravel()
    if kind == "positive": return np.log(x).ravel()
    if kind == "unit": return np.log(x / (1 - x)).ravel()
    if kind == "simplex": return (np.log(x[..., :-1]) - np.log(x[..., -1:])).ravel()
    if kind == "covariance":
        l = np.linalg.cholesky(x)
        d = x.shape[-1]
        i, j = np.tril_indices(d)
        l = l.copy()
        l[..., range(d), range(d)] = np.log(l[..., range(d), range(d)])
        return l[..., i, j].ravel()


def unpack(kind, shape, v):
    if kind == "real": return v.reshape(shape)
    if kind == "positive": return np.exp(v).reshape(shape)
    if kind == "unit": return expit(v).reshape(shape)
    if kind == "simplex":
        free = v.reshape(shape[:-1] + (shape[-1] - 1,))
        full = np.concatenate([free, np.zeros(shape[:-1] + (1,))], -1)
        return np.exp(full - logsumexp(full, axis=-1, keepdims=True))
    if kind == "covariance":
        d = shape[-1]
        i, j = np.tril_indices(d)
        l = np.zeros(shape[:-2] + (d, d))
        l[..., i, j] = v.reshape(shape[:-2] + (len(i),))
        l[..., range(d), range(d)] = np.exp(l[..., range(d), range(d)])
        return l @ np.swapaxes(l, -1, -2)


def climb(f, x):
    best = -np.inf
    for _ in range(100):
        r = minimize(lambda p: -f(p), x, method="BFGS", options={"gtol": 1e-10, "maxiter": 4000})
        gained = -r.fun - best
        if -r.fun >= best: x, best = r.x, -r.fun
        if gained < 1e-10 * abs(best): break
    return x, best


fits = {}


def model(name, kinds, start, log_likelihood, log_prior=lambda p: 0.0):
    shapes = {n: np.asarray(v, float).shape for n, v in start.items()}
    lengths = {n: len(pack(kinds[n], start[n])) for n in start}

    def read(x):
        out, at = {}, 0
        for n in start:
            out[n] = unpack(kinds[n], shapes[n], x[at:at + lengths[n]])
            at += lengths[n]
        return out

    with np.errstate(all="ignore"):
        x, best = climb(lambda v: log_likelihood(read(v)) + log_prior(read(v)),
                        np.concatenate([pack(kinds[n], start[n]) for n in start]))
    p = read(x)
    fits[name] = {"by": "scipy.optimize.minimize (BFGS) of the marginal likelihood written in numpy",
                  "start": {n: np.asarray(v, float).tolist() for n, v in start.items()},
                  "objective": best, "logLikelihood": log_likelihood(p),
                  "parameters": {n: np.asarray(v).tolist() for n, v in p.items()}}
    print(name, best, file=sys.stderr)


def in_metres(name):
    """Galaxies are fitted in thousands of km/s, and reported in km/s."""
    for values in (fits[name]["start"], fits[name]["parameters"]):
        values["mu"] = [1e3 * m for m in values["mu"]]
        values["s2"] *= 1e6


def mixed(pi, parts):
    """Σ_i log Σ_k pi_k exp(parts[i, k])."""
    return logsumexp(parts + np.log(pi), axis=1).sum()


PI2 = [0.5, 0.5]
y = column("counts.csv", "visits")
model("poisson", {"pi": "simplex", "rate": "positive"}, {"pi": PI2, "rate": [2, 8]},
      lambda p: mixed(p["pi"], stats.poisson.logpmf(y[:, None], p["rate"])))
w = column("waits.csv", "minutes")
model("exponential", {"pi": "simplex", "m": "positive"}, {"pi": PI2, "m": [1, 9]},
      lambda p: mixed(p["pi"], stats.expon.logpdf(w[:, None], scale=p["m"])))
model("gamma", {"pi": "simplex", "a": "positive", "b": "positive"}, {"pi": PI2, "a": [1, 1.2], "b": [1, 0.1]},
      lambda p: mixed(p["pi"], stats.gamma.logpdf(w[:, None], p["a"], scale=1 / p["b"])))
h = column("lifetimes.csv", "hours")
model("log-normal", {"pi": "simplex", "m": "real", "s2": "positive"}, {"pi": PI2, "m": [0.5, 2.5], "s2": [0.5, 0.1]},
      lambda p: mixed(p["pi"], stats.lognorm.logpdf(h[:, None], np.sqrt(p["s2"]), scale=np.exp(p["m"]))))
model("weibull", {"pi": "simplex", "shape_of": "positive", "scale_of": "positive"},
      {"pi": PI2, "shape_of": [1.5, 4], "scale_of": [2, 12]},
      lambda p: mixed(p["pi"], stats.weibull_min.logpdf(h[:, None], p["shape_of"], scale=p["scale_of"])))
model("inverse-gaussian", {"pi": "simplex", "m": "positive", "l": "positive"}, {"pi": PI2, "m": [2, 11], "l": [2, 100]},
      lambda p: mixed(p["pi"], stats.invgauss.logpdf(h[:, None], p["m"] / p["l"], scale=p["l"])))
c = column("answers.csv", "correct")
model("binomial", {"pi": "simplex", "p": "unit"}, {"pi": PI2, "p": [0.3, 0.8]},
      lambda p: mixed(p["pi"], stats.binom.logpmf(c[:, None], 10, p["p"])))
x = columns("words.csv", "sport", "news", "music", "science")
model("multinomial", {"pi": "simplex", "theta": "simplex"},
      {"pi": PI2, "theta": [[0.4, 0.2, 0.2, 0.2], [0.2, 0.2, 0.2, 0.4]]},
      lambda p: mixed(p["pi"], gammaln(31) - gammaln(x + 1).sum(1)[:, None] + x @ np.log(p["theta"]).T))
f = column("fish.csv", "caught")
model("negative-binomial", {"m": "positive", "r": "positive"}, {"m": 1.5, "r": 1},
      lambda p: stats.nbinom.logpmf(f, p["r"], p["r"] / (p["r"] + p["m"])).sum())
model("geometric", {"pi": "simplex", "p": "unit"}, {"pi": [0.9, 0.1], "p": [0.37, 0.6]},
      lambda p: mixed(p["pi"], stats.geom.logpmf(f[:, None] + 1, p["p"])))
v = column("galaxies.csv", "velocity")
model("student-t", {"pi": "simplex", "mu": "real", "s2": "positive"},
      {"pi": [0.1, 0.8, 0.1], "mu": [9.7, 21, 33], "s2": 4.0},
      lambda p: mixed(p["pi"], stats.t.logpdf(v[:, None] / 1e3, 4, p["mu"], np.sqrt(p["s2"]))) - len(v) * np.log(1e3))
in_metres("student-t")


def medians(name, points, kinds, start, log_likelihood):
    """
    Locations of Laplace densities: between two neighbouring points of the data the likelihood is convex in a location, so
    its maximum has all of them at points. They move to neighbouring points as long as it rises, all else by BFGS.
    """
    points = np.unique(points)
    at = [int(np.argmin(abs(points - m))) for m in start["mu"]]
    rest = {n: x for n, x in start.items() if n != "mu"}

    def best(where):
        model(name, kinds, rest, lambda p: log_likelihood({**p, "mu": points[where]}))
        return fits[name]

    found, moved = best(at), True
    while moved:
        moved = False
        for k in range(len(at)):
            for step in (-1, 1):
                near = [a + step * (j == k) for j, a in enumerate(at)]
                if not 0 <= near[k] < len(points): continue
                tried = best(near)
                if tried["objective"] > found["objective"]: at, found, moved = near, tried, True
    fits[name] = {**found, "by": "locations among the points, the rest by scipy.optimize.minimize (BFGS)"}
    fits[name]["start"]["mu"] = start["mu"]
    fits[name]["parameters"]["mu"] = points[at].tolist()


medians("laplace", v / 1e3, {"pi": "simplex", "b": "positive"},
        {"pi": [0.6, 0.3, 0.1], "mu": [22.75, 19.9, 9.6], "b": [2, 0.5, 0.4]},
        lambda p: mixed(p["pi"], stats.laplace.logpdf(v[:, None] / 1e3, p["mu"], p["b"])) - len(v) * np.log(1e3))
for values in (fits["laplace"]["start"], fits["laplace"]["parameters"]):
    values["mu"] = [1e3 * m for m in values["mu"]]
    values["b"] = [1e3 * b for b in values["b"]]
heavy = columns("heavy.csv", "x1", "x2")
model("robust-vectors", {"pi": "simplex", "mu": "real", "Sigma": "covariance", "nu": "positive"},
      {"pi": [0.6, 0.4], "mu": [[0, 0], [4, 3]], "Sigma": [np.eye(2)] * 2, "nu": 4.0},
      lambda p: mixed(p["pi"], np.stack([stats.multivariate_t.logpdf(heavy, p["mu"][k], p["Sigma"][k], df=p["nu"])
                                         for k in range(2)], 1)))
a = column("directions.csv", "angle")
model("von-mises", {"pi": "simplex", "m": "real", "kappa": "positive"}, {"pi": PI2, "m": [0.8, -2.9], "kappa": [5, 3]},
      lambda p: mixed(p["pi"], stats.vonmises.logpdf(a[:, None], p["kappa"], p["m"])))
s = column("shares.csv", "share")
model("beta", {"pi": "simplex", "a": "positive", "b": "positive"}, {"pi": PI2, "a": [2, 9], "b": [8, 4]},
      lambda p: mixed(p["pi"], stats.beta.logpdf(s[:, None], p["a"], p["b"])))

# ------------------------------------------------------------------------------ priors
g = columns("faithful.csv", "eruptions", "waiting")
gauss = lambda x, m, S: stats.multivariate_normal.logpdf(x, m, S)
psi = np.diag([0.5, 50.0])
model("map-mixture", {"pi": "simplex", "Sigma": "covariance", "mu": "real"},
      {"pi": [0.35, 0.65], "Sigma": [np.diag([0.1, 40.0])] * 2, "mu": [[2, 54], [4.3, 80]]},
      lambda p: mixed(p["pi"], np.stack([gauss(g, p["mu"][k], p["Sigma"][k]) for k in range(2)], 1)),
      lambda p: stats.dirichlet.logpdf(p["pi"] / p["pi"].sum(), [2, 2])
      + sum(stats.invwishart.logpdf(p["Sigma"][k], 6, psi) + gauss(p["mu"][k], [3.5, 70], p["Sigma"][k] / 0.01) for k in range(2)))
wait = g[:, 1]
model("conjugate", {"s2": "positive", "mu": "real"}, {"s2": 150, "mu": 70},
      lambda p: stats.norm.logpdf(wait, p["mu"], np.sqrt(p["s2"])).sum(),
      lambda p: stats.invgamma.logpdf(p["s2"], 3, scale=200) + stats.norm.logpdf(p["mu"], 60, np.sqrt(p["s2"] / 2)))
phi = np.stack([np.ones(len(g)), g[:, 0], g[:, 0] ** 2], 1)
model("ridge", {"w": "real", "s2": "positive"}, {"w": [20, 10, 0], "s2": 40},
      lambda p: stats.norm.logpdf(wait, phi @ p["w"], np.sqrt(p["s2"])).sum(),
      lambda p: stats.norm.logpdf(p["w"], 0, 5).sum())
rows = table("hospitals.csv")
hospital, _ = codes([r["hospital"] for r in rows])
recovered = np.array([int(r["recovered"]) for r in rows])
model("clinical-trial", {"p": "unit"}, {"p": [0.6] * 4},
      lambda p: stats.bernoulli.logpmf(recovered, p["p"][hospital]).sum(),
      lambda p: stats.beta.logpdf(p["p"], 8, 3).sum())

# ------------------------------------------------------------------------------ what rows say
q = columns("faithful_counted.csv", "eruptions", "waiting", "times")
model("weighted", {"pi": "simplex", "mu": "real", "Sigma": "covariance"},
      {"pi": [0.35, 0.65], "mu": [[2, 54], [4.3, 80]], "Sigma": np.diag([0.12, 35.0])},
      lambda p: (q[:, 2] * logsumexp(np.stack([gauss(q[:, :2], p["mu"][k], p["Sigma"]) for k in range(2)], 1) + np.log(p["pi"]), axis=1)).sum())
iris = columns("iris.csv", "sepal_length", "sepal_width", "petal_length", "petal_width")
species, names = codes([r["species"] for r in table("iris.csv")])
known = np.array([names.index(r["species"]) if r["species"] else -1 for r in table("iris_some_labels.csv")])
petals = iris[:, 2:]


def some_labels(p):
    joint = np.stack([gauss(petals, p["mu"][k], p["Sigma"][k]) for k in range(3)], 1) + np.log(p["pi"])
    return np.where(known >= 0, joint[np.arange(150), np.maximum(known, 0)], logsumexp(joint, axis=1)).sum()


model("some-labels", {"pi": "simplex", "mu": "real", "Sigma": "covariance"},
      {"pi": [1 / 3] * 3, "mu": [petals[species == k].mean(0).round(2) for k in range(3)], "Sigma": [np.diag([0.2, 0.05])] * 3}, some_labels)
model("known-classes", {"pi": "simplex", "mu": "real", "Sigma": "covariance"},
      {"pi": [1 / 3] * 3, "mu": [iris[species == k].mean(0).round(1) for k in range(3)], "Sigma": np.diag([0.3, 0.1, 0.2, 0.05])},
      lambda p: np.log(p["pi"])[species].sum() + sum(gauss(iris[species == k], p["mu"][k], p["Sigma"]).sum() for k in range(3)))
b = columns("penguins.csv", "bill_length_mm", "bill_depth_mm", "flipper_length_mm")
there = ~np.isnan(b)
patterns = [m for m in sorted(set(map(tuple, there))) if any(m)]


def penguins(p):
    total = 0
    for m in patterns:
        own, at = np.array(m), (there == m).all(1)
        parts = np.stack([gauss(b[at][:, own], p["mu"][k][own], p["Sigma"][np.ix_(own, own)]) for k in range(3)], 1)
        total += mixed(p["pi"], parts.reshape(-1, 3))
    return total


model("missing-cells", {"pi": "simplex", "mu": "real", "Sigma": "covariance"},
      {"pi": [0.4, 0.2, 0.4], "mu": [[39, 18, 190], [49, 18, 196], [47, 15, 217]], "Sigma": np.diag([9.0, 1.3, 40.0])}, penguins)

# ------------------------------------------------------------------------------ classes and groups
answers = columns("survey.csv", "q1", "q2", "q3", "q4")
model("latent-classes", {"pi": "simplex", **{f"p{j}": "unit" for j in range(1, 5)}},
      {"pi": [0.6, 0.4], "p1": [0.9, 0.2], "p2": [0.8, 0.3], "p3": [0.7, 0.1], "p4": [0.2, 0.6]},
      lambda p: mixed(p["pi"], sum(stats.bernoulli.logpmf(answers[:, j, None], p[f"p{j + 1}"]) for j in range(4))))
colour, _ = codes([r["colour"] for r in table("beetles.csv")])
spots, length = column("beetles.csv", "spots"), column("beetles.csv", "length")
model("mixed-columns", {"pi": "simplex", "colours": "simplex", "rate": "positive", "mu": "real", "s2": "positive"},
      {"pi": PI2, "colours": [[0.1, 0.3, 0.6], [0.6, 0.3, 0.1]], "rate": [2, 5], "mu": [10, 13], "s2": 1.0},
      lambda p: mixed(p["pi"], np.log(p["colours"][:, colour]).T + stats.poisson.logpmf(spots[:, None], p["rate"])
                      + stats.norm.logpdf(length[:, None], p["mu"], np.sqrt(p["s2"]))))
rows = table("ratings.csv")
item, _ = codes([r["item"] for r in rows])
rater, _ = codes([r["rater"] for r in rows])
label, _ = codes([r["label"] for r in rows])


def by_group(group, parts, pi):
    total = np.zeros((group.max() + 1, parts.shape[1]))
    np.add.at(total, group, parts)
    return logsumexp(total + np.log(pi), axis=1).sum()


model("raters", {"pi": "simplex", "theta": "simplex"}, {"pi": [0.4, 0.6], "theta": [[[0.8, 0.2], [0.2, 0.8]]] * 5},
      lambda p: by_group(item, np.log(p["theta"][rater, :, label]), p["pi"]))
rows = table("subjects.csv")
subject, _ = codes([r["subject"] for r in rows])
response = column("subjects.csv", "response")
model("repeated-measures", {"pi": "simplex", "mu": "real", "s2": "positive"}, {"pi": [0.6, 0.4], "mu": [0, 3], "s2": 2.0},
      lambda p: by_group(subject, stats.norm.logpdf(response[:, None], p["mu"], np.sqrt(p["s2"])), p["pi"]))
model("group-means", {"m": "real", "a": "real", "s2": "positive"},
      {"m": 1.0, "a": np.array([response[subject == j].mean() for j in range(subject.max() + 1)]).round(2), "s2": 2.0},
      lambda p: stats.norm.logpdf(response, p["a"][subject], np.sqrt(p["s2"])).sum(),
      lambda p: stats.norm.logpdf(p["a"], p["m"], 2).sum())
school, _ = codes([r["school"] for r in table("schools.csv")])
score = column("schools.csv", "score")


def schools(p):
    own = stats.norm.logpdf(score[:, None], p["mu"], np.sqrt(p["s2"]))
    return by_group(school, logsumexp(own[:, None, :] + np.log(p["rho"])[None], axis=2), p["pi"])


model("two-levels", {"pi": "simplex", "rho": "simplex", "mu": "real", "s2": "positive"},
      {"pi": PI2, "rho": [[0.75, 0.25], [0.25, 0.75]], "mu": [40, 60], "s2": [36, 16]}, schools)

# ------------------------------------------------------------------------------ several latents
lv = column("levels.csv", "y")
model("mixture-of-mixtures", {"pi": "simplex", "rho": "simplex", "mu": "real", "s2": "positive"},
      {"pi": PI2, "rho": [[0.3, 0.4, 0.3]] * 2, "mu": [[0, 2.5, 5], [10, 12.5, 15]], "s2": [0.1, 0.4]},
      lambda p: logsumexp((np.log(p["pi"])[:, None] + np.log(p["rho"]))[None]
                          + stats.norm.logpdf(lv[:, None, None], p["mu"], np.sqrt(p["s2"])[:, None]), axis=(1, 2)).sum())
model("noise", {"eps": "unit", "pi": "simplex", "mu": "real", "s2": "positive"},
      {"eps": 0.2, "pi": [0.9, 0.1], "mu": [21.0, 10.0], "s2": 5.0},
      lambda p: np.logaddexp(np.log(p["eps"]) - np.log(35), np.log1p(-p["eps"]) + logsumexp(
          stats.norm.logpdf(v[:, None] / 1e3, p["mu"], np.sqrt(p["s2"])) + np.log(p["pi"]), axis=1)).sum() - len(v) * np.log(1e3))
in_metres("noise")
model("zero-inflated", {"theta": "unit", "rate": "positive"}, {"theta": 0.3, "rate": 2.0},
      lambda p: np.where(f == 0, np.log(p["theta"] + (1 - p["theta"]) * np.exp(-p["rate"])),
                         np.log1p(-p["theta"]) + stats.poisson.logpmf(f, p["rate"])).sum())
mm = column("rain.csv", "mm")
wet = mm[mm > 0]
model("hurdle", {"dry": "unit", "a": "positive", "b": "positive"}, {"dry": 0.4, "a": 2, "b": 0.3},
      lambda p: (mm == 0).sum() * np.log(p["dry"]) + (np.log1p(-p["dry"]) + stats.gamma.logpdf(wet, p["a"], scale=1 / p["b"])).sum())

# ------------------------------------------------------------------------------ regressions
t, ry = column("regimes.csv", "t"), column("regimes.csv", "y")
u = np.stack([np.ones(len(t)), t], 1)


def experts(p):
    gate = u @ p["v"].T
    return logsumexp(gate - logsumexp(gate, axis=1, keepdims=True)
                     + stats.norm.logpdf(ry[:, None], u @ p["w"].T, np.sqrt(p["s2"])), axis=1).sum()


model("experts", {"v": "real", "w": "real", "s2": "positive"},
      {"v": [[0, -1], [0, 1]], "w": [[-1, -1], [1, 2]], "s2": [0.25, 0.1]}, experts)
age, years, claims = (column("claims.csv", n) for n in ("age", "years", "claims"))
design = np.stack([np.ones(len(age)), age], 1)
model("claims", {"pi": "simplex", "w": "real"}, {"pi": [0.6, 0.4], "w": [[0.2, -0.8], [1.6, 0.3]]},
      lambda p: mixed(p["pi"], stats.poisson.logpmf(claims[:, None], years[:, None] * np.exp(design @ p["w"].T))))
model("poisson-regression", {"w": "real"}, {"w": [1, 0]},
      lambda p: stats.poisson.logpmf(claims, years * np.exp(design @ p["w"])).sum())
dose, grown = column("seeds.csv", "dose"), column("seeds.csv", "grown")
model("logistic", {"w": "real"}, {"w": [0, 1]},
      lambda p: stats.bernoulli.logpmf(grown, expit(p["w"][0] + p["w"][1] * dose)).sum())
sepals = np.stack([np.ones(150), iris[:, 0], iris[:, 1]], 1)
model("two-responses", {"W": "real", "Sigma": "covariance"},
      {"W": [[-2.5, 1.8, -1.3], [-1.5, 0.7, -0.5]], "Sigma": [[0.4, 0.1], [0.1, 0.2]]},
      lambda p: stats.multivariate_normal.logpdf(iris[:, 2:] - sepals @ p["W"].T, [0, 0], p["Sigma"]).sum())
model("polynomial", {"w": "real", "s2": "positive"}, {"w": [20, 16, -0.8], "s2": 33},
      lambda p: stats.norm.logpdf(wait, phi @ p["w"], np.sqrt(p["s2"])).sum())

# ------------------------------------------------------------------------------ equations between parameters


def equations(name, kinds, start, log_likelihood, natural):
    """Parameters that satisfy the equations by their form: `natural` gives those of the model from free ones."""
    model(name, kinds, start, lambda p: log_likelihood(natural(p)))
    fits[name]["start"] = {n: np.asarray(x).tolist() for n, x in natural({n: np.asarray(x, float) for n, x in start.items()}).items()}
    fits[name]["parameters"] = {n: np.asarray(x).tolist() for n, x in natural({n: np.asarray(x) for n, x in fits[name]["parameters"].items()}).items()}


normals = lambda p, m: mixed(p["pi"], stats.norm.logpdf(lv[:, None], m, np.sqrt(p["s2"])))
equations("opposite-means", {"pi": "simplex", "m": "real", "s2": "positive"}, {"pi": [0.2, 0.4, 0.4], "m": 5.0, "s2": 4.0},
          lambda p: normals(p, 7.5 + p["mu"]), lambda p: {"pi": p["pi"], "mu": np.array([0, p["m"], -p["m"]]), "s2": p["s2"]})
equations("equal-spreads", {"p": "real", "mu": "real", "v": "positive"}, {"p": 0.0, "mu": [0.0, 3.5, 12.7], "v": [0.3, 3.0]},
          lambda p: normals(p, p["mu"]),
          lambda p: {"pi": np.array([1 - expit(p["p"]), expit(p["p"]) / 2, expit(p["p"]) / 2]), "mu": p["mu"],
                     "s2": p["v"][[0, 1, 1]]})
# on the cap, and on the floor: where the density is larger the farther out
equations("capped-spreads", {"pi": "simplex", "mu": "real", "v": "positive"},
          {"pi": [0.45, 0.35, 0.2], "mu": [12.7, 3.4, 0.0], "v": 1.3},
          lambda p: normals({"pi": p["pi"], "s2": p["s"] ** 2}, p["mu"]),
          lambda p: {"pi": p["pi"], "mu": p["mu"], "s": np.array([2.0, float(p["v"]), 0.5])})
equations("effects", {"pi": "simplex", "m": "real", "b": "real", "s2": "positive"},
          {"pi": [0.5, 0.3, 0.2], "m": 9.0, "b": [-7.0, 4.5], "s2": 3.5},
          lambda p: normals(p, p["m"] + p["a"]),
          lambda p: {"pi": p["pi"], "m": p["m"], "a": np.array([*p["b"], -p["b"].sum()]), "s2": p["s2"]})
equations("tied-coordinates", {"pi": "simplex", "e": "real", "f": "real", "Sigma": "covariance"},
          {"pi": [0.35, 0.65], "e": 4.3, "f": 54.0, "Sigma": [np.diag([0.1, 40.0])] * 2},
          lambda p: mixed(p["pi"], np.stack([gauss(g, p["mu"][k], p["Sigma"][k]) for k in range(2)], 1)),
          lambda p: {"pi": p["pi"], "mu": np.array([[2, p["f"]], [p["e"], 134 - p["f"]]]), "Sigma": p["Sigma"]})
equations("constrained-regression", {"v": "real", "s2": "positive"}, {"v": [0.0, 0.5], "s2": 1.0},
          lambda p: stats.norm.logpdf(iris[:, 2], sepals @ p["w"], np.sqrt(p["s2"])).sum(),
          lambda p: {"w": np.array([p["v"][0], p["v"][1], 0.5 - p["v"][1]]), "s2": p["s2"]})

json.dump({"note": "Written by zoo.py in this folder: numbers of scipy and numpy.", "fits": fits}, sys.stdout, indent=1)
print()
