/** Comments: the one thing whose lines are counted here, since words have no document algebra. */
import { builders } from 'prettier/doc';

type Doc = builders.Doc;
const { hardline } = builders;

/** The longest line of emitted code. */
export const WIDTH = 100;

/** `/** … *\/`, on one line where it fits. */
export function documented(text: string): Doc {
  if (text === '') return '';
  const lines = text.split('\n').flatMap((paragraph) => wrapped(paragraph, WIDTH - 4));
  return lines.length === 1 ? [`/** ${lines[0]} */`, hardline] : [documentation(lines), hardline];
}

export const documentation = (lines: readonly string[]): Doc => [
  '/**',
  ...lines.map((text): Doc => [hardline, text === '' ? ' *' : ` * ${text.replaceAll('*/', '*\\/')}`]),
  hardline,
  ' */',
];

/** Words in lines of at most `width`; what is indented stays so, and its further lines stand deeper. */
export function wrapped(
  text: string,
  width: number,
  hanging = text.startsWith(' ') ? '    ' : '',
): readonly string[] {
  const margin = /^ */.exec(text)![0];
  const lines: string[] = [];
  let current = margin;
  for (const word of text.trim().split(' ')) {
    if (current.trim() !== '' && current.length + 1 + word.length > width) {
      lines.push(current);
      current = margin + hanging + word;
    } else current = current.trim() === '' ? current + word : `${current} ${word}`;
  }
  return [...lines, current];
}
