"""Writes the simulated data of this folder, the same on every machine: python3 simulate.py (no packages needed)."""
import csv, math, pathlib, random

HERE = pathlib.Path(__file__).parent


def write(name, header, rows):
    with open(HERE / name, "w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(header)
        out.writerows([format(v, ".6g") if isinstance(v, float) else v for v in row] for row in rows)


def poisson(r, rate):
    count, p = 0, r.random()
    while p > math.exp(-rate):
        count, p = count + 1, p * r.random()
    return count


def choose(r, p):
    return r.choices(range(len(p)), p)[0]


def table(name, header, n, row):
    r = random.Random(name)
    write(name, header, [row(r) for _ in range(n)])


# counts of two kinds of days
table("counts.csv", ["visits"], 200, lambda r: [poisson(r, [2.5, 9.0][r.random() < 0.4])])
# times between calls, by day and by night
table("waits.csv", ["minutes"], 200, lambda r: [r.expovariate([1.0, 0.1][r.random() < 0.35])])
# lifetimes of two kinds of parts
table("lifetimes.csv", ["hours"], 200, lambda r: [r.weibullvariate(*[(2.0, 1.5), (12.0, 4.0)][r.random() < 0.5])])
# correct answers of ten
def answers(r):
    p = [0.3, 0.8][r.random() < 0.45]
    return [sum(r.random() < p for _ in range(10))]
table("answers.csv", ["correct"], 200, answers)
# words of four topics in documents of thirty words
def words(r):
    p = [[0.5, 0.2, 0.2, 0.1], [0.1, 0.2, 0.2, 0.5]][r.random() < 0.5]
    drawn = r.choices(range(4), p, k=30)
    return [drawn.count(c) for c in range(4)]
table("words.csv", ["sport", "news", "music", "science"], 100, words)
# directions of flight, radians
table("directions.csv", ["angle"], 200, lambda r: [math.remainder(r.vonmisesvariate(*[(0.8, 6.0), (3.4, 3.0)][r.random() < 0.4]), 2 * math.pi)])
# shares of votes
table("shares.csv", ["share"], 200, lambda r: [r.betavariate(*[(2.0, 8.0), (9.0, 4.0)][r.random() < 0.5])])
# rain: none, or an amount
table("rain.csv", ["mm"], 200, lambda r: [0 if r.random() < 0.4 else r.gammavariate(2.0, 3.0)])
# fish caught by visitors, some of whom do not fish
table("fish.csv", ["caught"], 250, lambda r: [0 if r.random() < 0.3 else poisson(r, 2.2)])
# four questions, yes or no, answered by two kinds of people
table("survey.csv", ["q1", "q2", "q3", "q4"], 250, lambda r: [int(r.random() < p) for p in [[0.9, 0.8, 0.7, 0.2], [0.2, 0.3, 0.1, 0.6]][r.random() < 0.4]])
# a colour, a count and a length of two species
def beetle(r):
    k = r.random() < 0.45
    return [["red", "brown", "black"][choose(r, [[0.6, 0.3, 0.1], [0.1, 0.3, 0.6]][k])], poisson(r, [2.0, 5.0][k]), r.gauss([10.0, 13.0][k], 1.0)]
table("beetles.csv", ["colour", "spots", "length"], 200, beetle)
# repeated measurements of two kinds of subjects
r = random.Random("subjects.csv")
rows = []
for s in range(40):
    k = r.random() < 0.4
    for _ in range(r.randint(2, 5)):
        rows.append([f"s{s + 1:02}", r.gauss([0.0, 3.0][k], 1.5)])
write("subjects.csv", ["subject", "response"], rows)
# schools of two kinds, in which pupils of two kinds are mixed differently
r = random.Random("schools.csv")
rows = []
for s in range(30):
    k = r.random() < 0.5
    for _ in range(12):
        strong = r.random() < [0.25, 0.75][k]
        rows.append([f"school {s + 1}", r.gauss([40.0, 60.0][strong], [6.0, 4.0][strong])])
write("schools.csv", ["school", "score"], rows)
# what five raters say of sixty items
r = random.Random("ratings.csv")
rows = []
for i in range(60):
    good = r.random() < 0.6
    for j, skill in enumerate([0.9, 0.8, 0.85, 0.6, 0.95]):
        if r.random() < 0.8:
            rows.append([f"item {i + 1}", f"rater {j + 1}", "good" if (r.random() < skill) == good else "bad"])
write("ratings.csv", ["item", "rater", "label"], rows)
# patients of four hospitals
r = random.Random("hospitals.csv")
rows = []
for name, n, p in [("north", 12, 0.9), ("south", 40, 0.7), ("east", 8, 0.5), ("west", 60, 0.8)]:
    rows += [[name, int(r.random() < p)] for _ in range(n)]
write("hospitals.csv", ["hospital", "recovered"], rows)
# two kinds of regimes that a covariate chooses between
def regime(r):
    t = r.uniform(-2, 2)
    k = r.random() < 1 / (1 + math.exp(-2 * t))
    return [t, r.gauss([-1 - t, 1 + 2 * t][k], [0.5, 0.3][k])]
table("regimes.csv", ["t", "y"], 250, regime)
# claims of drivers of two kinds, over different times on the road
def claims(r):
    age, years = r.uniform(-1, 1), r.uniform(0.5, 4)
    k = r.random() < 0.4
    return [age, years, poisson(r, years * math.exp([0.2 - 0.8 * age, 1.6 + 0.3 * age][k]))]
table("claims.csv", ["age", "years", "claims"], 250, claims)
# seeds that grow or do not, by dose
def seed(r):
    dose = r.uniform(-2, 2)
    return [dose, int(r.random() < 1 / (1 + math.exp(-(0.4 + 1.3 * dose))))]
table("seeds.csv", ["dose", "grown"], 150, seed)
# three clusters of two, near and far
def levels(r):
    k, l = r.random() < 0.5, choose(r, [0.3, 0.4, 0.3])
    return [r.gauss([0.0, 10.0][k] + [0.0, 2.5, 5.0][l], [0.3, 0.6][k])]
table("levels.csv", ["y"], 300, levels)
# two clusters with far rows: Student-t with four degrees of freedom
def heavy(r):
    k = r.random() < 0.4
    u = r.gammavariate(2, 0.5)
    a, b = r.gauss(0, 1) / math.sqrt(u), r.gauss(0, 1) / math.sqrt(u)
    return [4 + 1.2 * a, 3 - 0.4 * a + 0.7 * b] if k else [a, 0.5 * a + 1.3 * b]
table("heavy.csv", ["x1", "x2"], 300, heavy)
# iris with the species of every fifth flower
with open(HERE / "iris.csv", newline="") as f:
    flowers = list(csv.DictReader(f))
keys = list(flowers[0])
write("iris_some_labels.csv", keys, [[v if k != "species" or i % 5 == 0 else "" for k, v in row.items()] for i, row in enumerate(flowers)])
# Old Faithful, eruptions rounded to half minutes and counted
with open(HERE / "faithful.csv", newline="") as f:
    counted = {}
    for row in csv.DictReader(f):
        key = (round(2 * float(row["eruptions"])) / 2, round(float(row["waiting"]) / 5) * 5)
        counted[key] = counted.get(key, 0) + 1
write("faithful_counted.csv", ["eruptions", "waiting", "times"], [[*key, n] for key, n in sorted(counted.items())])
