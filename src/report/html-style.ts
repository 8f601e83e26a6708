/** The stylesheet of the page: one column with the reasons beside it, below on a phone; dark where the reader's system is. */
export const STYLE = `:root {
  color-scheme: light dark;
  --ink: #1b1f24;
  --soft: #59636e;
  --paper: #ffffff;
  --shade: #f5f6f8;
  --line: #dde1e6;
  --accent: #0b5cad;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e4e7eb;
    --soft: #9aa4b0;
    --paper: #14171b;
    --shade: #1d2126;
    --line: #323840;
    --accent: #7db8f5;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body {
  margin: 0;
  background: var(--paper);
  color: var(--ink);
  font: 1.0625rem/1.6 Charter, 'Bitstream Charter', 'Iowan Old Style', Georgia, Cambria, 'Noto Serif', serif;
}
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.5rem 5rem; }
h1 { font-size: 2.1rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.35rem; line-height: 1.3; margin: 0 0 0.8rem; }
.kind, .title { margin: 0; color: var(--soft); }
.title { font-size: 1.2rem; }
section { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1.5rem; }
main > section > p { max-width: 42rem; }
p { margin: 0.9rem 0; hyphens: auto; }
a { color: var(--accent); }
.anchor { margin-left: 0.5rem; text-decoration: none; font-weight: normal; opacity: 0.35; }
.anchor:hover, .anchor:focus { opacity: 1; }
nav { margin-top: 2rem; }
nav h2 { font-size: 1.05rem; margin-bottom: 0.4rem; }
nav ol { margin: 0; padding-left: 1.6rem; columns: 2 18rem; }
code { font: 0.875em/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
p code { background: var(--shade); padding: 0.1em 0.3em; border-radius: 3px; }
.source {
  margin: 0;
  padding: 0.8rem 1rem 0.8rem 2.6rem;
  background: var(--shade);
  border-radius: 6px;
  overflow-x: auto;
  list-style: decimal;
}
.source li::marker { color: var(--soft); font-size: 0.75rem; font-variant-numeric: tabular-nums; }
.source li { padding-left: 0.6rem; }
.source code { white-space: pre; }
.step {
  display: grid;
  grid-template-columns: 8.2rem minmax(0, 1fr) 15rem;
  gap: 0 1.2rem;
  align-items: center;
  padding: 0.5rem 0;
}
.step + .step { border-top: 1px dotted var(--line); }
.label { color: var(--accent); font-size: 0.9rem; line-height: 1.4; }
.reason { color: var(--soft); font-size: 0.9rem; line-height: 1.45; }
.display { overflow-x: auto; overflow-y: hidden; padding: 0.35rem 0; }
.steps .display { padding: 0; }
.steps { margin: 0.6rem 0; }
math { font-family: 'Cambria Math', 'STIX Two Math', 'Latin Modern Math', 'Noto Sans Math', math; }
math.tml-display { display: block math; margin: 0; text-align: left; width: max-content; }
.display math { font-size: 1.05em; }
math * { border-color: currentColor; }
mtd.tml-right { text-align: right; }
mtd.tml-left { text-align: left; }
mtable.tml-jot > mtr > mtd { padding-top: 0.8ex; padding-bottom: 0.8ex; }
table { border-collapse: collapse; font-size: 0.9rem; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 1rem 0.3rem 0; border-bottom: 1px solid var(--line); }
math th, math td { border: 0; }
@media (max-width: 56rem) {
  main { padding: 1.25rem 1rem 4rem; }
  section { margin-top: 2.2rem; padding-top: 1.2rem; }
  .step { grid-template-columns: minmax(0, 1fr); gap: 0.2rem; padding: 0.8rem 0; }
  .display math { font-size: 1em; }
}
@media print {
  :root { --ink: #000; --soft: #444; --paper: #fff; --shade: #fff; --accent: #000; --line: #bbb; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  .anchor { display: none; }
  .display { overflow: visible; }
  .step, .source { break-inside: avoid; }
  h2 { break-after: avoid; }
  .step { grid-template-columns: 5rem minmax(0, 1fr) 10rem; }
}
`;
