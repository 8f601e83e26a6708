/** The derivation as Markdown with mathematics between dollar signs, in the form that GitHub and Pandoc read. */
import { printLatex } from '../algebra/print.js';
import type { Expr } from '../algebra/types.js';
import type { Block, Derivation, Equation, Step } from '../derive/types.js';

export function derivationMarkdown(derivation: Derivation): string {
  const { model } = derivation;
  const heading = model.title === undefined ? model.name : `${model.name}: ${model.title}`;
  const sections = derivation.sections.map((s) =>
    [`## ${s.title}`, ...s.blocks.map(blockMarkdown)].join('\n\n'),
  );
  return `${[`# ${heading}`, ...sections].join('\n\n')}\n`;
}

const display = (latex: string): string => `$$\n${latex}\n$$`;

function blockMarkdown(block: Block): string {
  switch (block.kind) {
    case 'prose':
      return block.text.replace(/^∇/, '\\$&');
    case 'steps':
      return block.steps.map(stepMarkdown).join('\n\n');
    case 'definitions':
      return display(aligned(block.entries.map((e) => `${printLatex(e.left)} &= ${printLatex(e.right)}`)));
    case 'equations':
      return display(aligned(block.entries.map(equationLatex)));
  }
}

const aligned = (lines: readonly string[]): string =>
  lines.length === 1
    ? lines[0].replace('&', '')
    : `\\begin{aligned}\n${lines.join(' \\\\\n')}\n\\end{aligned}`;

const SIGNS: Readonly<Record<string, string>> = {
  '=': '=',
  '≥': '\\ge',
  '←': '\\leftarrow',
  '⇒': '\\Rightarrow',
  '→': '\\to',
};

/** A side that is a name in the user's text becomes upright text inside the mathematics. */
function sideLatex(side: Expr | string): string {
  if (typeof side !== 'string') return printLatex(side);
  if (/^[0-9]*$/.test(side)) return side;
  if (/^log p\(/.test(side)) return `\\log p(${side.slice(6, -1)})`;
  const indexed = /^([A-Za-z]\w*)(?:\[(.+)\])?$/.exec(side);
  if (indexed === null) return `\\text{${side}}`;
  const name = printLatex({
    kind: 'symbol',
    name: indexed[1],
    role: 'parameter',
    indices: [],
    shape: [],
    fact: undefined,
  });
  return indexed[2] === undefined
    ? name
    : `${name.includes('_{') ? `{${name}}` : name}_{${indexed[2].replaceAll(',', '')}}`;
}

function stepMarkdown(step: Step): string {
  const left = step.left === undefined ? '' : `${sideLatex(step.left.expr)} ${SIGNS[step.left.sign]} `;
  return `${capital(step.label.includes('=') ? 'derivative' : step.label)} (${step.because}):\n\n${display(`${left}${printLatex(step.after)}`.trim())}`;
}

const equationLatex = (e: Equation): string =>
  `${sideLatex(e.left)} &${SIGNS[e.relation]} ${printLatex(e.right)}`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
