/** The bounds by which the whitened kernel leaves components out unseen: never beneath a logit, and tight where it counts. */
import { expect, it } from 'vitest';
import { firstOfBounds, numbersPerComponent, whitenedLayout } from '../../src/emit/wasm/whitened/types.js';
import { pairList } from '../../src/emit/graph/feature-stage.js';
import { writeWhitened } from '../../src/engine/wasm/whitened/numbers.js';
import { stream } from '../../src/random.js';

const BLOCK = 4;

it.each([
  [7, 6],
  [8, 8],
  [9, 2],
])('in %i columns, of %i components', (c, k) => {
  const random = stream('bounds', `${String(c)} ${String(k)}`);
  const draw = (n: number) => Float64Array.from({ length: n }, () => random.normal());
  const shape = {
    columns: c,
    components: k,
    weighted: false,
    labelled: false,
    rows: 10,
    lanes: 1,
    fused: false,
  };
  const pairs = pairList('all', c);
  // H = B Bᵀ + 1 of each component
  const matrices = Array.from({ length: k }, () => {
    const b = draw(c * c);
    return (i: number, j: number): number =>
      (i === j ? 1 : 0) +
      Array.from({ length: c }, (_, t) => b[i * c + t] * b[j * c + t]).reduce((s, x) => s + x);
  });
  const natural = {
    constant: draw(k),
    linear: new Float64Array(k * c),
    quadratic: Float64Array.from(
      matrices.flatMap((h) => pairs.map(([a, b]) => (a === b ? -h(a, b) : -2 * h(a, b)))),
    ),
  };
  const standardisation = { shift: draw(c), scale: Float64Array.from({ length: c }, (_, a) => 2 ** (a % 3)) };
  const { shift, scale } = standardisation;
  const origins = draw(k * c);
  const { regions } = whitenedLayout(shape);
  const into = new Float64Array(k * numbersPerComponent(shape));
  const bounds = new Float64Array(regions.bounds.bytes / 8);
  expect(writeWhitened(into, bounds, shape, natural, pairs, origins, standardisation)).toBe(true);

  const meanOf = (j: number) => scale.map((s, a) => (origins[j * c + a] - shift[a]) / s);
  const logit = (j: number, u: Float64Array): number => {
    const d = meanOf(j).map((m, a) => u[a] - m);
    let square = 0;
    for (let a = 0; a < c; a++) for (let b = 0; b < c; b++) square += d[a] * matrices[j](a, b) * d[b];
    return Math.LOG2E * (natural.constant[j] - square);
  };
  const bound = (owner: number, j: number, u: Float64Array): number => {
    const first = firstOfBounds(shape, owner, j);
    const form = u.reduce((s, x, a) => s + bounds[first + BLOCK * (2 + a)] * x, bounds[first + BLOCK]);
    return bounds[first] - form ** 2;
  };
  for (let owner = 0; owner < k; owner++)
    for (let j = 0; j < k; j++) {
      for (let row = 0; row < 20; row++) {
        const u = draw(c).map((x) => 3 * x);
        expect(bound(owner, j, u) - logit(j, u)).toBeGreaterThan(-1e-9);
      }
      // at the owner's mean, and on the other side as far away
      const [from, to] = [meanOf(j), meanOf(owner)];
      for (const side of [1, -1]) {
        const u = to.map((x, a) => from[a] + side * (x - from[a]));
        const off = bound(owner, j, u) - logit(j, u);
        expect(Math.abs(off) / Math.abs(logit(j, u))).toBeLessThan(1e-9);
      }
    }
});
