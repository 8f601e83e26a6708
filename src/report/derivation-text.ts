/** The derivation as plain text, for a terminal: prose wrapped, one line a step, the reason beside it where it fits. */
import { printText } from '../algebra/print.js';
import type { Block, Derivation, Equation, Step } from '../derive/types.js';
import { sideText, wordsText } from '../derive/words.js';

const WIDTH = 100;
const LABEL = 17;

/** Marks parts for colour; the identity without it. */
export interface TextStyle {
  readonly title: (text: string) => string;
  readonly label: (text: string) => string;
  readonly note: (text: string) => string;
}
export const plainStyle: TextStyle = { title: (t) => t, label: (t) => t, note: (t) => t };

export function derivationText(derivation: Derivation, style: TextStyle = plainStyle): string {
  const { model } = derivation;
  const heading = model.title === undefined ? model.name : `${model.name}: ${model.title}`;
  const sections = derivation.sections.map((section, n) =>
    [
      style.title(`${String(n + 1)}  ${wordsText(section.title)}`),
      ...section.blocks.map((b) => blockText(b, style)),
    ].join('\n\n'),
  );
  return `${[style.title(heading), ...sections].join('\n\n')}\n`;
}

function blockText(block: Block, style: TextStyle): string {
  switch (block.kind) {
    case 'prose':
      return wrap(wordsText(block.text), WIDTH - 3)
        .map((line) => `   ${line}`)
        .join('\n');
    case 'steps':
      return block.steps.map((s) => stepText(s, style)).join('\n');
    case 'definitions':
      return block.entries
        .map((e) => line(printText(e.left), '', `= ${printText(e.right)}`, style))
        .join('\n');
    case 'equations':
      return block.entries.map((e) => equationText(e, style)).join('\n');
  }
}

function stepText(step: Step, style: TextStyle): string {
  const left = step.left === undefined ? '' : `${sideText(step.left.expr)} ${step.left.sign} `;
  const { shown } = step;
  const main = line(
    step.label,
    wordsText(step.because),
    `${left.trimStart()}${printText(shown?.expr ?? step.after)}`,
    style,
  );
  return shown === undefined
    ? main
    : `${main}\n${line('where', '', `${printText(shown.name)} = ${printText(shown.meaning)}`, style)}`;
}

function equationText(e: Equation, style: TextStyle): string {
  return line(
    e.label === sideText(e.left) ? '' : e.label,
    wordsText(e.note),
    `${sideText(e.left)} ${e.relation} ${sideText(e.right)}`,
    style,
  );
}

/** `label  mathematics  reason`, the mathematics broken at + and − where it is long. */
function line(label: string, note: string, mathematics: string, style: TextStyle): string {
  const pad = ' '.repeat(3 + LABEL);
  const lines = breakMathematics(mathematics, WIDTH - 3 - LABEL);
  const head = `   ${style.label(label)}${' '.repeat(Math.max(1, LABEL - [...label].length))}`;
  const body = lines.map((l, n) => (n === 0 ? head + l : pad + l));
  if (note === '') return body.join('\n');
  const last = lines[lines.length - 1];
  const used = 3 + LABEL + [...last].length;
  if (lines.length === 1 && used + 4 + [...note].length <= WIDTH + 10) {
    const gap = ' '.repeat(Math.max(3, 44 - [...last].length));
    if (used + gap.length + [...note].length <= WIDTH + 10) return `${body[0]}${gap}${style.note(note)}`;
  }
  return [...body, ...wrap(note, WIDTH - 3 - LABEL).map((l) => pad + style.note(l))].join('\n');
}

/** Breaks at + and − outside brackets; continuation lines begin with the sign. */
export function breakMathematics(text: string, width: number): readonly string[] {
  if ([...text].length <= width) return [text];
  const pieces: string[] = [];
  let depth = 0;
  let current = '';
  for (const c of text) {
    if (c === '(' || c === '[' || c === '‖') depth += 1;
    if (c === ')' || c === ']') depth -= 1;
    if (
      depth === 0 &&
      (c === '+' || c === '−') &&
      current.endsWith(' ') &&
      current.trim() !== '' &&
      !current.trimEnd().endsWith('=')
    ) {
      pieces.push(current.trimEnd());
      current = '';
    }
    current += c;
  }
  pieces.push(current);
  if (pieces.length === 1) return splitInside(text, width);
  const lines: string[] = [];
  for (const p of pieces) {
    const last = lines[lines.length - 1];
    if (last !== undefined && [...last].length + 1 + [...p].length <= width)
      lines[lines.length - 1] = `${last} ${p}`;
    else lines.push(lines.length === 0 ? p : `  ${p}`);
  }
  return lines;
}

/** A long sum Σ (a + b + c) is broken inside its outermost parentheses. */
function splitInside(text: string, width: number): readonly string[] {
  const open = text.indexOf('(');
  if (open < 0 || !text.endsWith(')')) return [text];
  const inner = breakMathematics(text.slice(open + 1, -1), width - open - 2);
  if (inner.length === 1) return [text];
  return inner.map(
    (l, n) =>
      (n === 0 ? text.slice(0, open + 1) + l : ' '.repeat(open + 1) + l) +
      (n === inner.length - 1 ? ')' : ''),
  );
}

export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines[lines.length - 1];
    if (last === undefined || [...last].length + 1 + [...word].length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
