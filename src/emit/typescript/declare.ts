/** Functions of the data stage, declared in one line. */
import { arrow, call } from './build.js';
import type { Context } from './context.js';
import type { Code, FunctionDeclaration, Statement } from './tree.js';

export const declared = (
  name: string,
  documentation: string,
  list: FunctionDeclaration['arguments'],
  returns: string,
  body: readonly Statement[],
  more: { readonly isExported?: boolean; readonly isAsync?: boolean } = {},
): FunctionDeclaration => ({
  kind: 'function',
  name,
  documentation,
  arguments: list,
  returns,
  body,
  isExported: true,
  isAsync: false,
  ...more,
});

export const tidy = (...body: readonly Statement[]): Code => call('tf.tidy', arrow([], body));
export const shapeText = (context: Context): string => `[${context.rows}, ${String(context.components)}]`;

const TYPES = ['number', 'Vector', 'Matrix', 'readonly Matrix[]', 'readonly (readonly Matrix[])[]'];
/** The type of numbers that are nested so deep. */
export const arrayType = (depth: number): string => TYPES[depth] ?? 'never';
