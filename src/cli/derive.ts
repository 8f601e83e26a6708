/** `gmm derive`: the derivation, step by step, and on demand its certificate. */
import { certify } from '../derive/certificate.js';
import type { Check } from '../derive/certificate.js';
import type { Derivation } from '../derive/types.js';
import { stream } from '../random.js';
import { CERTIFICATE, derivationLatex } from '../report/derivation-latex.js';
import { derivationMarkdown } from '../report/derivation-markdown.js';
import { derivationText } from '../report/derivation-text.js';
import { exit } from './exit.js';
import type { ExitCode } from './exit.js';
import { isWritable, usageLine, writeText } from './files.js';
import type { DeriveFlags } from './flags.js';
import { readModel } from './source.js';
import type { Colors, Terminal } from './terminal.js';

export async function derive(terminal: Terminal, model: string, flags: DeriveFlags): Promise<ExitCode> {
  const output = flags.output ?? '-';
  if (!(await isWritable(terminal, output))) return exit.usage;
  const source = await readModel(terminal, model);
  if ('stopped' in source) return source.stopped;
  const { derivation } = source.value;
  const checks = flags.verify === true ? certify(derivation, stream('1', 'certificate')) : [];
  // Colours are for a terminal, not for a file.
  const colors = output === '-' ? terminal.out : terminal.plain;
  const text = await written(flags.format, derivation, source.value.text, checks, colors);
  const failed = await writeText(terminal, output, text);
  if (failed !== undefined) return failed;
  if (checks.every((check) => check.passed)) return exit.success;
  terminal.error(
    usageLine(terminal, 'the certificate fails: a defect of gmm. Please report it with the model.'),
  );
  return exit.defect;
}

async function written(
  format: DeriveFlags['format'],
  derivation: Derivation,
  source: string,
  checks: readonly Check[],
  colors: Colors,
): Promise<string> {
  switch (format) {
    case 'text':
      return (
        derivationText(derivation, { title: colors.bold, label: colors.cyan, note: colors.dim }) +
        certificateText(checks, colors)
      );
    case 'markdown':
      return derivationMarkdown(derivation) + certificateMarkdown(checks);
    case 'latex':
      return derivationLatex(derivation, { source, checks });
    case 'html': {
      const { derivationHtml } = await import('../report/derivation-html.js');
      return derivationHtml(derivation, { source, checks });
    }
  }
}

const TITLE = 'Certificate';
function certificateText(checks: readonly Check[], colors: Colors): string {
  if (checks.length === 0) return '';
  const subject = (check: Check): string => check.parameter ?? '';
  const width = Math.max(...checks.map((check) => subject(check).length));
  const lines = checks.map((check) => {
    const mark = check.passed ? colors.green('passed') : colors.red('FAILED');
    return `   ${mark}   ${subject(check).padEnd(width)}   ${check.name}: ${colors.dim(check.detail)}`;
  });
  return `\n${colors.bold(TITLE)}\n\n   ${CERTIFICATE}\n\n${lines.join('\n')}\n`;
}

function certificateMarkdown(checks: readonly Check[]): string {
  if (checks.length === 0) return '';
  const rows = checks.map(
    (check) =>
      `| ${check.parameter === undefined ? '' : `\`${check.parameter}\``} | ${check.name} | ${check.passed ? 'passed' : '**failed**'} | ${check.detail} |`,
  );
  return `\n## ${TITLE}\n\n${CERTIFICATE}\n\n| parameter | check | outcome | |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}
