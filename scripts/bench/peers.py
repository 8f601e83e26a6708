"""scikit-learn's side of peers.mjs: peers.py ROWS.f64 START.f64 N D K VARIANCE full|kmeans; each line "STEPS" of its input is
answered by one of JSON: the time of a fit of that many steps from the start given, and what it reached."""
import json, sys, time, warnings
import numpy as np
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

warnings.filterwarnings("ignore")
n, d, k = map(int, sys.argv[3:6])
variance, model = float(sys.argv[6]), sys.argv[7]
x = np.fromfile(sys.argv[1]).reshape(n, d)
means = np.fromfile(sys.argv[2]).reshape(k, d)
for line in sys.stdin:
    steps = int(line)
    begin = time.perf_counter()
    if model == "kmeans":
        estimator = KMeans(k, init=means, n_init=1, max_iter=steps, tol=0, algorithm="lloyd")
    else:
        estimator = GaussianMixture(k, means_init=means, weights_init=np.full(k, 1 / k), max_iter=steps, tol=0, reg_covar=0,
                                    precisions_init=np.array([np.eye(d) / variance] * k), init_params="random")
    estimator.fit(x)
    ms = (time.perf_counter() - begin) * 1e3
    value = estimator.inertia_ / n if model == "kmeans" else estimator.score(x)
    print(json.dumps({"ms": ms, "steps": int(estimator.n_iter_), "value": value}), flush=True)
