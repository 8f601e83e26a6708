/** The derivation as Markdown with mathematics between dollar signs, in the form that GitHub and Pandoc read. */
import { printLatex } from '../algebra/print.js';
import type { Block, Derivation, Equation, Step, Words } from '../derive/types.js';
import { wordsText } from '../derive/words.js';
import { displayLatex, equationRow, inlineLatex, stepRows } from './derivation-latex-parts.js';
import { stepLabel } from './derivation-latex.js';
import type { Row } from './derivation-latex-parts.js';

/** Where a display is broken, in characters of plain text. */
const WIDTH = 90;

export function derivationMarkdown(derivation: Derivation): string {
  const { model } = derivation;
  const heading = model.title === undefined ? model.name : `${model.name}: ${model.title}`;
  const sections = derivation.sections.map((s) =>
    [`## ${wordsText(s.title)}`, ...s.blocks.map(blockMarkdown)].join('\n\n'),
  );
  return `${[`# ${heading}`, ...sections].join('\n\n')}\n`;
}

const display = (rows: readonly Row[]): string => `$$\n${displayLatex(rows, WIDTH)}\n$$`;

function blockMarkdown(block: Block): string {
  switch (block.kind) {
    case 'prose':
      return wordsMarkdown(block.text);
    case 'steps':
      return block.steps.map(stepMarkdown).join('\n\n');
    case 'definitions':
      return display(block.entries.map((e) => ({ left: printLatex(e.left), sign: '=', right: e.right })));
    case 'equations':
      return equationsMarkdown(block.entries);
  }
}

const wordsMarkdown = (words: Words): string =>
  words.map((part) => (typeof part === 'string' ? part : `$${inlineLatex(part)}$`)).join('');

function stepMarkdown(step: Step): string {
  const label = capital(stepLabel(step.label));
  return `${label} (${wordsMarkdown(step.because)}):\n\n${display(stepRows(step))}`;
}

/** Equations with reasons stand one by one, the others together. */
function equationsMarkdown(entries: readonly Equation[]): string {
  if (entries.every((e) => e.note.length === 0)) return display(entries.map(equationRow));
  return entries
    .map((e) => {
      const label = capital(stepLabel(e.label));
      const note = e.note.length === 0 ? '' : ` (${wordsMarkdown(e.note)})`;
      return `${label}${note}:\n\n${display([equationRow(e)])}`;
    })
    .join('\n\n');
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
