import { SYNONYMS } from './vocabulary.js';

/** The candidate that was most likely meant: the fewest letters changed, exchanged, left out or put in. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const known = [...candidates];
  const synonym = Object.hasOwn(SYNONYMS, word) ? SYNONYMS[word] : undefined;
  if (synonym !== undefined && known.includes(synonym)) return synonym;
  let best: { readonly text: string; readonly distance: number } | undefined;
  for (const text of known) {
    if (text === word) continue;
    const distance =
      editDistance(word.toLowerCase(), text.toLowerCase()) +
      (word.toLowerCase() === text.toLowerCase() ? 0.5 : 0);
    if (distance <= tolerance(word, text) && (best === undefined || distance < best.distance))
      best = { text, distance };
  }
  return best?.text;
}

/** Short names are near to everything: a third of the letters may differ, and of one or two letters only the case. */
const tolerance = (a: string, b: string): number => {
  const length = Math.max(a.length, b.length);
  return length <= 2 ? 0.5 : length <= 4 ? 1 : Math.floor(length / 3);
};

/** Damerau's distance, with neighbours exchanged counting once. */
export function editDistance(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, n) => n)];
  for (let i = 1; i <= left.length; i++) {
    const row = [i];
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1] ? 0 : 1;
      let cost = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + same);
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1])
        cost = Math.min(cost, rows[i - 2][j - 2] + 1);
      row.push(cost);
    }
    rows.push(row);
  }
  return rows[left.length][right.length];
}
