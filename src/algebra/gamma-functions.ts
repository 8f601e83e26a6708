/**
 * log Γ and its first two derivatives for kernels: the asymptotic series at x + n >= 12, and the recurrences from there down; for
 * x <= 0 by reflection. To some ten units in the last place of the larger of the value and 1, and faster than those that give the
 * last place of the value. Source: Abramowitz, Stegun (1964), 6.1.17, 6.1.40, 6.3.7, 6.3.18, 6.4.7, 6.4.12.
 *
 * They name nothing outside themselves, and nothing inside that a bundler would give its name back to: threads are given their
 * text.
 */
export function lgamma(x: number): number {
  const positive = x <= 0 ? 1 - x : x;
  let [at, product] = [positive, 1];
  for (; at < 12; at++) product *= at;
  const q = 1 / (at * at);
  const series =
    1 / 12 - q * (1 / 360 - q * (1 / 1260 - q * (1 / 1680 - q * (1 / 1188 - (q * 691) / 360360))));
  // in this order what is large is no number only where the value is infinite
  const stirling = (at - 0.5) * (Math.log(at) - 1) + (Math.log(2 * Math.PI) - 1) / 2 + series / at;
  const value = product === 1 ? stirling : stirling - Math.log(product);
  return x <= 0 ? Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - value : value;
}

export function digamma(x: number): number {
  let [at, rest] = [x <= 0 ? 1 - x : x, 0];
  for (; at < 12; at++) rest += 1 / at;
  const q = 1 / (at * at);
  const series = 1 / 12 - q * (1 / 120 - q * (1 / 252 - q * (1 / 240 - q * (1 / 132 - (q * 691) / 32760))));
  const value = Math.log(at) - 0.5 / at - q * series - rest;
  return x <= 0 ? value - Math.PI / Math.tan(Math.PI * x) : value;
}

export function trigamma(x: number): number {
  let [at, rest] = [x <= 0 ? 1 - x : x, 0];
  for (; at < 12; at++) rest += 1 / (at * at);
  const q = 1 / (at * at);
  const series = 1 / 6 - q * (1 / 30 - q * (1 / 42 - q * (1 / 30 - q * (5 / 66 - (q * 691) / 2730))));
  const value = 1 / at + q / 2 + (q * series) / at + rest;
  return x <= 0 ? (Math.PI / Math.sin(Math.PI * x)) ** 2 - value : value;
}
