/** Numbers for people: six significant digits, decimal points under each other. */

/** Six significant digits; a large number keeps one decimal, so that means far from zero can be told apart. */
export function shortNumber(x: number): string {
  const size = Math.abs(x);
  if (x === 0) return '0';
  if (!Number.isFinite(x)) return String(x);
  if (size >= 1e13 || size < 1e-4) return x.toExponential(4);
  if (size >= 1e5) return x.toFixed(1);
  return x.toFixed(Math.min(6, Math.max(0, 5 - Math.floor(Math.log10(size)))));
}

/** Criteria and objectives: what is compared between fits, so to a fixed number of decimals. */
export function criterion(x: number): string {
  const size = Math.abs(x);
  return size !== 0 && (size < 1e-2 || size >= 1e11) ? x.toExponential(8) : x.toFixed(4);
}

/** Pads on both sides so that the points of a column stand under each other, at least `width` wide. */
export function alignPoints(texts: readonly string[], width = 0): readonly string[] {
  const parts = texts.map((text): readonly [string, string] => {
    const at = /[.e]/.exec(text)?.index ?? text.length;
    return [text.slice(0, at), text.slice(at)];
  });
  const before = Math.max(0, ...parts.map(([whole]) => whole.length));
  const after = Math.max(0, ...parts.map(([, fraction]) => fraction.length));
  return parts.map(([whole, fraction]) =>
    (whole.padStart(before) + fraction.padEnd(after)).padStart(Math.max(width, before + after)),
  );
}

/** Milliseconds. */
export function duration(ms: number): string {
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  return `${Math.floor(ms / 60_000).toFixed(0)} min ${Math.round((ms % 60_000) / 1000).toFixed(0)} s`;
}

export const widthOf = (text: string): number => [...text].length;
export const padEnd = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - widthOf(text)));
export const padStart = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - widthOf(text))) + text;

/** Shortened in the middle of nothing: the end is replaced by … */
export const clipped = (text: string, width: number): string =>
  widthOf(text) <= width ? text : `${[...text].slice(0, width - 1).join('')}…`;
