/** A list of statements under way. A value that is read more than once is given a local by `let`, so that it is computed once. */
import { set, local } from './instructions.js';
import type { Local, Statement, Value, ValueType } from './types.js';

export interface Scope {
  readonly statements: readonly Statement[];
  readonly push: (...statements: readonly Statement[]) => void;
  readonly let: <T extends ValueType>(value: Value<T>) => Local<T>;
}

export function scope(): Scope {
  const statements: Statement[] = [];
  return {
    statements,
    push: (...more) => {
      statements.push(...more);
    },
    let: (value) => {
      const variable = local(value.type);
      statements.push(set(variable, value));
      return variable;
    },
  };
}

/** The statements that `write` writes. */
export function written(write: (s: Scope) => void): readonly Statement[] {
  const s = scope();
  write(s);
  return s.statements;
}
