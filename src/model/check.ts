/** What every Model without errors satisfies; tests and `--debug` ask between stations. */
import { nodesOf } from './traverse.js';
import type { Expression, Index, Model, Size, SymbolName, ValueType } from './types.js';

export const isModel = (model: Model): boolean => modelFaults(model).length === 0;

/** What is wrong with a Model, in the compiler's own words: each is a defect of ours. */
export function modelFaults(model: Model): readonly string[] {
  const faults: string[] = [];
  const plates = new Set<string>(model.plates.map((p) => p.name));
  const constants = new Set<string>(model.constants.map((c) => c.name));
  const sizes = new Set(model.sizes.map((s) => s.name));
  const symbols = new Map(
    [...model.parameters, ...model.latents, ...model.data, ...model.definitions].map((s) => [
      s.name as string,
      s,
    ]),
  );

  const names = [...plates, ...constants, ...symbols.keys()];
  if (new Set(names).size < names.length) faults.push('a name is declared twice');

  const size = (s: Size, where: string): void => {
    if (s.kind === 'unknown') faults.push(`${where}: a size is unknown`);
    if (s.kind === 'named' && !sizes.has(s.name)) faults.push(`${where}: no size ${s.name}`);
    if (s.kind === 'constant' && !constants.has(s.name)) faults.push(`${where}: no constant ${s.name}`);
    if (s.kind === 'plate' && !plates.has(s.plate)) faults.push(`${where}: no plate ${s.plate}`);
  };
  const type = (t: ValueType, where: string): void => {
    if (t.domain === 'unknown') faults.push(`${where}: a type is unknown`);
    if (t.shape.length > 2) faults.push(`${where}: more than two axes`);
    if (t.domain === 'plate' && (t.plate === undefined || !plates.has(t.plate)))
      faults.push(`${where}: no plate`);
    for (const s of t.shape) size(s, where);
  };
  const index = (i: Index, where: string): void => {
    if ((i.kind === 'plate' || i.kind === 'previous') && !plates.has(i.plate))
      faults.push(`${where}: no plate ${i.plate}`);
    if (i.kind === 'symbol') {
      if (symbols.get(i.symbol)?.plates.length !== i.indices.length)
        faults.push(`${where}: indices of ${i.symbol}`);
      for (const inner of i.indices) index(inner, where);
    }
  };
  const expression = (root: Expression, where: string): void => {
    for (const e of nodesOf(root)) {
      type(e.type, where);
      if (e.span < 0 || e.span >= model.spans.length) faults.push(`${where}: no span ${e.span}`);
      if (e.kind === 'error') faults.push(`${where}: an error is left`);
      if (e.kind === 'constant' && !constants.has(e.name)) faults.push(`${where}: no constant ${e.name}`);
      if (e.kind === 'symbol') {
        const plateCount = symbols.get(e.name)?.plates.length ?? (constants.has(e.name) ? 0 : undefined);
        if (plateCount !== e.indices.length) faults.push(`${where}: indices of ${e.name}`);
        for (const i of [...e.indices, ...e.coordinates]) index(i, where);
      }
      if (
        (e.kind === 'add' || e.kind === 'subtract') &&
        e.left.type.shape.length !== e.right.type.shape.length
      )
        faults.push(`${where}: a sum of unequal shapes`);
    }
  };

  for (const s of symbols.values()) {
    type(s.type, s.name);
    for (const p of s.plates) if (!plates.has(p)) faults.push(`${s.name}: no plate ${p}`);
    if (s.role === 'definition') expression(s.value, s.name);
  }
  for (const [n, f] of model.factors.entries()) {
    if (f.line !== n) faults.push(`line ${n} says that it is line ${f.line}`);
    if (!symbols.has(f.symbol)) faults.push(`line ${n}: no symbol ${f.symbol}`);
    expression(f.distribution, `line ${n}`);
    faults.push(
      ...branches(f.distribution).flatMap((e) =>
        e.kind === 'distribution' ? [] : [`line ${n}: ${e.kind} is no distribution`],
      ),
    );
  }
  for (const c of model.constraints) {
    expression(c.left, 'constrain');
    expression(c.right, 'constrain');
    if (c.left.type.shape.length !== c.right.type.shape.length)
      faults.push('constrain: sides of unequal shape');
  }
  const isDeclared = (name: SymbolName): boolean => constants.has(name);
  if (model.limit !== undefined && !isDeclared(model.limit.constant)) faults.push('limit: no constant');
  return faults;
}

/** The distributions that a line chooses between. */
const branches = (e: Expression): readonly Expression[] =>
  e.kind === 'if' ? [...branches(e.then), ...branches(e.else)] : [e];
