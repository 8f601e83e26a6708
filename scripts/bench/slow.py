"""scikit-learn on a slow problem: steps to the log-likelihood that is asked for, then the time of a fit of so many."""
import json
import sys
import time
import warnings

import numpy as np
from sklearn.mixture import GaussianMixture

warnings.filterwarnings("ignore")
given = json.load(sys.stdin)
x = np.array(given["rows"])
start = given["start"]


def mixture(steps, warm):
    return GaussianMixture(
        len(start["pi"]), covariance_type="full", tol=0, reg_covar=0, max_iter=steps, warm_start=warm,
        weights_init=np.array(start["pi"]), means_init=np.array(start["mu"]),
        precisions_init=np.linalg.inv(np.array(start["Sigma"])))


target = given["target"]
model, steps = mixture(1, True), 0
while steps < 20000:
    model.fit(x)
    steps += 1
    if model.score(x) * len(x) >= target:
        break
times = []
for _ in range(3):
    begin = time.perf_counter()
    mixture(steps, False).fit(x)
    times.append(time.perf_counter() - begin)
print(f"{steps} steps, {1e3 * sorted(times)[1]:.0f} ms" if steps < 20000 else "not reached in 20000 steps")
