/** A text put through parser and resolver, and what is said of it. */
import { parse } from '../../grammar/parse.js';
import { describeModel } from '../../src/diagnostics/model.js';
import { describeSyntax } from '../../src/diagnostics/syntax.js';
import type { Diagnostic, Report } from '../../src/diagnostics/types.js';
import { resolve } from '../../src/model/resolve.js';
import { signatures } from '../model/signatures.js';

/** The language's distributions less one, so that there is one which is not there yet. */
const supported = signatures.filter((s) => s.name !== 'VonMises');

export function diagnose(text: string, pedantic = false): readonly Diagnostic[] {
  const tree = parse(text);
  const model = resolve(tree.value, supported);
  return [
    ...describeSyntax(tree.problems, text),
    ...describeModel(model.problems, { text, spans: model.value.spans }, { pedantic }),
  ].sort((a, b) => a.span.start - b.span.start);
}

export const report = (text: string, pedantic = false, file = 'model.gmm'): Report => ({
  file,
  text,
  diagnostics: diagnose(text, pedantic),
});
