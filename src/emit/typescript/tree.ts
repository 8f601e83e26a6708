/**
 * The little of TypeScript that emitted modules are written in. Types are kept apart from values (as text, at the places
 * where TypeScript has them), so that the same tree prints as plain JavaScript.
 */

export type Code =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'member'; readonly of: Code; readonly name: string }
  | { readonly kind: 'index'; readonly of: Code; readonly at: Code }
  | { readonly kind: 'call'; readonly callee: Code; readonly arguments: readonly Code[] }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Code; readonly right: Code }
  | { readonly kind: 'prefix'; readonly operator: '-' | '!' | 'await '; readonly of: Code }
  | { readonly kind: 'conditional'; readonly test: Code; readonly then: Code; readonly else: Code }
  | {
      readonly kind: 'arrow';
      readonly parameters: readonly Pattern[];
      readonly body: Code | readonly Statement[];
    }
  | { readonly kind: 'array'; readonly elements: readonly Code[] }
  | { readonly kind: 'object'; readonly properties: readonly Property[] }
  | { readonly kind: 'spread'; readonly of: Code }
  /** a type that only TypeScript needs to be told */
  | { readonly kind: 'as'; readonly of: Code; readonly type: string };

export type BinaryOperator = '+' | '-' | '*' | '/' | '**' | '===' | '!==' | '<' | '<=' | '>' | '>=' | '&&';

/** `name: value`, or `name` alone where the value is a name like it. */
export interface Property {
  readonly name: string;
  readonly value: Code;
}

/** What stands left of `=` in a declaration: a name, or the parts taken out of an object or an array. */
export type Pattern =
  | { readonly kind: 'name'; readonly name: string }
  | {
      readonly kind: 'object';
      readonly parts: readonly { readonly name: string; readonly as: string; readonly otherwise?: Code }[];
    }
  | { readonly kind: 'array'; readonly parts: readonly string[] };

export interface Argument {
  readonly pattern: Pattern;
  readonly type: string;
  readonly isOptional?: boolean;
  readonly otherwise?: Code;
}

export type Statement =
  | {
      readonly kind: 'const' | 'let';
      readonly pattern: Pattern;
      readonly type: string | undefined;
      readonly value: Code;
    }
  | { readonly kind: 'assign'; readonly target: Code; readonly value: Code }
  | { readonly kind: 'return'; readonly value: Code }
  | { readonly kind: 'do'; readonly value: Code }
  /** `for (let index = 0; index < below; index++)`, and while `also` holds */
  | {
      readonly kind: 'for';
      readonly index: string;
      readonly below: Code;
      readonly also: Code | undefined;
      readonly body: readonly Statement[];
    }
  | { readonly kind: 'try'; readonly body: readonly Statement[]; readonly finally: readonly Statement[] }
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'blank' };

export type Declaration =
  /** `import * as name from '…'` */
  | { readonly kind: 'import-all'; readonly name: string; readonly from: string }
  | {
      readonly kind: 'import';
      readonly names: readonly string[];
      readonly from: string;
      readonly isType: boolean;
    }
  | {
      readonly kind: 'constant';
      readonly documentation: string;
      readonly name: string;
      readonly type: string | undefined;
      readonly value: Code;
    }
  | {
      readonly kind: 'interface';
      readonly documentation: string;
      readonly name: string;
      readonly members: readonly Member[];
    }
  | FunctionDeclaration;

export interface FunctionDeclaration {
  readonly kind: 'function';
  readonly documentation: string;
  readonly name: string;
  readonly isExported: boolean;
  readonly isAsync: boolean;
  readonly arguments: readonly Argument[];
  readonly returns: string;
  readonly body: readonly Statement[];
}

export interface Member {
  readonly documentation: string;
  readonly name: string;
  readonly isOptional: boolean;
  readonly type: string;
}

export interface Module {
  /** the comment at the head, line by line */
  readonly head: readonly string[];
  readonly declarations: readonly Declaration[];
}
