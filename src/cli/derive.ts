/** `gmm derive`: the derivation, step by step, and on demand its certificate. */
import { certify } from '../derive/certificate.js';
import type { Check } from '../derive/certificate.js';
import { stream } from '../random.js';
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
  const text =
    flags.format === 'markdown'
      ? derivationMarkdown(derivation) + certificateMarkdown(checks)
      : derivationText(derivation, { title: colors.bold, label: colors.cyan, note: colors.dim }) +
        certificateText(checks, colors);
  const failed = await writeText(terminal, output, text);
  if (failed !== undefined) return failed;
  if (checks.every((check) => check.passed)) return exit.success;
  terminal.error(
    usageLine(terminal, 'the certificate fails: a defect of gmm. Please report it with the model.'),
  );
  return exit.defect;
}

const TITLE = 'Certificate';
const WHAT =
  'The updates judged by what they claim, on a small random instance in float64, without the rules they came from.';

function certificateText(checks: readonly Check[], colors: Colors): string {
  if (checks.length === 0) return '';
  const subject = (check: Check): string => check.parameter ?? '';
  const width = Math.max(...checks.map((check) => subject(check).length));
  const lines = checks.map((check) => {
    const mark = check.passed ? colors.green('passed') : colors.red('FAILED');
    return `   ${mark}   ${subject(check).padEnd(width)}   ${check.name}: ${colors.dim(check.detail)}`;
  });
  return `\n${colors.bold(TITLE)}\n\n   ${WHAT}\n\n${lines.join('\n')}\n`;
}

function certificateMarkdown(checks: readonly Check[]): string {
  if (checks.length === 0) return '';
  const rows = checks.map(
    (check) =>
      `| ${check.parameter === undefined ? '' : `\`${check.parameter}\``} | ${check.name} | ${check.passed ? 'passed' : '**failed**'} | ${check.detail} |`,
  );
  return `\n## ${TITLE}\n\n${WHAT}\n\n| parameter | check | outcome | |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}
