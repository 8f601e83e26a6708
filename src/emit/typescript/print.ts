/**
 * The target tree as text: TypeScript or plain JavaScript, as a module or as the body of a function that is given what
 * the module would import. Layout is Prettier's document algebra; nothing here counts columns but comments.
 */
import { builders, printer } from 'prettier/doc';
import { documentation, documented, WIDTH, wrapped } from './comments.js';
import type { Argument, Code, Declaration, Module, Pattern, Statement } from './tree.js';

type Doc = builders.Doc;
const { group, indent, join, line, softline, hardline, ifBreak, conditionalGroup } = builders;

export interface PrintOptions {
  /** TypeScript, or JavaScript */
  readonly types: boolean;
  /** `body`: imports are read from `tf` and `runtime`, and what is exported is returned */
  readonly form: 'module' | 'body';
}

export function printModule(module: Module, options: PrintOptions): string {
  const p = printing(options);
  const kept = module.declarations.filter(
    (d) => options.types || !(d.kind === 'interface' || (d.kind === 'import' && d.isType)),
  );
  const docs: Doc[] = [documentation(module.head.flatMap((text) => wrapped(text, WIDTH - 4)))];
  kept.forEach((d, n) => {
    const isImport = (other: Declaration | undefined): boolean =>
      other?.kind === 'import' || other?.kind === 'import-all';
    const text = p.declaration(d);
    if (text === '') return;
    docs.push(
      hardline,
      isImport(d) || (n > 0 && d.kind === 'constant' && kept[n - 1].kind === 'constant') ? '' : hardline,
      text,
    );
  });
  const exported = kept.flatMap((d) =>
    d.kind === 'constant' || (d.kind === 'function' && d.isExported) ? [d.name] : [],
  );
  if (options.form === 'body') docs.push(hardline, hardline, 'return ', braces(exported), ';');
  docs.push(hardline);
  return printer.printDocToString(docs, { printWidth: WIDTH, tabWidth: 2 }).formatted;
}

/** How tightly an expression binds; an operand that binds less than its place gets parentheses. */
const BINDING = {
  arrow: 1,
  conditional: 2,
  '&&': 4,
  '===': 8,
  '!==': 8,
  '<': 9,
  '<=': 9,
  '>=': 9,
  '>': 9,
  '+': 11,
  '-': 11,
  '*': 12,
  '/': 12,
  '**': 13,
  prefix: 14,
  postfix: 17,
} as const;

function bindingOf(e: Code): number {
  switch (e.kind) {
    case 'arrow':
      return BINDING.arrow;
    case 'conditional':
      return BINDING.conditional;
    case 'binary':
      return BINDING[e.operator];
    case 'prefix':
      return BINDING.prefix;
    case 'name':
    case 'number':
    case 'string':
    case 'member':
    case 'index':
    case 'call':
    case 'array':
    case 'object':
    case 'spread':
      return BINDING.postfix;
    case 'as':
      return BINDING.arrow;
  }
}

function printing(options: PrintOptions) {
  const typed = (type: string | undefined): Doc => (options.types && type !== undefined ? `: ${type}` : '');

  const operand = (e: Code, binding: number): Doc => (bindingOf(e) < binding ? ['(', code(e), ')'] : code(e));

  function code(e: Code): Doc {
    switch (e.kind) {
      case 'name':
        return e.name;
      case 'number':
        return e.value !== 0 && Math.abs(e.value) < 1e-4 ? e.value.toExponential() : String(e.value);
      case 'string':
        return `'${e.value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
      case 'member':
        return [operand(e.of, BINDING.postfix), '.', e.name];
      case 'index':
        return [operand(e.of, BINDING.postfix), '[', code(e.at), ']'];
      case 'call':
        return [operand(e.callee, BINDING.postfix), callArguments(e.arguments)];
      case 'binary':
        return binaryCode(e);
      case 'prefix':
        return [e.operator, operand(e.of, BINDING.prefix)];
      case 'conditional':
        return group([
          operand(e.test, BINDING.conditional + 1),
          indent([
            line,
            '? ',
            operand(e.then, BINDING.conditional),
            line,
            ': ',
            operand(e.else, BINDING.conditional),
          ]),
        ]);
      case 'arrow':
        return arrowCode(e);
      case 'array':
        return e.elements.length === 0
          ? '[]'
          : group([
              '[',
              indent([softline, join([',', line], e.elements.map(code))]),
              ifBreak(','),
              softline,
              ']',
            ]);
      case 'object':
        return braces(
          e.properties.map((p) =>
            p.name === '' || (p.value.kind === 'name' && p.value.name === p.name)
              ? code(p.value)
              : [p.name, ': ', p.value.kind === 'binary' ? indent(code(p.value)) : code(p.value)],
          ),
        );
      case 'spread':
        return ['...', code(e.of)];
      case 'as':
        return options.types ? [operand(e.of, BINDING.prefix), ' as ', e.type] : code(e.of);
    }
  }

  /** Operators of one strength in a row break together; `**` binds to the right and takes no bare minus on its left. */
  function binaryCode(e: Extract<Code, { kind: 'binary' }>): Doc {
    const binding = BINDING[e.operator];
    const isPower = e.operator === '**';
    // `(a * b) / c` says what it means
    const isRow = e.left.kind === 'binary' && BINDING[e.left.operator] === binding && !isPower;
    const left = !isRow
      ? operand(e.left, isPower ? BINDING.prefix + 1 : binding)
      : e.operator === '/' || (binding === BINDING['*'] && e.left.operator !== e.operator)
        ? ['(', code(e.left), ')']
        : flat(e.left);
    return group([left, ' ', e.operator, line, operand(e.right, isPower ? binding : binding + 1)]);
  }
  const flat = (e: Code): Doc => {
    const doc = code(e);
    return typeof doc === 'object' && !Array.isArray(doc) && doc.type === 'group' ? doc.contents : doc;
  };

  function arrowCode(e: Extract<Code, { kind: 'arrow' }>): Doc {
    const head: Doc = ['(', join(', ', e.parameters.map(pattern)), ') =>'];
    if (isBlock(e.body)) return [head, ' ', block(e.body)];
    return opens(e.body)
      ? group([head, ' ', arrowBody(e.body)])
      : group([head, indent([line, arrowBody(e.body)])]);
  }

  const arrowBody = (body: Code): Doc => {
    if (body.kind === 'object') return ['(', code(body), ')'];
    return body.kind === 'conditional' ? [ifBreak('', '('), code(body), ifBreak('', ')')] : code(body);
  };

  /** A last argument that opens a block or a bracket stays on the line of the call; else every argument has its own. */
  function callArguments(list: readonly Code[]): Doc {
    if (list.length === 0) return '()';
    const docs = list.map(code);
    const own = group(['(', indent([softline, join([',', line], docs)]), ifBreak(','), softline, ')']);
    const last = list[list.length - 1];
    if (!hugs(last)) return own;
    const before = docs.slice(0, -1).flatMap((d) => [d, ', ']);
    const hugged: Doc = ['(', ...before, docs[docs.length - 1], ')'];
    if (last.kind === 'arrow') {
      const { body } = last;
      if (isBlock(body)) return hugged;
      const head: Doc = ['(', join(', ', last.parameters.map(pattern)), ') =>'];
      if (!opens(body))
        return group(['(', ...before, head, indent([line, arrowBody(body)]), ifBreak(','), softline, ')']);
    }
    return conditionalGroup([
      ['(', join(', ', docs), ')'],
      ['(', ...before, group(docs[docs.length - 1], { shouldBreak: true }), ')'],
      group(['(', indent([softline, join([',', line], docs)]), ifBreak(','), softline, ')'], {
        shouldBreak: true,
      }),
    ]);
  }

  function pattern(p: Pattern): Doc {
    if (p.kind === 'name') return p.name;
    if (p.kind === 'array') return ['[', p.parts.join(', '), ']'];
    return braces(
      p.parts.map((part): Doc => [
        part.name === part.as ? part.name : `${part.name}: ${part.as}`,
        part.otherwise === undefined ? '' : [' = ', code(part.otherwise)],
      ]),
    );
  }

  const block = (body: readonly Statement[]): Doc => [
    '{',
    indent([hardline, statements(body)]),
    hardline,
    '}',
  ];

  const statements = (body: readonly Statement[]): Doc =>
    join(
      hardline,
      body.map((s) => statement(s)),
    );

  function statement(s: Statement): Doc {
    switch (s.kind) {
      case 'const':
      case 'let':
        return group([s.kind, ' ', pattern(s.pattern), typed(s.type), assigned(s.value), ';']);
      case 'assign':
        return group([code(s.target), assigned(s.value), ';']);
      case 'return':
        return s.value.kind === 'binary'
          ? group(['return ', ifBreak('('), indent([softline, code(s.value)]), softline, ifBreak(')'), ';'])
          : group(['return ', code(s.value), ';']);
      case 'do':
        return [code(s.value), ';'];
      case 'for':
        return group([
          'for (let ',
          s.index,
          ' = 0; ',
          code(
            s.also === undefined
              ? below(s)
              : { kind: 'binary', operator: '&&', left: below(s), right: s.also },
          ),
          '; ',
          s.index,
          '++) ',
          block(s.body),
        ]);
      case 'try':
        return ['try ', block(s.body), ' finally ', block(s.finally)];
      case 'comment':
        return join(
          hardline,
          wrapped(s.text, WIDTH - 8, '    ').map((text) => `// ${text}`),
        );
      case 'blank':
        return '';
    }
  }
  const below = (s: Extract<Statement, { kind: 'for' }>): Code => ({
    kind: 'binary',
    operator: '<',
    left: { kind: 'name', name: s.index },
    right: s.below,
  });

  const assigned = (value: Code): Doc =>
    staysOnLine(value) || value.kind === 'prefix'
      ? [' = ', code(value)]
      : [' =', group(indent([line, code(value)]))];

  function declaration(d: Declaration): Doc {
    switch (d.kind) {
      case 'import-all':
        return options.form === 'module' ? `import * as ${d.name} from '${d.from}';` : '';
      case 'import':
        if (d.names.length === 0) return '';
        return options.form === 'module'
          ? group(['import ', d.isType ? 'type ' : '', braces(d.names), ` from '${d.from}';`])
          : group(['const ', braces(d.names), ' = runtime;']);
      case 'constant':
        return [
          documented(d.documentation),
          exported,
          group(['const ', d.name, typed(d.type), ' = ', code(d.value), ';']),
        ];
      case 'interface':
        return [
          documented(d.documentation),
          'export interface ',
          d.name,
          ' {',
          indent(
            d.members.map((m): Doc => [
              hardline,
              documented(m.documentation),
              'readonly ',
              m.name,
              m.isOptional ? '?: ' : ': ',
              m.type,
              ';',
            ]),
          ),
          hardline,
          '}',
        ];
      case 'function':
        return [
          documented(d.documentation),
          d.isExported ? exported : '',
          d.isAsync ? 'async ' : '',
          'function ',
          d.name,
          argumentList(d.arguments),
          typed(d.returns),
          ' ',
          block(d.body),
        ];
    }
  }

  const argumentList = (list: readonly Argument[]): Doc =>
    group([
      '(',
      indent([
        softline,
        join(
          [',', line],
          list.map((a): Doc => [
            pattern(a.pattern),
            a.isOptional === true && options.types ? '?' : '',
            typed(a.type),
            a.otherwise === undefined ? '' : [' = ', code(a.otherwise)],
          ]),
        ),
      ]),
      ifBreak(','),
      softline,
      ')',
    ]);

  const exported: Doc = options.form === 'module' ? 'export ' : '';
  return { declaration };
}

const isBlock = (body: Code | readonly Statement[]): body is readonly Statement[] => Array.isArray(body);
/** An arrow's body that begins on the arrow's line. */
const opens = (body: Code): boolean => body.kind === 'object' || body.kind === 'array';
const hugs = (e: Code): boolean =>
  e.kind === 'arrow' || e.kind === 'object' || (e.kind === 'array' && e.elements.length > 1);
/** What breaks inside itself rather than before itself. */
const staysOnLine = (e: Code): boolean =>
  e.kind === 'call' || e.kind === 'object' || e.kind === 'array' || e.kind === 'arrow';

const braces = (items: readonly Doc[]): Doc =>
  items.length === 0
    ? '{}'
    : group(['{', indent([line, join([',', line], [...items])]), ifBreak(','), line, '}']);
