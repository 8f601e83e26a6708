import { expect, test } from 'vitest';
import { emit, missingFor } from '../../src/emit/emit.js';
import { planJson } from '../../src/emit/json.js';
import { printModule } from '../../src/emit/typescript/print.js';
import {
  argument,
  arrow,
  binary,
  call,
  constant,
  give,
  literal,
  minus,
  name,
} from '../../src/emit/typescript/build.js';
import type { Code, Statement } from '../../src/emit/typescript/tree.js';
import { planOf } from './emitted.js';
import { all } from './models.js';

test('a module, as a file', () => {
  const [file, ...others] = emit(planOf(all.full), 'ts', { source: 'model OldFaithful\nconst K = 2\n' });
  expect(others).toEqual([]);
  expect(file.path).toBe('OldFaithful.ts');
  expect('text' in file && file.text).toContain(' *     model OldFaithful\n *     const K = 2\n');
});

test.each(Object.entries(all))('JSON of %s says the same when read again', (_, model) => {
  const plan = planOf(model);
  const [file] = emit(plan, 'json');
  expect('text' in file && JSON.parse(file.text)).toEqual(JSON.parse(JSON.stringify(planJson(plan))));
});

test('JSON names what is computed', () => {
  const json = planJson(planOf(all.kMeans));
  expect(json.objective).toBe('inertia');
  expect(json.component).toEqual({ latent: 'z', index: 'k', size: 'K', assignment: 'hard' });
  expect(json.updates.map((u) => `${u.parameter} ← ${u.value.text}`)).toEqual([
    'pi ← n[k] / N',
    'mu ← s[k] / n[k]',
  ]);
});

test('a graph needs every size', () => {
  const plan = planOf(all.full);
  expect(missingFor(plan, 'graph', {})).toEqual(['D', 'N']);
  const files = emit(plan, 'graph', { sizes: { D: 2, N: 1000 } });
  expect(files.map((f) => f.path)).toEqual(['saved_model.pb', 'graph.txt']);
  expect(missingFor(plan, 'ts', {})).toEqual([]);
});

const body = (...statements: Statement[]): string =>
  printModule(
    {
      head: ['A test.'],
      declarations: [
        {
          kind: 'function',
          documentation: '',
          name: 'f',
          isExported: true,
          isAsync: false,
          arguments: [argument('x', 'number')],
          returns: 'number',
          body: statements,
        },
      ],
    },
    { types: true, form: 'module' },
  )
    .split('\n')
    .slice(5, -2)
    .map((line) => line.slice(2))
    .join('\n');

test.each<readonly [Code, string]>([
  [binary(minus(name('x')), '**', literal(2)), '(-x) ** 2'],
  [binary(literal(-2), '*', name('x')), '-2 * x'],
  [binary(binary(name('a'), '-', name('b')), '-', binary(name('c'), '-', name('d'))), 'a - b - (c - d)'],
  [binary(binary(name('a'), '*', name('b')), '/', name('c')), '(a * b) / c'],
  [binary(name('a'), '**', binary(name('b'), '**', name('c'))), 'a ** b ** c'],
  [call(arrow(['y'], name('y')), name('x')), '((y) => y)(x)'],
])('prints %# as one writes it', (code, text) => {
  expect(body(give(code))).toBe(`return ${text};`);
});

test('JavaScript is the same text without types', () => {
  const printed = printModule(
    {
      head: ['A test.'],
      declarations: [
        { kind: 'import', names: ['add'], from: 'gmm-lang/runtime', isType: false },
        {
          kind: 'function',
          documentation: '',
          name: 'f',
          isExported: true,
          isAsync: true,
          arguments: [argument('x', 'number')],
          returns: 'Promise<number>',
          body: [constant('y', name('x'), 'number'), give(name('y'))],
        },
      ],
    },
    { types: false, form: 'body' },
  );
  expect(printed).toBe(
    '/**\n * A test.\n */\nconst { add } = runtime;\n\nasync function f(x) {\n  const y = x;\n  return y;\n}\n\nreturn { f };\n',
  );
});
