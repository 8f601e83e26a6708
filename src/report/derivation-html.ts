/** The derivation as one self-contained page: MathML made from the same LaTeX as the other reports, a stylesheet, no script. */
import temml from 'temml';
import { printLatex } from '../algebra/print.js';
import type { Check } from '../derive/certificate.js';
import type { Block, Derivation, Equation, Section, Words } from '../derive/types.js';
import { wordsText } from '../derive/words.js';
import { CERTIFICATE, stepLabel } from './derivation-latex.js';
import type { ReportExtras } from './derivation-latex.js';
import { displayLatex, equationRow, inlineLatex, stepRows } from './derivation-latex-parts.js';
import type { Row } from './derivation-latex-parts.js';
import { STYLE } from './html-style.js';

/** Where a display is broken, in characters of plain text. */
const WIDTH = 62;

export function derivationHtml(derivation: Derivation, { source, checks = [] }: ReportExtras = {}): string {
  const { model, sections } = derivation;
  const title = model.title === undefined ? model.name : `${model.name}: ${model.title}`;
  const contents = sections.map((s) => `<li><a href="#${anchor(s)}">${wordsHtml(s.title)}</a></li>`);
  if (checks.length > 0) contents.push('<li><a href="#certificate">Certificate</a></li>');
  const parts = [
    `<header><p class="kind">Derivation of the EM algorithm</p><h1>${escapeHtml(model.name)}</h1>${model.title === undefined ? '' : `<p class="title">${escapeHtml(model.title)}</p>`}</header>`,
    ...(source === undefined ? [] : [listing(source)]),
    `<nav aria-label="Contents"><h2>Contents</h2><ol>${contents.join('')}</ol></nav>`,
    ...sections.map(sectionHtml),
    ...(checks.length === 0 ? [] : [certificate(checks)]),
  ];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>${escapeHtml(title)}</title>
<style>
${STYLE}</style>
</head>
<body>
<main>
${parts.join('\n')}
</main>
</body>
</html>
`;
}

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function listing(source: string): string {
  const lines = source.replace(/\n+$/, '').split('\n');
  const rows = lines.map((line) => `<li><code>${escapeHtml(line) || ' '}</code></li>`);
  return `<section id="model"><h2>The model</h2><ol class="source">${rows.join('')}</ol></section>`;
}

/** `m-step-pi`: a letter of any script may stand in an id. */
const anchor = (section: Section): string =>
  section.parameter === undefined ? section.id : `${section.id}-${section.parameter}`;

const sectionHtml = (section: Section): string =>
  `<section id="${anchor(section)}"><h2>${wordsHtml(section.title)}<a class="anchor" href="#${anchor(section)}" aria-label="Link to ${escapeHtml(wordsText(section.title))}">#</a></h2>
${section.blocks.map(blockHtml).join('\n')}
</section>`;

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'prose':
      return `<p>${wordsHtml(block.text)}</p>`;
    case 'steps':
      return `<div class="steps">${block.steps.map((s) => step(s.label, stepRows(s), s.because)).join('\n')}</div>`;
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
    : `<div class="steps">${entries.map((e) => step(e.label, [equationRow(e)], e.note)).join('\n')}</div>`;

const step = (label: string, rows: readonly Row[], because: Words): string =>
  `<div class="step"><div class="label">${escapeHtml(stepLabel(label))}</div>${display(rows)}<div class="reason">${wordsHtml(because)}</div></div>`;

/** A long display scrolls by itself, also from the keyboard. */
const display = (rows: readonly Row[]): string =>
  `<div class="display" tabindex="0">${mathml(displayLatex(rows, WIDTH), true)}</div>`;

const mathml = (latex: string, displayMode: boolean): string =>
  temml.renderToString(latex, { displayMode, throwOnError: true, xml: true });

/** Prose; a name between backticks is one of the model's text. */
const wordsHtml = (words: Words): string =>
  words
    .map((part) =>
      typeof part === 'string'
        ? part
            .split('`')
            .map((text, n) => (n % 2 === 1 ? `<code>${escapeHtml(text)}</code>` : escapeHtml(text)))
            .join('')
        : mathml(inlineLatex(part), false),
    )
    .join('');

function certificate(checks: readonly Check[]): string {
  const rows = checks.map(
    (c) =>
      `<tr><td>${c.parameter === undefined ? '' : `<code>${escapeHtml(c.parameter)}</code>`}</td><td>${escapeHtml(c.name)}</td><td>${c.passed ? 'passed' : '<strong>failed</strong>'}</td><td>${escapeHtml(c.detail)}</td></tr>`,
  );
  return `<section id="certificate"><h2>Certificate</h2><p>${escapeHtml(CERTIFICATE)}</p><div class="display" tabindex="0"><table><thead><tr><th>parameter</th><th>check</th><th>outcome</th><th>detail</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`;
}
