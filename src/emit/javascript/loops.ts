/**
 * Code of copies that differ in the places that they read alone, as a loop: the texts of the first two and the last say how places,
 * which stand in brackets, go on from copy to copy.
 */

/** In code, the place of copy `copy` that begins at `place` and goes on by `step`. */
export const placeOf = (place: number, step: number): string => {
  if (step === 0) return String(place);
  const copy = step === 1 ? 'copy' : `copy * ${String(step)}`;
  return place === 0 ? copy : `${copy} + ${String(place)}`;
};

/** The loop over all copies; undefined where their texts differ in more than places, or places do not go on evenly. */
export function inLoop(
  first: readonly string[],
  second: readonly string[],
  last: readonly string[],
  copies: number,
): readonly string[] | undefined {
  if (first.length !== second.length || first.length !== last.length) return undefined;
  const lines: string[] = [];
  for (const [n, line] of first.entries()) {
    const found = alongCopies(line, second[n], last[n], copies - 1);
    if (found === undefined) return undefined;
    lines.push(found);
  }
  return [`for (let copy = 0; copy < ${String(copies)}; copy++) {`, ...lines, '}'];
}

/** A line of copy 0 with its places as those of any copy, where copies 1 and `end` say the same. */
function alongCopies(line: string, second: string, last: string, end: number): string | undefined {
  const [parts, others, lasts] = [line, second, last].map((text) => text.split(/\[(\d+)\]/));
  if (parts.length !== others.length || parts.length !== lasts.length) return undefined;
  const found: string[] = [];
  for (let n = 0; n < parts.length; n++) {
    if (n % 2 === 0) {
      if (parts[n] !== others[n] || parts[n] !== lasts[n]) return undefined;
      found.push(parts[n]);
      continue;
    }
    const place = Number(parts[n]);
    const step = Number(others[n]) - place;
    if (Number(lasts[n]) !== place + end * step) return undefined;
    found.push(`[${placeOf(place, step)}]`);
  }
  return found.join('');
}
