/** Chance, as named streams: the same name gives the same numbers, on every machine and whatever else was drawn. */
import seedrandom from 'seedrandom';

export interface RandomStream {
  /** uniform in [0, 1), 53 bits */
  readonly uniform: () => number;
  /** a whole number 0 … n − 1 */
  readonly below: (n: number) => number;
  /** standard normal (Marsaglia's polar method) */
  readonly normal: () => number;
}

/** The stream of a purpose: `stream(seed, 'start', 3)` reads `seed/start/3`. */
export function stream(seed: string, ...purpose: readonly (string | number)[]): RandomStream {
  const generator = seedrandom.alea([seed, ...purpose].join('/'));
  const uniform = (): number => generator.double();
  let spare: number | undefined;
  const normal = (): number => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const s = x * x + y * y;
      if (s > 0 && s < 1) {
        const factor = Math.sqrt((-2 * Math.log(s)) / s);
        spare = y * factor;
        return x * factor;
      }
    }
  };
  return { uniform, below: (n) => Math.min(n - 1, Math.floor(uniform() * n)), normal };
}
