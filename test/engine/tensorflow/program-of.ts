/** A program from a model's text. */
import { parse } from '../../../grammar/parse.js';
import { derive } from '../../../src/derive/derive.js';
import { rowsDim } from '../../../src/derive/translate.js';
import { signatures } from '../../../src/distributions/registry.js';
import { resolve } from '../../../src/model/resolve.js';
import { plan } from '../../../src/plan/build.js';
import { program } from '../../../src/plan/program.js';
import type { Program } from '../../../src/plan/types.js';

export function programOf(text: string, sizes: Readonly<Record<string, number>>, rows: number): Program {
  const model = resolve(parse(text).value, signatures).value;
  const derivation = derive(model).value;
  if (derivation === undefined) throw new Error(`no derivation of\n${text}`);
  const constants = new Map(
    Object.entries(sizes).map(([name, value]) => [name, { shape: [], data: Float64Array.of(value) }]),
  );
  return program(plan(derivation), { ...sizes, [rowsDim(model)]: rows }, constants);
}
