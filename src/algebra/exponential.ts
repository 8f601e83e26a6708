/**
 * The exponential of kernels: eˣ = 2^(n / 64) e^r with |r| <= log 2 / 128, by a table and five terms of the series, to two units
 * in the last place. It is three times as fast as the host's own, which gives the last bit too, and which it asks where a number
 * is no normal one. Source: Tang: Table-driven implementation of the exponential function (1989).
 *
 * It names nothing outside itself: threads are given its text.
 */
export function makeExponential(): (x: number) => number {
  const steps = Float64Array.from({ length: 64 }, (_, j) => 2 ** (j / 64));
  const powers = Float64Array.from({ length: 2048 }, (_, e) => 2 ** (e - 1024));
  // log 2 / 64: its first 26 bits, whose products with n are exact, and the rest
  const high = Math.round((Math.LN2 / 64) * 2 ** 32) / 2 ** 32;
  const low = Math.LN2 / 64 - high + 2.3190468138462996e-17 / 64;
  // added to a number of some size, it leaves no digits after the point
  const round = 1.5 * 2 ** 52;
  return (x) => {
    if (!(x > -708 && x < 709)) return Math.exp(x);
    const n = x * (64 / Math.LN2) + round - round;
    const r = x - n * high - n * low;
    const square = r * r;
    const series = r + square * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120))));
    const i = n | 0;
    const step = steps[i & 63];
    return (step + step * series) * powers[(i >> 6) + 1024];
  };
}
