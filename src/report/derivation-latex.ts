/** The derivation as a LaTeX document that compiles as it stands: article, amsmath and amssymb, nothing else. */
import { printLatex } from '../algebra/print.js';
import type { Check } from '../derive/certificate.js';
import type { Block, Derivation, Equation, Section, Words } from '../derive/types.js';
import { displayLatex, equationRow, inlineLatex, stepRows } from './derivation-latex-parts.js';
import type { Row } from './derivation-latex-parts.js';
import { escapeLatex, unicodePreamble } from './escape-latex.js';

/** What a report may show beside the derivation. */
export interface ReportExtras {
  /** the model's text */
  readonly source?: string;
  /** the certificate, when it was asked for */
  readonly checks?: readonly Check[];
}

/** Where a display is broken, in characters of plain text: what fits on a line of this page. */
const WIDTH = 62;

export function derivationLatex(derivation: Derivation, { source, checks = [] }: ReportExtras = {}): string {
  const { model } = derivation;
  const body = [
    ...(source === undefined ? [] : [listing(source)]),
    ...derivation.sections.map(sectionLatex),
    ...(checks.length === 0 ? [] : [certificate(checks)]),
  ].join('\n\n');
  const title = model.title === undefined ? model.name : `${model.name}: ${model.title}`;
  const head = [
    '\\documentclass[11pt,a4paper]{article}',
    '\\usepackage{amsmath,amssymb}',
    ...unicodePreamble(title + body),
    // what is wider than the line, a long product, is set smaller
    '\\newcommand{\\fit}[2]{\\setbox0\\hbox{$\\displaystyle #2$}\\ifdim\\wd0>\\linewidth #1\\fi}',
    '\\newcommand{\\display}[1]{\\begingroup\\fit{\\small}{#1}\\fit{\\footnotesize}{#1}\\fit{\\scriptsize}{#1}%',
    '  \\[#1\\]\\endgroup}',
    // a step: its name, the mathematics, and the reason below it at the right
    '\\newcommand{\\step}[3]{\\par\\medskip\\noindent\\textit{#1}\\nopagebreak',
    '  \\display{#2}\\def\\reason{#3}\\ifx\\reason\\empty\\else\\nopagebreak',
    '  {\\raggedleft\\small #3\\par}\\fi}',
    '\\setlength{\\parindent}{0pt}\\setlength{\\parskip}{0.6\\baselineskip}',
    '\\addtolength{\\textwidth}{2cm}\\addtolength{\\oddsidemargin}{-1cm}',
    '\\addtolength{\\textheight}{3cm}\\addtolength{\\topmargin}{-1.5cm}',
    '\\allowdisplaybreaks\\emergencystretch=2em',
    `\\title{${escapeLatex(title)}}`,
    '\\author{}\\date{}',
  ];
  return `${[...head, '\\begin{document}', '\\maketitle', '', body, '', '\\end{document}'].join('\n')}\n`;
}

/** The model's text with numbered lines. */
function listing(source: string): string {
  const lines = source.replace(/\n+$/, '').split('\n');
  const rows = lines.map((text, n) => {
    // one space may be a line's end, several keep their width
    const shown = escapeLatex(text).replaceAll(/^ +| {2,}/g, (spaces) => '~'.repeat(spaces.length));
    return `\\makebox[1.6em][r]{\\scriptsize ${String(n + 1)}}\\quad\\hangindent=4em\\relax ${shown}\\par`;
  });
  return ['\\section*{The model}', '{\\small\\ttfamily\\raggedright\\parskip=0pt', ...rows, '}'].join('\n');
}

function sectionLatex(section: Section): string {
  const label = section.parameter === undefined ? section.id : `${section.id}-${section.parameter}`;
  return [
    `\\section{${wordsLatex(section.title)}}\\label{${label.replaceAll(/[^\w-]/g, '')}}`,
    ...section.blocks.map(blockLatex),
  ].join('\n\n');
}

function blockLatex(block: Block): string {
  switch (block.kind) {
    case 'prose':
      return wordsLatex(block.text);
    case 'steps':
      return block.steps.map((s) => step(s.label, stepRows(s), s.because)).join('\n');
    case 'definitions':
      return display(block.entries.map((e) => ({ left: printLatex(e.left), sign: '=', right: e.right })));
    case 'equations':
      return equations(block.entries);
  }
}

/** Equations with reasons stand one by one, the others together. */
const equations = (entries: readonly Equation[]): string =>
  entries.every((e) => e.note.length === 0)
    ? display(entries.map(equationRow))
    : entries.map((e) => step(e.label, [equationRow(e)], e.note)).join('\n');

const step = (label: string, rows: readonly Row[], because: Words): string =>
  `\\step{${escapeLatex(stepLabel(label))}}{${displayLatex(rows, WIDTH)}}{${wordsLatex(because)}}`;

/** The label of a derivative names its variable, in plain text: `∂/∂mu[k] = 0`. */
export const stepLabel = (label: string): string =>
  label.startsWith('∂²') ? 'second derivative' : label.startsWith('∂') ? 'derivative' : label;

const display = (rows: readonly Row[]): string => `\\display{${displayLatex(rows, WIDTH)}}`;

/** Prose; a name between backticks is one of the model's text. */
const wordsLatex = (words: Words): string =>
  words
    .map((part) =>
      typeof part === 'string'
        ? part
            .split('`')
            .map((text, n) => (n % 2 === 1 ? `\\texttt{${escapeLatex(text)}}` : escapeLatex(text)))
            .join('')
        : `$${inlineLatex(part)}$`,
    )
    .join('');

function certificate(checks: readonly Check[]): string {
  const rows = checks.map((c) =>
    [
      c.parameter === undefined ? '' : `\\texttt{${escapeLatex(c.parameter)}}`,
      c.name,
      c.passed ? 'passed' : 'FAILED',
      c.detail,
    ]
      .map((cell, n) => (n === 0 ? cell : escapeLatex(cell)))
      .join(' & '),
  );
  return [
    '\\section*{Certificate}',
    escapeLatex(CERTIFICATE),
    '\\begin{center}\\small\\begin{tabular}{lp{0.28\\textwidth}lp{0.34\\textwidth}}',
    rows.join(' \\\\\n'),
    '\\end{tabular}\\end{center}',
  ]
    .join('\n\n')
    .replaceAll('\n\n\\end{tabular}', '\n\\end{tabular}')
    .replace('textwidth}}\n\n', 'textwidth}}\n');
}

export const CERTIFICATE =
  'The updates judged by what they claim, on a small random instance in float64, without the rules they came from.';
