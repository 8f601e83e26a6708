/**
 * log Γ and its first two derivatives for kernels: the asymptotic series at x + n >= 12, and the recurrences from there down; for
 * x <= 0 by reflection. To some ten units in the last place of the larger of the value and 1, and faster than those that give the
 * last place of the value. Source: Abramowitz, Stegun (1964), 6.1.17, 6.1.40, 6.3.7, 6.3.18, 6.4.7, 6.4.12.
 *
 * It names nothing outside itself: threads are given its text.
 */
export function makeGammaFunctions(): Readonly<
  Record<'lgamma' | 'digamma' | 'trigamma', (x: number) => number>
> {
  const enough = 12;
  const lgamma = (x: number): number => {
    if (x <= 0) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - lgamma(1 - x);
    let [at, product] = [x, 1];
    for (; at < enough; at++) product *= at;
    const q = 1 / (at * at);
    const series =
      1 / 12 - q * (1 / 360 - q * (1 / 1260 - q * (1 / 1680 - q * (1 / 1188 - (q * 691) / 360360))));
    // in this order what is large is no number only where the value is infinite
    const stirling = (at - 0.5) * (Math.log(at) - 1) + (Math.log(2 * Math.PI) - 1) / 2 + series / at;
    return product === 1 ? stirling : stirling - Math.log(product);
  };
  const digamma = (x: number): number => {
    if (x <= 0) return digamma(1 - x) - Math.PI / Math.tan(Math.PI * x);
    let [at, rest] = [x, 0];
    for (; at < enough; at++) rest += 1 / at;
    const q = 1 / (at * at);
    const series = 1 / 12 - q * (1 / 120 - q * (1 / 252 - q * (1 / 240 - q * (1 / 132 - (q * 691) / 32760))));
    return Math.log(at) - 0.5 / at - q * series - rest;
  };
  const trigamma = (x: number): number => {
    if (x <= 0) return (Math.PI / Math.sin(Math.PI * x)) ** 2 - trigamma(1 - x);
    let [at, rest] = [x, 0];
    for (; at < enough; at++) rest += 1 / (at * at);
    const q = 1 / (at * at);
    const series = 1 / 6 - q * (1 / 30 - q * (1 / 42 - q * (1 / 30 - q * (5 / 66 - (q * 691) / 2730))));
    return 1 / at + q / 2 + (q * series) / at + rest;
  };
  return { lgamma, digamma, trigamma };
}
