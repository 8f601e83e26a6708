// try.mts
import { readFileSync } from "fs";

// grammar/parser.ts
import { EmbeddedActionsParser } from "chevrotain";

// grammar/tokens.ts
import { createToken, Lexer } from "chevrotain";
var LETTERS = /[\p{L}_][\p{L}\p{M}\p{Nd}_]*/uy;
var matchName = (text, offset) => {
  LETTERS.lastIndex = offset;
  return LETTERS.exec(text);
};
var Name = createToken({ name: "Name", label: "a name", pattern: matchName, line_breaks: false });
var word = (text, categories) => createToken({
  name: capitalised(text),
  label: `\`${text}\``,
  pattern: new RegExp(`${text}(?![A-Za-z0-9_\\u00aa-\\uffff])`),
  categories
});
var reserved = (text) => word(text, []);
var contextual = (text) => word(text, [Name]);
var symbol = (name, text) => createToken({
  name,
  label: `\`${text}\``,
  pattern: new RegExp(text.replace(/[.*+^()[\]|$?\\/]/g, "\\$&"))
});
function capitalised(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
var ModelRole = reserved("model");
var ConstRole = reserved("const");
var PlateRole = reserved("plate");
var ParamRole = reserved("param");
var LatentRole = reserved("latent");
var DataRole = reserved("data");
var LetRole = reserved("let");
var ConstrainRole = reserved("constrain");
var LimitRole = reserved("limit");
var ROLES = /* @__PURE__ */ new Map([
  ["model", ModelRole],
  ["const", ConstRole],
  ["plate", PlateRole],
  ["param", ParamRole],
  ["latent", LatentRole],
  ["data", DataRole],
  ["let", LetRole],
  ["constrain", ConstrainRole],
  ["limit", LimitRole]
]);
var If = reserved("if");
var Then = reserved("then");
var Else = reserved("else");
var And = reserved("and");
var Or = reserved("or");
var Not = reserved("not");
var True = reserved("true");
var False = reserved("false");
var RESERVED_WORDS = [
  ...ROLES.keys(),
  ...["if", "then", "else", "and", "or", "not", "true", "false"]
];
var In = contextual("in");
var Over = contextual("over");
var Rows = contextual("rows");
var Distinct = contextual("distinct");
var Ordered = contextual("ordered");
var By = contextual("by");
var Within = contextual("within");
var From = contextual("from");
var As = contextual("as");
var BadNumber = createToken({
  name: "BadNumber",
  label: "a number",
  pattern: /(?:\d+\.(?!\.)|\.\d|\d+(?:\.\d+)?(?:[eE](?=\d))?[A-Za-z_])\w*/
});
var NumberToken = createToken({
  name: "Number",
  label: "a number",
  pattern: /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/,
  longer_alt: BadNumber
});
var StringToken = createToken({
  name: "String",
  label: "text in double quotes",
  pattern: /"(?:[^"\\\r\n]|\\.)*"/
});
var OpenString = createToken({
  name: "OpenString",
  label: "text in double quotes",
  pattern: /"(?:[^"\\\r\n]|\\.)*/
});
var Arrow = symbol("Arrow", "->");
var DotDot = symbol("DotDot", "..");
var LessEqual = symbol("LessEqual", "<=");
var GreaterEqual = symbol("GreaterEqual", ">=");
var NotEqual = symbol("NotEqual", "!=");
var Less = symbol("Less", "<");
var Greater = symbol("Greater", ">");
var Equal = symbol("Equal", "=");
var Plus = symbol("Plus", "+");
var Minus = symbol("Minus", "-");
var Star = symbol("Star", "*");
var Slash = symbol("Slash", "/");
var Caret = symbol("Caret", "^");
var Prime = symbol("Prime", "'");
var Tilde = symbol("Tilde", "~");
var Colon = symbol("Colon", ":");
var Comma = symbol("Comma", ",");
var OpenParen = symbol("OpenParen", "(");
var CloseParen = symbol("CloseParen", ")");
var OpenBracket = symbol("OpenBracket", "[");
var CloseBracket = symbol("CloseBracket", "]");
var Blank = createToken({
  name: "Blank",
  pattern: /[ \t\r\n\u00a0\ufeff]+/,
  group: Lexer.SKIPPED,
  line_breaks: true
});
var Documentation = createToken({
  name: "Documentation",
  pattern: /\/\/\/[^\r\n]*/,
  group: "documentation"
});
var Comment = createToken({ name: "Comment", pattern: /#[^\r\n]*/, group: Lexer.SKIPPED });
var TOKENS = [
  ...[Blank, Comment, Documentation],
  ...ROLES.values(),
  ...[If, Then, Else, And, Or, Not, True, False],
  ...[In, Over, Rows, Distinct, Ordered, By, Within, From, As],
  ...[Name, NumberToken, BadNumber, StringToken, OpenString],
  ...[Arrow, DotDot, LessEqual, GreaterEqual, NotEqual, Less, Greater, Equal],
  ...[Plus, Minus, Star, Slash, Caret, Prime, Tilde, Colon, Comma],
  ...[OpenParen, CloseParen, OpenBracket, CloseBracket]
];
var lexer;
function tokenize(text) {
  lexer ??= new Lexer([...TOKENS], { positionTracking: "onlyOffset", skipValidations: true });
  return lexer.tokenize(text);
}

// grammar/parser.ts
var expecting = (labels) => JSON.stringify([...new Set(labels)]);
var labelOf = (token) => token.LABEL ?? token.name;
var messages = {
  buildMismatchTokenMessage: ({ expected, ruleName }) => expecting(
    expected === CloseParen || expected === CloseBracket && ruleName !== "type" ? [labelOf(Comma), labelOf(expected)] : [labelOf(expected)]
  ),
  buildNotAllInputParsedMessage: () => expecting([]),
  buildNoViableAltMessage: ({ expectedPathsPerAlt, customUserDescription }) => customUserDescription === void 0 ? expecting(
    expectedPathsPerAlt.flatMap((paths) => paths.flatMap((path) => path.slice(0, 1).map(labelOf)))
  ) : expecting([customUserDescription]),
  buildEarlyExitMessage: ({ customUserDescription }) => expecting([customUserDescription ?? "an expression"])
};
var spanOf = (token) => ({
  start: token.startOffset,
  end: token.startOffset + token.image.length
});
function nameOf(token) {
  return { text: token.image.normalize("NFC"), span: spanOf(token) };
}
function unquoted(token) {
  const inner = token.image.replace(/^"/, "").replace(/"$/, "");
  return { text: inner.replace(/\\(.)/g, "$1"), span: spanOf(token) };
}
var RELATIONS = [
  [Equal, "="],
  [NotEqual, "!="],
  [LessEqual, "<="],
  [GreaterEqual, ">="],
  [Less, "<"],
  [Greater, ">"]
];
var strict = { resyncEnabled: false };
var StatementParser = class extends EmbeddedActionsParser {
  draft = {};
  constructor() {
    super([...TOKENS], {
      recoveryEnabled: true,
      maxLookahead: 2,
      nodeLocationTracking: "none",
      errorMessageProvider: messages,
      skipValidations: true
    });
    this.performSelfAnalysis();
  }
  /** Only a closing bracket is ever supplied for the user; everything else missing is an error at its place. */
  canTokenTypeBeInsertedInRecovery(token) {
    return token === CloseParen || token === CloseBracket;
  }
  /** The end of what was read so far. */
  end() {
    const previous = this.LA(0);
    return Number.isNaN(previous.startOffset) ? 0 : previous.startOffset + previous.image.length;
  }
  binary(operator, left, right) {
    return { kind: "binary", operator, left, right, span: { start: left.span.start, end: right.span.end } };
  }
  statement = this.RULE("statement", () => {
    this.ACTION(() => this.draft = {});
    this.OR([
      { ALT: () => this.SUBRULE(this.modelStatement) },
      { ALT: () => this.SUBRULE(this.constStatement) },
      { ALT: () => this.SUBRULE(this.plateStatement) },
      { ALT: () => this.SUBRULE(this.symbolStatement) },
      { ALT: () => this.SUBRULE(this.letStatement) },
      { ALT: () => this.SUBRULE(this.constrainStatement) },
      { ALT: () => this.SUBRULE(this.limitStatement) }
    ]);
  });
  modelStatement = this.RULE(
    "modelStatement",
    () => {
      this.CONSUME(ModelRole);
      const name = this.CONSUME(Name);
      this.ACTION(() => this.draft.name = nameOf(name));
      this.OPTION(() => {
        const title = this.SUBRULE(this.text);
        this.ACTION(() => this.draft.title = title);
      });
    },
    strict
  );
  constStatement = this.RULE(
    "constStatement",
    () => {
      this.CONSUME(ConstRole);
      const name = this.CONSUME(Name);
      this.ACTION(() => this.draft.name = nameOf(name));
      this.OPTION(() => {
        this.CONSUME(Colon);
        const type = this.SUBRULE(this.type);
        this.ACTION(() => this.draft.type = type);
      });
      this.OPTION2(() => {
        this.CONSUME(Equal);
        const value = this.SUBRULE(this.expression);
        this.ACTION(() => this.draft.value = value);
      });
    },
    strict
  );
  plateStatement = this.RULE(
    "plateStatement",
    () => {
      this.CONSUME(PlateRole);
      const name = this.CONSUME(Name);
      this.ACTION(() => this.draft.name = nameOf(name));
      this.OR([{ ALT: () => this.SUBRULE(this.countRange) }, { ALT: () => this.SUBRULE(this.tableRange) }]);
    },
    strict
  );
  countRange = this.RULE(
    "countRange",
    () => {
      const start = this.CONSUME(In);
      this.CONSUME(NumberToken);
      this.CONSUME(DotDot);
      const upTo = this.SUBRULE(this.expression);
      this.ACTION(() => {
        this.draft.range = { kind: "count", upTo, span: { start: start.startOffset, end: this.end() } };
      });
    },
    strict
  );
  tableRange = this.RULE(
    "tableRange",
    () => {
      const start = this.CONSUME(Over);
      const range = {};
      this.OR([
        {
          ALT: () => {
            this.CONSUME(Rows);
            this.OPTION(() => {
              this.CONSUME(Ordered);
              this.CONSUME(By);
              const by = this.SUBRULE(this.column);
              this.ACTION(() => range.orderedBy = by);
              this.OPTION2(() => {
                this.CONSUME(Within);
                const within = this.SUBRULE2(this.column);
                this.ACTION(() => range.within = within);
              });
            });
          }
        },
        {
          ALT: () => {
            this.CONSUME(Distinct);
            const distinct = this.SUBRULE3(this.column);
            this.ACTION(() => range.distinct = distinct);
          }
        }
      ]);
      this.ACTION(() => {
        const span = { start: start.startOffset, end: this.end() };
        this.draft.range = range.distinct === void 0 ? { kind: "rows", orderedBy: range.orderedBy, within: range.within, span } : { kind: "distinct", column: range.distinct, span };
      });
    },
    strict
  );
  symbolStatement = this.RULE(
    "symbolStatement",
    () => {
      this.OR([
        { ALT: () => this.CONSUME(ParamRole) },
        { ALT: () => this.CONSUME(LatentRole) },
        { ALT: () => this.CONSUME(DataRole) }
      ]);
      this.SUBRULE(this.head);
      this.CONSUME(Colon);
      const type = this.SUBRULE(this.type);
      this.ACTION(() => this.draft.type = type);
      this.OPTION(() => {
        this.CONSUME(From);
        const from = [];
        this.AT_LEAST_ONE_SEP({
          SEP: Comma,
          DEF: () => {
            const column = this.SUBRULE(this.column);
            this.ACTION(() => from.push(column));
          },
          ERR_MSG: "a column"
        });
        this.ACTION(() => this.draft.from = from);
      });
      this.OPTION2(() => {
        this.CONSUME(As);
        const as = this.CONSUME(Name);
        this.ACTION(() => this.draft.as = nameOf(as));
      });
      this.OPTION3(() => {
        const tilde = this.CONSUME(Tilde);
        this.ACTION(() => this.draft.value = { kind: "missing", span: spanOf(tilde) });
        const value = this.SUBRULE(this.expression);
        this.ACTION(() => this.draft.value = value);
      });
    },
    strict
  );
  letStatement = this.RULE(
    "letStatement",
    () => {
      this.CONSUME(LetRole);
      this.SUBRULE(this.head);
      this.CONSUME(Equal);
      const value = this.SUBRULE(this.expression);
      this.ACTION(() => this.draft.value = value);
    },
    strict
  );
  head = this.RULE(
    "head",
    () => {
      const name = this.CONSUME(Name);
      this.ACTION(() => {
        this.draft.name = nameOf(name);
        this.draft.head = this.draft.name.span;
      });
      this.OPTION(() => {
        const indices = this.SUBRULE(this.indices);
        this.ACTION(() => {
          this.draft.indices = indices;
          this.draft.head = { start: name.startOffset, end: this.end() };
        });
      });
    },
    strict
  );
  constrainStatement = this.RULE(
    "constrainStatement",
    () => {
      this.CONSUME(ConstrainRole);
      const left = this.SUBRULE(this.sum);
      this.ACTION(() => this.draft.value = left);
      const relation = this.SUBRULE(this.relation);
      const at2 = this.LA(0);
      this.ACTION(() => {
        this.draft.relation = relation;
        this.draft.relationSpan = spanOf(at2);
      });
      const right = this.SUBRULE2(this.sum);
      this.ACTION(() => this.draft.right = right);
    },
    strict
  );
  limitStatement = this.RULE(
    "limitStatement",
    () => {
      this.CONSUME(LimitRole);
      const name = this.CONSUME(Name);
      this.ACTION(() => this.draft.name = nameOf(name));
      this.CONSUME(Arrow);
      this.CONSUME(NumberToken);
      this.CONSUME(Plus);
    },
    strict
  );
  type = this.RULE(
    "type",
    () => {
      const name = this.CONSUME(Name);
      let sizes = [];
      this.OPTION(() => {
        sizes = this.SUBRULE(this.indices);
      });
      return this.ACTION(() => ({
        name: nameOf(name),
        sizes,
        span: { start: name.startOffset, end: this.end() }
      }));
    },
    strict
  );
  column = this.RULE(
    "column",
    () => this.OR({
      DEF: [
        {
          ALT: () => {
            const name = this.CONSUME(Name);
            return this.ACTION(() => nameOf(name));
          }
        },
        { ALT: () => this.SUBRULE(this.text) }
      ],
      ERR_MSG: "a column"
    }),
    strict
  );
  text = this.RULE(
    "text",
    () => {
      const token = this.OR([
        { ALT: () => this.CONSUME(StringToken) },
        { ALT: () => this.CONSUME(OpenString) }
      ]);
      return this.ACTION(() => unquoted(token));
    },
    strict
  );
  indices = this.RULE(
    "indices",
    () => {
      this.CONSUME(OpenBracket);
      const list = [];
      this.AT_LEAST_ONE_SEP({
        SEP: Comma,
        DEF: () => {
          const item = this.SUBRULE(this.expression);
          this.ACTION(() => list.push(item));
        }
      });
      this.CONSUME(CloseBracket);
      return list;
    },
    strict
  );
  expression = this.RULE(
    "expression",
    () => this.OR({
      DEF: [
        {
          ALT: () => {
            const start = this.CONSUME(If);
            const condition2 = this.SUBRULE(this.expression);
            this.CONSUME(Then);
            const then = this.SUBRULE2(this.expression);
            this.CONSUME(Else);
            const otherwise = this.SUBRULE3(this.expression);
            return this.ACTION(() => ({
              kind: "if",
              condition: condition2,
              then,
              else: otherwise,
              span: { start: start.startOffset, end: otherwise.span.end }
            }));
          }
        },
        { ALT: () => this.SUBRULE(this.or_) }
      ],
      ERR_MSG: "an expression"
    }),
    strict
  );
  or_ = this.RULE(
    "or_",
    () => {
      let left = this.SUBRULE(this.and_);
      this.MANY(() => {
        this.CONSUME(Or);
        const right = this.SUBRULE2(this.and_);
        this.ACTION(() => left = this.binary("or", left, right));
      });
      return left;
    },
    strict
  );
  and_ = this.RULE(
    "and_",
    () => {
      let left = this.SUBRULE(this.not);
      this.MANY(() => {
        this.CONSUME(And);
        const right = this.SUBRULE2(this.not);
        this.ACTION(() => left = this.binary("and", left, right));
      });
      return left;
    },
    strict
  );
  not = this.RULE(
    "not",
    () => this.OR({
      DEF: [
        {
          ALT: () => {
            const start = this.CONSUME(Not);
            const operand2 = this.SUBRULE(this.not);
            return this.ACTION(() => ({
              kind: "unary",
              operator: "not",
              operand: operand2,
              span: { start: start.startOffset, end: operand2.span.end }
            }));
          }
        },
        { ALT: () => this.SUBRULE(this.test) }
      ],
      ERR_MSG: "an expression"
    }),
    strict
  );
  test = this.RULE(
    "test",
    () => {
      let left = this.SUBRULE(this.sum);
      this.OPTION(() => {
        const relation = this.SUBRULE(this.relation);
        const right = this.SUBRULE2(this.sum);
        this.ACTION(() => left = this.binary(relation, left, right));
      });
      return left;
    },
    strict
  );
  relation = this.RULE(
    "relation",
    () => this.OR({
      DEF: RELATIONS.map(([token, relation]) => ({
        ALT: () => {
          this.CONSUME(token);
          return relation;
        }
      })),
      ERR_MSG: "a relation such as `=` or `>=`"
    }),
    strict
  );
  sum = this.RULE(
    "sum",
    () => {
      let left = this.SUBRULE(this.product);
      this.MANY(() => {
        const operator = this.OR([{ ALT: () => this.CONSUME(Plus) }, { ALT: () => this.CONSUME(Minus) }]);
        const right = this.SUBRULE2(this.product);
        this.ACTION(() => left = this.binary(operator.tokenType === Plus ? "+" : "-", left, right));
      });
      return left;
    },
    strict
  );
  product = this.RULE(
    "product",
    () => {
      let left = this.SUBRULE(this.unary);
      this.MANY(() => {
        const operator = this.OR([{ ALT: () => this.CONSUME(Star) }, { ALT: () => this.CONSUME(Slash) }]);
        const right = this.SUBRULE2(this.unary);
        this.ACTION(() => left = this.binary(operator.tokenType === Star ? "*" : "/", left, right));
      });
      return left;
    },
    strict
  );
  unary = this.RULE(
    "unary",
    () => this.OR({
      DEF: [
        {
          ALT: () => {
            const start = this.CONSUME(Minus);
            const operand2 = this.SUBRULE(this.unary);
            return this.ACTION(() => ({
              kind: "unary",
              operator: "-",
              operand: operand2,
              span: { start: start.startOffset, end: operand2.span.end }
            }));
          }
        },
        { ALT: () => this.SUBRULE(this.power) }
      ],
      ERR_MSG: "an expression"
    }),
    strict
  );
  power = this.RULE(
    "power",
    () => {
      let base = this.SUBRULE(this.postfix);
      this.OPTION(() => {
        this.CONSUME(Caret);
        const exponent = this.SUBRULE(this.unary);
        this.ACTION(() => base = this.binary("^", base, exponent));
      });
      return base;
    },
    strict
  );
  postfix = this.RULE(
    "postfix",
    () => {
      let operand2 = this.SUBRULE(this.primary);
      this.MANY(() => {
        const prime = this.CONSUME(Prime);
        this.ACTION(() => {
          operand2 = {
            kind: "transpose",
            operand: operand2,
            span: { start: operand2.span.start, end: spanOf(prime).end }
          };
        });
      });
      return operand2;
    },
    strict
  );
  primary = this.RULE(
    "primary",
    () => this.OR({
      DEF: [
        { ALT: () => this.SUBRULE(this.number) },
        {
          ALT: () => {
            const token = this.CONSUME(True);
            return this.ACTION(() => ({ kind: "boolean", value: true, span: spanOf(token) }));
          }
        },
        {
          ALT: () => {
            const token = this.CONSUME(False);
            return this.ACTION(() => ({ kind: "boolean", value: false, span: spanOf(token) }));
          }
        },
        { ALT: () => this.SUBRULE(this.grouped) },
        {
          ALT: () => {
            const start = this.LA(1);
            const elements = this.SUBRULE(this.indices);
            return this.ACTION(() => ({
              kind: "vector",
              elements,
              span: { start: start.startOffset, end: this.end() }
            }));
          }
        },
        { ALT: () => this.SUBRULE(this.reference) }
      ],
      ERR_MSG: "an expression"
    }),
    strict
  );
  number = this.RULE(
    "number",
    () => {
      const token = this.OR([
        { ALT: () => this.CONSUME(NumberToken) },
        { ALT: () => this.CONSUME(BadNumber) }
      ]);
      return this.ACTION(() => ({
        kind: "number",
        value: Number.parseFloat(token.image),
        text: token.image,
        span: spanOf(token)
      }));
    },
    strict
  );
  /** The parentheses themselves are not in the tree, but they belong to the span: messages quote what was written. */
  grouped = this.RULE(
    "grouped",
    () => {
      const open = this.CONSUME(OpenParen);
      const inner = this.SUBRULE(this.expression);
      this.CONSUME(CloseParen);
      return this.ACTION(() => ({
        ...inner,
        span: { start: open.startOffset, end: this.end() }
      }));
    },
    strict
  );
  reference = this.RULE(
    "reference",
    () => {
      const name = this.CONSUME(Name);
      let indices = [];
      let args;
      this.OPTION(() => {
        indices = this.SUBRULE(this.indices);
      });
      this.OPTION2(() => {
        this.CONSUME(OpenParen);
        const list = [];
        this.MANY_SEP({
          SEP: Comma,
          DEF: () => {
            const argument = this.SUBRULE(this.argument);
            this.ACTION(() => list.push(argument));
          }
        });
        this.CONSUME(CloseParen);
        args = list;
      });
      return this.ACTION(() => ({
        kind: "reference",
        name: nameOf(name),
        indices,
        arguments: args,
        span: { start: name.startOffset, end: this.end() }
      }));
    },
    strict
  );
  argument = this.RULE(
    "argument",
    () => {
      let name;
      const start = this.LA(1);
      this.OPTION(() => {
        const token = this.CONSUME(Name);
        this.CONSUME(Colon);
        this.ACTION(() => name = nameOf(token));
      });
      const value = this.SUBRULE(this.expression);
      return this.ACTION(() => ({ name, value, span: { start: start.startOffset, end: value.span.end } }));
    },
    strict
  );
};

// grammar/parse.ts
var parser;
function parse(text) {
  parser ??= new StatementParser();
  const lexed = tokenize(text);
  const lexical = [
    ...lexed.errors.map((e) => strayCharacters(text, e.offset, e.length)),
    ...lexed.tokens.flatMap(badToken)
  ];
  const { chunks, problems: cut } = statementsOf(lexed.tokens);
  const problems = [...lexical, ...cut];
  const statements = [];
  const documentation = lexed.groups["documentation"] ?? [];
  for (const [n, chunk] of chunks.entries()) {
    const start = chunk.tokens[0].startOffset;
    const until = chunks[n + 1]?.tokens[0]?.startOffset ?? text.length;
    const read = readStatement(chunk, parser);
    const isDisturbed = lexical.some((p) => p.span.start >= start && p.span.start < until);
    if (!isDisturbed) problems.push(...read.problems.slice(0, 1));
    const isMisused = cut.some((p) => p.kind === "reserved-word" && p.span.start >= start && p.span.start < until);
    const damage = isDisturbed || isMisused || read.problems.length > 0 ? { isDamaged: true } : {};
    const comments = documentation.filter(
      (d) => d.startOffset > (chunks[n - 1]?.end ?? -1) && d.startOffset < start
    );
    if (read.value !== void 0) statements.push({ ...read.value, documentation: joined(comments), ...damage });
  }
  if (lexed.tokens.length === 0 && problems.length === 0)
    problems.push({ kind: "empty-model", span: { start: 0, end: 0 } });
  problems.sort((a, b) => a.span.start - b.span.start);
  return { value: { kind: "file", statements }, problems };
}
var joined = (comments) => comments.length === 0 ? void 0 : comments.map((c) => c.image.replace(/^\/\/\/ ?/, "").trimEnd()).join("\n");
var endOf = (token) => token.startOffset + token.image.length;
var spanOf2 = (token) => ({ start: token.startOffset, end: endOf(token) });
function strayCharacters(text, offset, length) {
  const span = { start: offset, end: offset + length };
  return { kind: "unexpected-character", text: text.slice(span.start, span.end), span };
}
function badToken(token) {
  if (token.tokenType === OpenString) return [{ kind: "unterminated-string", span: spanOf2(token) }];
  const isBad = token.tokenType === BadNumber || token.tokenType === NumberToken && !Number.isFinite(Number(token.image));
  return isBad ? [{ kind: "bad-number", text: token.image, span: spanOf2(token) }] : [];
}
var isRole = (token) => token !== void 0 && ROLES.has(token.image);
var isName = (token) => token !== void 0 && (token.tokenType === Name || (token.tokenType.CATEGORIES ?? []).includes(Name));
var asName = (token) => ({
  ...token,
  tokenType: Name,
  tokenTypeIdx: Name.tokenTypeIdx
});
var OPENERS = /* @__PURE__ */ new Set([OpenParen, OpenBracket]);
var CLOSERS = /* @__PURE__ */ new Set([CloseParen, CloseBracket]);
function statementsOf(tokens) {
  const problems = [];
  const chunks = [];
  let current;
  let stray = [];
  let depth = 0;
  const begin = (token) => {
    current = [token];
    chunks.push(current);
    depth = 0;
  };
  for (const [n, token] of tokens.entries()) {
    if (OPENERS.has(token.tokenType)) depth += 1;
    if (CLOSERS.has(token.tokenType)) depth -= 1;
    const isWord = isRole(token);
    const isMisused = isWord && current !== void 0 && (current.length === 1 || depth > 0) && !isName(tokens[n + 1]);
    if (isMisused) {
      problems.push({ kind: "reserved-word", word: token.image, span: spanOf2(token) });
      current.push(asName(token));
    } else if (isWord) begin(token);
    else {
      const role = isName(token) && isName(tokens[n + 1]) && depth <= 0 ? misspeltRole(token, current, tokens[n + 2]) : void 0;
      if (role !== void 0) {
        problems.push({
          kind: "unknown-role",
          found: { text: token.image, span: spanOf2(token) },
          near: role.near,
          span: spanOf2(token)
        });
        begin({
          ...token,
          image: role.word,
          tokenType: ROLES.get(role.word),
          tokenTypeIdx: ROLES.get(role.word).tokenTypeIdx
        });
        current[0] = { ...current[0], startOffset: token.startOffset };
        stray = [];
      } else if (current === void 0) stray.push(token);
      else current.push(token);
    }
  }
  const first = tokens[0];
  if (stray.length > 0 && stray[0] === first)
    problems.push({
      kind: "unexpected-token",
      found: first.image,
      expected: [...ROLES.keys()].map((r) => `\`${r}\``),
      inside: void 0,
      span: spanOf2(first)
    });
  return { chunks: chunks.map((c) => ({ tokens: c, end: endOf(c.at(-1)) })), problems };
}
var ELSEWHERE = {
  parameter: "param",
  parameters: "param",
  var: "param",
  free: "param",
  hidden: "latent",
  observed: "data",
  observe: "data",
  obs: "data",
  constant: "const",
  index: "plate",
  constraint: "constrain",
  subject: "constrain",
  def: "let",
  where: "let",
  lim: "limit"
};
function misspeltRole(token, current, afterName) {
  if (token.tokenType !== Name) return void 0;
  const previous = current?.at(-1);
  if (previous !== void 0 && (current.length === 1 || [Over, Distinct, By, Within, From, As, Comma, Colon].includes(previous.tokenType)))
    return void 0;
  const near2 = ELSEWHERE[token.image.toLowerCase()] ?? nearestRole(token.image);
  if (near2 !== void 0) return { word: near2, near: near2 };
  const isDeclaration = afterName?.tokenType === Colon || afterName?.tokenType === OpenBracket;
  return isDeclaration ? { word: "param", near: void 0 } : void 0;
}
function nearestRole(word2) {
  const lower = word2.toLowerCase();
  return [...ROLES.keys()].find(
    (role) => role === lower || differByOne(role, lower) || lower.length >= 5 && role.startsWith(lower.slice(0, 4))
  );
}
function differByOne(a, b) {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end])
    end += 1;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return left.length <= 1 && right.length <= 1 || left.length === 2 && right === `${left[1]}${left[0]}`;
}
function readStatement(chunk, p) {
  const role = chunk.tokens[0].image;
  p.input = [...chunk.tokens];
  p.statement();
  const problems = p.errors.map((e) => problemOf(e, role, chunk));
  const span = { start: chunk.tokens[0].startOffset, end: chunk.end };
  const { draft } = p;
  if (problems.length === 0) problems.push(...misreadings(role, draft, chunk));
  return { value: finished(role, draft, span), problems };
}
function misreadings(role, draft, chunk) {
  const at2 = (type) => chunk.tokens.find((token) => token.tokenType === type);
  if (role === "constrain" && draft.relation === "!=")
    return [
      {
        kind: "unexpected-token",
        found: "!=",
        expected: ["`=`", "`<`", "`<=`", "`>`", "`>=`"],
        inside: role,
        span: draft.relationSpan
      }
    ];
  if (role === "limit") {
    const zero = at2(NumberToken);
    if (Number(zero.image) !== 0)
      return [{ kind: "bad-limit", span: { start: zero.startOffset, end: chunk.end } }];
  }
  if (role === "plate" && draft.range?.kind === "count") {
    const one = at2(NumberToken);
    if (one.image !== "1")
      return [
        { kind: "unexpected-token", found: one.image, expected: ["`1`"], inside: role, span: spanOf2(one) }
      ];
  }
  return [];
}
var NO_TYPE = { text: "", span: { start: 0, end: 0 } };
function finished(role, draft, span) {
  const { name } = draft;
  const missing = { kind: "missing", span: { start: span.end, end: span.end } };
  const base = { span, documentation: void 0 };
  if (role === "constrain")
    return draft.value === void 0 || draft.right === void 0 || draft.relation === void 0 || draft.relation === "!=" ? { kind: "constrain", ...base, left: draft.value ?? missing, relation: "=", right: missing } : { kind: "constrain", ...base, left: draft.value, relation: draft.relation, right: draft.right };
  if (name === void 0) return void 0;
  const head = draft.head ?? name.span;
  const indices = draft.indices ?? [];
  const noType = { name: { ...NO_TYPE, span: name.span }, sizes: [], span: name.span };
  switch (role) {
    case "model":
      return { kind: "model", ...base, name, title: draft.title };
    case "const":
      return { kind: "const", ...base, name, type: draft.type, value: draft.value };
    case "plate":
      return {
        kind: "plate",
        ...base,
        name,
        range: draft.range ?? { kind: "count", upTo: missing, span: name.span }
      };
    case "let":
      return { kind: "let", ...base, name, head, indices, value: draft.value ?? missing };
    case "limit":
      return { kind: "limit", ...base, name };
    case "param":
    case "latent":
    case "data":
      return {
        kind: role,
        ...base,
        name,
        head,
        indices,
        type: draft.type ?? noType,
        from: draft.from ?? [],
        as: draft.as,
        distribution: draft.value
      };
    default:
      throw new Error(`not a role: ${role}`);
  }
}
var RELATIONS2 = /* @__PURE__ */ new Set([Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual]);
function problemOf(error2, role, chunk) {
  const expected = JSON.parse(error2.message);
  const isEnd = Number.isNaN(error2.token.startOffset);
  const found = isEnd ? chunk.tokens.at(-1) : error2.token;
  const closer = expected.includes("`)`") ? CloseParen : expected.includes("`]`") ? CloseBracket : void 0;
  const unclosed = closer === void 0 ? void 0 : unclosedOpener(chunk, isEnd ? void 0 : found);
  const afterAll = { start: chunk.end, end: chunk.end };
  if (unclosed !== void 0)
    return {
      kind: "unclosed",
      opener: unclosed.image,
      opened: spanOf2(unclosed),
      span: isEnd ? afterAll : spanOf2(found)
    };
  if (isEnd)
    return role === "limit" && expected.every((e) => e !== "a name") ? { kind: "bad-limit", span: spanOf2(found) } : { kind: "unexpected-end", expected, inside: role, span: afterAll };
  const span = spanOf2(found);
  if (role === "limit" && !expected.includes("a name")) return { kind: "bad-limit", span };
  if (RELATIONS2.has(found.tokenType) && hasRelationBefore(chunk, found))
    return { kind: "chained-relation", span };
  if ((expected.includes("a name") || expected.includes("a column")) && RESERVED_WORDS.includes(found.image))
    return { kind: "reserved-word", word: found.image, span };
  return { kind: "unexpected-token", found: found.image, expected, inside: role, span };
}
function unclosedOpener(chunk, found) {
  const open = [];
  for (const token of chunk.tokens) {
    if (OPENERS.has(token.tokenType)) open.push(token);
    else if (CLOSERS.has(token.tokenType)) {
      const matches = open.at(-1)?.tokenType === OpenParen === (token.tokenType === CloseParen);
      if (!matches && token === found) return open.at(-1);
      open.pop();
    }
  }
  const last = open.at(-1);
  return last !== void 0 && (found === void 0 || last.startOffset < found.startOffset) ? last : void 0;
}
function hasRelationBefore(chunk, found) {
  const before = chunk.tokens.filter((token) => token.startOffset < found.startOffset);
  const isLet = chunk.tokens[0].tokenType === LetRole || chunk.tokens[0].tokenType === ConstRole;
  return before.filter((token) => RELATIONS2.has(token.tokenType)).length > (isLet ? 1 : 0);
}

// src/algebra/build.ts
var number = (value) => ({ kind: "number", value });
var ZERO = number(0);
var ONE = number(1);
var HALF = number(0.5);
var circle = { kind: "circle" };
var size = (dim) => typeof dim === "number" ? number(dim) : { kind: "size", dim };
var running = (index) => ({ kind: "running", index });
var fixed = (value) => ({ kind: "fixed", value });
var symbol2 = (name, role, indices, shape2 = [], fact) => ({ kind: "symbol", name, role, indices, shape: shape2, fact });
var isNumber = (e, value) => e.kind === "number" && (value === void 0 || e.value === value);
function add(...terms) {
  const flat2 = terms.flatMap((t) => t.kind === "add" ? t.terms : [t]);
  const kept = flat2.filter((t) => !isNumber(t, 0));
  if (kept.length === 0) return flat2.find((t) => shapeOf(t).length > 0) ?? ZERO;
  return kept.length === 1 ? kept[0] : { kind: "add", terms: kept };
}
function multiply(...factors) {
  const flat2 = factors.flatMap((f) => f.kind === "multiply" ? f.factors : [f]);
  const coefficient = flat2.reduce((c, f) => f.kind === "number" ? c * f.value : c, 1);
  const rest = flat2.filter((f) => f.kind !== "number");
  if (coefficient === 0 && rest.every((f) => shapeOf(f).length === 0)) return ZERO;
  const all = coefficient === 1 ? rest : [number(coefficient), ...rest];
  return all.length === 0 ? ONE : all.length === 1 ? all[0] : { kind: "multiply", factors: all };
}
var negate = (e) => multiply(number(-1), e);
var subtract = (left, right) => add(left, negate(right));
var divide = (left, right) => multiply(left, power(right, -1));
function power(base, exponent) {
  if (exponent === 0) return ONE;
  if (exponent === 1) return base;
  if (base.kind === "number") return number(base.value ** exponent);
  if (base.kind === "power") return power(base.base, base.exponent * exponent);
  return { kind: "power", base, exponent };
}
var apply = (name, argument) => ({ kind: "function", name, argument });
var log = (argument) => isNumber(argument, 1) ? ZERO : apply("log", argument);
var exp = (argument) => apply("exp", argument);
var sum = (range, body) => isNumber(body, 0) ? ZERO : { kind: "sum", range, body };
var sums = (ranges, body) => ranges.reduceRight((b, r) => sum(r, b), body);
var maximum = (left, right) => ({ kind: "maximum", left, right });
var logsumexp = (range, body) => ({ kind: "logsumexp", range, body });
var largest = (range, body) => ({ kind: "largest", range, body });
var vector = (elements) => ({ kind: "vector", elements });
var fill = (value, dim) => ({ kind: "fill", value, dim });
var identity = (dim) => ({ kind: "identity", dim });
var diag = (of) => ({ kind: "diag", of });
var diagonal = (of) => ({ kind: "diagonal", of });
function product(...factors) {
  const flat2 = factors.flatMap((f) => f.kind === "product" ? f.factors : [f]).filter((f) => f.kind !== "identity");
  if (flat2.length === 0) return factors[0] ?? ONE;
  return flat2.length === 1 ? flat2[0] : { kind: "product", factors: flat2 };
}
var transpose = (of) => of.kind === "transpose" ? of.of : { kind: "transpose", of };
var inverse = (of) => ({ kind: "inverse", of });
var logdet = (of) => ({ kind: "logdet", of });
var trace = (of) => ({ kind: "trace", of });
var dot = (left, right) => ({ kind: "dot", left, right });
var outer = (left, right) => ({ kind: "outer", left, right });
var quadratic = (vectorExpr, matrix2) => ({
  kind: "quadratic",
  vector: vectorExpr,
  matrix: matrix2
});
var solve = (matrix2, right) => ({ kind: "solve", matrix: matrix2, right });
var axes = (range, weights, matrix2, start) => ({
  kind: "axes",
  range,
  weights,
  matrix: matrix2,
  start
});
function element(of, coordinates) {
  if (coordinates.length === 0) return of;
  const first = coordinates[0];
  if (of.kind === "fill") return of.value;
  if (of.kind === "vector" && first.kind === "fixed") return of.elements[first.value - 1] ?? ZERO;
  if (of.kind === "power") return power(element(of.base, coordinates), of.exponent);
  if (of.kind === "multiply")
    return multiply(...of.factors.map((f) => shapeOf(f).length === 0 ? f : element(f, coordinates)));
  if (of.kind === "add")
    return add(...of.terms.map((t) => shapeOf(t).length === 0 ? t : element(t, coordinates)));
  return { kind: "element", of, coordinates };
}
var firstShape = (parts) => {
  for (const part of parts) {
    const shape2 = shapeOf(part);
    if (shape2.length > 0) return shape2;
  }
  return [];
};
function shapeOf(e) {
  switch (e.kind) {
    case "number":
    case "circle":
    case "size":
    case "indicator":
    case "logdet":
    case "trace":
    case "dot":
    case "quadratic":
      return [];
    case "symbol":
      return e.shape;
    case "element":
      return shapeOf(e.of).slice(e.coordinates.length);
    case "add":
      return firstShape(e.terms);
    case "multiply":
      return firstShape(e.factors);
    case "power":
      return shapeOf(e.base);
    case "function":
      return shapeOf(e.argument);
    case "sum":
    case "logsumexp":
    case "largest":
      return shapeOf(e.body);
    case "maximum":
      return firstShape([e.left, e.right]);
    case "vector":
      return [e.elements.length];
    case "fill":
      return [e.dim];
    case "identity":
      return [e.dim, e.dim];
    case "diag": {
      const n = shapeOf(e.of)[0] ?? 1;
      return [n, n];
    }
    case "diagonal":
      return shapeOf(e.of).slice(0, 1);
    case "product": {
      const first = shapeOf(e.factors[0]);
      const last = shapeOf(e.factors[e.factors.length - 1]);
      return last.length === 1 ? first.slice(0, 1) : [first[0], last[1]];
    }
    case "transpose":
      return [...shapeOf(e.of)].reverse();
    case "inverse":
      return shapeOf(e.of);
    case "outer":
      return [shapeOf(e.left)[0] ?? 1, shapeOf(e.right)[0] ?? 1];
    case "solve":
      return shapeOf(e.right);
    case "axes":
      return shapeOf(e.start);
  }
}

// src/algebra/matrix.ts
var scaled = (scale, core) => ({ scale, core });
function pullScale(m) {
  if (m.kind === "multiply") {
    const tensor = m.factors.find((f) => shapeOf(f).length > 0);
    if (tensor === void 0) return scaled(m, ONE);
    const inner = pullScale(tensor);
    return scaled(multiply(...m.factors.filter((f) => f !== tensor), inner.scale), inner.core);
  }
  if (m.kind === "product") {
    const parts = m.factors.map(pullScale);
    return scaled(multiply(...parts.map((p) => p.scale)), product(...parts.map((p) => p.core)));
  }
  if (m.kind === "diag") {
    if (m.of.kind === "fill") return scaled(m.of.value, identity(m.of.dim));
    const inner = pullScale(m.of);
    return scaled(inner.scale, inner.core === m.of ? m : diag(inner.core));
  }
  if (m.kind === "power") {
    const inner = pullScale(m.base);
    return scaled(power(inner.scale, m.exponent), power(inner.core, m.exponent));
  }
  if (m.kind === "transpose") {
    const inner = pullScale(m.of);
    return scaled(inner.scale, transposed(inner.core));
  }
  if (m.kind === "inverse") {
    return inverted(m.of);
  }
  return scaled(ONE, m);
}
function transposed(m) {
  if (m.kind === "diag" || m.kind === "identity") return m;
  if (m.kind === "symbol" && m.fact === "symmetric-positive") return m;
  if (m.kind === "inverse") return inverse(transposed(m.of));
  if (m.kind === "product") return product(...[...m.factors].reverse().map(transposed));
  return transpose(m);
}
function inverted(m) {
  const { scale, core } = pullScale(m);
  return scaled(power(scale, -1), invertedCore(core));
}
function invertedCore(core) {
  if (core.kind === "identity") return core;
  if (core.kind === "diag") return diag(power(core.of, -1));
  if (core.kind === "inverse") return core.of;
  if (core.kind === "product") return product(...[...core.factors].reverse().map(invertedCore));
  if (core.kind === "symbol" && core.fact === "orthogonal") return transpose(core);
  if (core.kind === "transpose" && isOrthogonal(core.of)) return core.of;
  return inverse(core);
}
var isOrthogonal = (m) => m.kind === "symbol" && m.fact === "orthogonal";
function logDeterminant(m, coordinate) {
  const { scale, core } = pullScale(m);
  const dim = shapeOf(core)[0] ?? 1;
  return add(multiply(size(dim), log(scale)), coreLogDeterminant(core, coordinate, dim));
}
function coreLogDeterminant(core, coordinate, dim) {
  if (core.kind === "identity" || isOrthogonal(core)) return ZERO;
  if (core.kind === "transpose") return coreLogDeterminant(core.of, coordinate, dim);
  if (core.kind === "inverse") return multiply(number(-1), coreLogDeterminant(core.of, coordinate, dim));
  if (core.kind === "product") return add(...core.factors.map((f) => coreLogDeterminant(f, coordinate, dim)));
  if (core.kind === "diag") {
    const base = core.of.kind === "power" ? core.of.base : core.of;
    const exponent = core.of.kind === "power" ? core.of.exponent : 1;
    if (base.kind === "symbol" && base.fact === "unit-product") return ZERO;
    return sum(
      { index: coordinate, dim },
      multiply(number(exponent), log(element(base, [running(coordinate)])))
    );
  }
  return logdet(core);
}

// src/algebra/print.ts
var FRACTIONS = /* @__PURE__ */ new Map([
  [0.5, "\xBD"],
  [0.25, "\xBC"],
  [1.5, "3/2"]
]);
var SUPERSCRIPTS = "\u2070\xB9\xB2\xB3\u2074\u2075\u2076\u2077\u2078\u2079";
var superscript = (text) => /^-?\d+$/.test(text) ? [...text].map((c) => c === "-" ? "\u207B" : SUPERSCRIPTS[Number(c)]).join("") : `^(${text})`;
var textNotation = {
  symbol: (name, indices) => indices.length > 0 ? `${name}[${indices.join(",")}]` : name,
  size: (name) => name,
  number: (value) => FRACTIONS.get(value) ?? String(value),
  circle: "\u03C0",
  minus: " \u2212 ",
  plus: " + ",
  space: " ",
  fraction: (top, bottom, simple) => `${top} / ${simple ? bottom : `(${bottom})`}`,
  power: (base, exponent) => `${base}${superscript(exponent)}`,
  root: (body) => `\u221A(${body})`,
  sum: (range) => `\u03A3_${range} `,
  call: (name, argument) => /^[\p{L}_][\p{L}\d_]*(\[[^\]]*\])?$/u.test(argument) || /^[\d.]*π?$/.test(argument) ? `${name} ${argument}` : `${name}(${argument})`,
  determinant: (body) => `log|${body}|`,
  norm: (body) => `\u2016${body}\u2016\xB2`,
  transpose: (body) => `${body}\u1D40`,
  inverse: (body) => `${body}\u207B\xB9`,
  parentheses: (body) => `(${body})`,
  indicator: (latent, value) => `[${latent} = ${value}]`,
  list: (elements) => `[${elements.join(", ")}]`,
  over: (operator, range, body) => `${operator}_${range}(${body})`
};
var GREEK = /^(alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega)$/;
function latexName(name) {
  if (GREEK.test(name)) return `\\${name}`;
  if (name === "eps") return "\\varepsilon";
  if (/^\p{L}$/u.test(name)) return name;
  const numbered = /^([A-Za-z]+)(\d+)$/.exec(name);
  if (numbered !== null) return `${latexName(numbered[1])}_{${numbered[2]}}`;
  return `\\mathit{${name.replaceAll("_", "\\_")}}`;
}
var latexNotation = {
  symbol: (name, indices) => {
    if (indices.length === 0) return latexName(name);
    const base = latexName(name);
    const subscript = indices.every((i) => i.length === 1) ? indices.join("") : indices.join(",");
    return `${base.includes("_{") ? `{${base}}` : base}_{${subscript}}`;
  },
  size: latexName,
  number: (value) => value === 0.5 ? "\\tfrac{1}{2}" : value === 0.25 ? "\\tfrac{1}{4}" : value === 1.5 ? "\\tfrac{3}{2}" : String(value),
  circle: "\\pi",
  minus: " - ",
  plus: " + ",
  space: "\\,",
  fraction: (top, bottom) => `\\frac{${top}}{${bottom}}`,
  power: (base, exponent) => `${/^\{?\\?[A-Za-z]+\}?$/.test(base) || base.endsWith(")") || base.endsWith("|") ? base : `{${base}}`}^{${exponent}}`,
  root: (body) => `\\sqrt{${body}}`,
  sum: (range) => `\\sum_{${range}} `,
  call: (name, argument) => `${name === "log" || name === "exp" ? `\\${name}` : `\\operatorname{${name}}`}${/^[^+\s]*$/.test(argument) && !argument.startsWith("-") ? `{${argument}}` : `\\left(${argument}\\right)`}`,
  determinant: (body) => `\\log\\lvert ${body}\\rvert`,
  norm: (body) => `\\lVert ${body}\\rVert^{2}`,
  transpose: (body) => `{${body}}^{\\top}`,
  inverse: (body) => `{${body}}^{-1}`,
  parentheses: (body) => `\\left(${body}\\right)`,
  indicator: (latent, value) => `[${latent} = ${value}]`,
  list: (elements) => `\\begin{bmatrix}${elements.join(" & ")}\\end{bmatrix}`,
  over: (operator, range, body) => `\\operatorname{${operator}}_{${range}}\\left(${body}\\right)`
};
var SUM = 0;
var PRODUCT = 1;
var FACTOR = 2;
var ATOM = 3;
var piece = (text, strength) => ({ text, strength });
function render(e, n) {
  const at2 = (part, strength) => {
    const p = render(part, n);
    return p.strength < strength ? n.parentheses(p.text) : p.text;
  };
  const index = (i) => i.kind === "running" ? i.index : String(i.value);
  switch (e.kind) {
    case "number":
      return e.value < 0 ? piece(`${n.minus.trim()}${n.number(-e.value)}`, PRODUCT) : piece(n.number(e.value), ATOM);
    case "circle":
      return piece(n.circle, ATOM);
    case "size":
      return piece(typeof e.dim === "number" ? String(e.dim) : n.size(e.dim), ATOM);
    case "symbol":
      return piece(n.symbol(e.name, e.indices.map(index)), ATOM);
    case "element": {
      const coordinates = e.coordinates.map(index);
      if (e.of.kind === "symbol")
        return piece(n.symbol(e.of.name, [...e.of.indices.map(index), ...coordinates]), ATOM);
      return piece(`${at2(e.of, FACTOR)}[${coordinates.join(",")}]`, ATOM);
    }
    case "indicator":
      return piece(n.indicator(n.symbol(e.latent, e.at.map(index)), index(e.value)), ATOM);
    case "add":
      return renderSum(e.terms, n);
    case "multiply":
      return renderProduct(e.factors, n);
    case "power":
      if (e.exponent < 0) return renderProduct([e], n);
      if (e.exponent === 0.5) return piece(n.root(render(e.base, n).text), ATOM);
      return piece(n.power(at2(e.base, ATOM), String(e.exponent)), FACTOR);
    case "function":
      return piece(n.call(e.name, render(e.argument, n).text), FACTOR);
    case "sum":
      return piece(
        `${n.sum(rangeText(e.range))}${e.body.kind === "add" ? n.parentheses(` ${render(e.body, n).text} `.trim()) : at2(e.body, PRODUCT)}`,
        PRODUCT
      );
    case "maximum":
      return piece(n.call("max", `${render(e.left, n).text}, ${render(e.right, n).text}`), ATOM);
    case "logsumexp":
      return piece(
        n.call("log", `${n.sum(rangeText(e.range))}${n.call("exp", render(e.body, n).text)}`),
        FACTOR
      );
    case "largest":
      return piece(n.over("max", rangeText(e.range), render(e.body, n).text), FACTOR);
    case "vector":
      return piece(n.list(e.elements.map((x) => render(x, n).text)), ATOM);
    case "fill":
      return render(e.value, n);
    case "identity":
      return piece("I", ATOM);
    case "diag":
      return piece(
        `${n === latexNotation ? "\\operatorname{diag}" : "diag"}${n.parentheses(render(e.of, n).text)}`,
        ATOM
      );
    case "diagonal":
      return piece(
        `${n === latexNotation ? "\\operatorname{diagonal}" : "diagonal"}${n.parentheses(render(e.of, n).text)}`,
        ATOM
      );
    case "product":
      return piece(e.factors.map((x) => at2(x, FACTOR)).join(n.space), PRODUCT);
    case "transpose":
      return piece(n.transpose(at2(e.of, ATOM)), FACTOR);
    case "inverse":
      return piece(n.inverse(at2(e.of, ATOM)), FACTOR);
    case "logdet":
      return piece(n.determinant(render(e.of, n).text), FACTOR);
    case "trace":
      return piece(
        `${n === latexNotation ? "\\operatorname{tr}" : "tr"}${n.parentheses(render(e.of, n).text)}`,
        ATOM
      );
    case "dot":
      return piece(`${n.transpose(at2(e.left, ATOM))}${n.space}${at2(e.right, FACTOR)}`, PRODUCT);
    case "outer":
      return piece(`${at2(e.left, ATOM)}${n.space}${n.transpose(at2(e.right, ATOM))}`, PRODUCT);
    case "quadratic": {
      if (shapeOf(e.vector).length === 0) {
        const squared2 = n.power(at2(e.vector, ATOM), "2");
        return isNumber(e.matrix, 1) ? piece(squared2, FACTOR) : piece(`${squared2}${n.space}${at2(e.matrix, FACTOR)}`, PRODUCT);
      }
      if (e.matrix.kind === "identity") return piece(n.norm(render(e.vector, n).text), ATOM);
      return piece(
        `${n.transpose(at2(e.vector, ATOM))}${n.space}${at2(e.matrix, FACTOR)}${n.space}${at2(e.vector, ATOM)}`,
        PRODUCT
      );
    }
    case "axes": {
      const inside = `${e.range === void 0 ? "" : n.sum(rangeText(e.range))}${at2(e.matrix, FACTOR)}`;
      if (e.range === void 0) return piece(n.call("eigenvectors", inside), ATOM);
      return piece(
        n.over("axes", rangeText(e.range), `${render(e.matrix, n).text}, ${render(e.weights, n).text}`),
        ATOM
      );
    }
    case "solve":
      return piece(`${n.inverse(at2(e.matrix, ATOM))}${n.space}${at2(e.right, FACTOR)}`, PRODUCT);
  }
}
var rangeText = (range) => range.index;
function signOf(e) {
  if (e.kind === "number" && e.value < 0)
    return { negative: true, body: { kind: "number", value: -e.value } };
  if (e.kind === "multiply") {
    const first = e.factors[0];
    if (first.kind === "number" && first.value < 0) {
      const rest = e.factors.slice(1);
      const factors = first.value === -1 ? rest : [{ kind: "number", value: -first.value }, ...rest];
      return { negative: true, body: factors.length === 1 ? factors[0] : { kind: "multiply", factors } };
    }
  }
  if (e.kind === "sum") {
    const inner = signOf(e.body);
    if (inner.negative) return { negative: true, body: { ...e, body: inner.body } };
  }
  return { negative: false, body: e };
}
function renderSum(terms, n) {
  let text = "";
  terms.forEach((t, at2) => {
    const { negative, body } = signOf(t);
    const p = render(body, n);
    const shown = p.strength < PRODUCT ? n.parentheses(p.text) : p.text;
    text += at2 === 0 ? negative ? n.minus.trim() : "" : negative ? n.minus : n.plus;
    text += shown;
  });
  return piece(text, terms.length === 1 ? PRODUCT : SUM);
}
function renderProduct(factors, n) {
  const whole = { kind: "multiply", factors };
  const { negative, body } = signOf(whole);
  const parts = body.kind === "multiply" ? body.factors : [body];
  const top = [];
  const bottom = [];
  for (const f of parts)
    if (f.kind === "power" && f.exponent < 0)
      bottom.push(f.exponent === -1 ? f.base : { ...f, exponent: -f.exponent });
    else top.push(f);
  const first = top[0];
  if (bottom.length > 0 && first?.kind === "number" && first.value !== 0 && Number.isInteger(1 / first.value) && first.value !== 1) {
    top.shift();
    bottom.unshift({ kind: "number", value: 1 / first.value });
  }
  const join2 = (list) => list.map((f) => {
    const p = render(f, n);
    return p.strength < FACTOR && list.length > 1 && !(f.kind === "sum" && f === list[list.length - 1]) && f.kind !== "quadratic" && f.kind !== "outer" ? n.parentheses(p.text) : p.text;
  }).reduce(
    (text, next) => text === "" ? next : `${text}${next === "\u03C0" && /\d$/.test(text) ? "" : n.space}${next}`,
    ""
  );
  const sign = negative ? n.minus.trim() : "";
  if (bottom.length === 0) {
    const only = top.length === 1 ? render(top[0], n) : void 0;
    return piece(
      sign + (only ? negative && only.strength < PRODUCT ? n.parentheses(only.text) : only.text : join2(top)),
      negative || !only ? PRODUCT : only.strength
    );
  }
  const topText = top.length === 0 ? "1" : top.length === 1 && (render(top[0], n).strength === SUM || top[0].kind === "sum") && n === textNotation ? n.parentheses(render(top[0], n).text) : join2(top);
  const simple = bottom.length === 1 && render(bottom[0], n).strength >= FACTOR;
  return piece(sign + n.fraction(topText, join2(bottom), simple), PRODUCT);
}
var printText = (e) => render(e, textNotation).text;
var printKey = (e) => printText(e);

// src/algebra/traverse.ts
function mapParts(e, f) {
  switch (e.kind) {
    case "number":
    case "circle":
    case "size":
    case "symbol":
    case "indicator":
    case "identity":
      return e;
    case "element":
      return element(f(e.of), e.coordinates);
    case "add":
      return add(...e.terms.map(f));
    case "multiply":
      return multiply(...e.factors.map(f));
    case "power":
      return power(f(e.base), e.exponent);
    case "function":
      return apply(e.name, f(e.argument));
    case "sum":
      return sum(e.range, f(e.body));
    case "maximum":
      return maximum(f(e.left), f(e.right));
    case "logsumexp":
      return logsumexp(e.range, f(e.body));
    case "largest":
      return largest(e.range, f(e.body));
    case "vector":
      return vector(e.elements.map(f));
    case "fill":
      return fill(f(e.value), e.dim);
    case "diag":
      return diag(f(e.of));
    case "diagonal":
      return diagonal(f(e.of));
    case "product":
      return product(...e.factors.map(f));
    case "transpose":
      return transpose(f(e.of));
    case "inverse":
      return inverse(f(e.of));
    case "logdet":
      return logdet(f(e.of));
    case "trace":
      return trace(f(e.of));
    case "dot":
      return dot(f(e.left), f(e.right));
    case "outer":
      return outer(f(e.left), f(e.right));
    case "quadratic":
      return quadratic(f(e.vector), f(e.matrix));
    case "solve":
      return solve(f(e.matrix), f(e.right));
    case "axes":
      return axes(e.range, f(e.weights), f(e.matrix), f(e.start));
  }
}
function partsOf(e) {
  const parts = [];
  mapParts(e, (part) => {
    parts.push(part);
    return part;
  });
  return parts;
}
var some = (e, predicate) => predicate(e) || partsOf(e).some((part) => some(part, predicate));
var containsSymbol = (e, name) => some(e, (p) => p.kind === "symbol" && p.name === name);
var indicesOf = (e) => e.kind === "symbol" ? e.indices : e.kind === "element" ? e.coordinates : e.kind === "indicator" ? [...e.at, e.value] : [];
function dependsOn(e, index) {
  if (indicesOf(e).some((i) => i.kind === "running" && i.index === index)) return true;
  if ((e.kind === "sum" || e.kind === "logsumexp" || e.kind === "largest" || e.kind === "axes") && e.range?.index === index)
    return false;
  return partsOf(e).some((part) => dependsOn(part, index));
}
function reindex(e, from, to) {
  const change = (i) => i.kind === "running" && i.index === from ? to : i;
  if (e.kind === "symbol") return { ...e, indices: e.indices.map(change) };
  if (e.kind === "element") return element(reindex(e.of, from, to), e.coordinates.map(change));
  if (e.kind === "indicator") return { ...e, at: e.at.map(change), value: change(e.value) };
  if ((e.kind === "sum" || e.kind === "logsumexp" || e.kind === "largest" || e.kind === "axes") && e.range?.index === from)
    return e;
  return mapParts(e, (part) => reindex(part, from, to));
}
function replace(e, f) {
  return f(e) ?? mapParts(e, (part) => replace(part, f));
}
function symbolsOf(e) {
  return e.kind === "symbol" ? [e] : partsOf(e).flatMap(symbolsOf);
}

// src/algebra/normal.ts
var term = (coefficient, factors, ranges, line2) => ({
  coefficient,
  sums: ranges,
  factors: sortFactors(factors),
  line: line2
});
function rank(e) {
  if (e.kind === "indicator") return 0;
  if (e.kind === "symbol") {
    const order = { responsibility: 1, weight: 2, data: 4, statistic: 3, constant: 5, parameter: 6 };
    return order[e.role];
  }
  if (e.kind === "size") return 3.5;
  if (e.kind === "power") return rank(e.base);
  if (e.kind === "quadratic") return 9;
  return 8;
}
var sortFactors = (factors) => factors.map((f) => ({ f, r: rank(f), key: printKey(f) })).sort((a, b) => a.r - b.r || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ f }) => f);
function mergePowers(factors) {
  const merged = /* @__PURE__ */ new Map();
  for (const f of factors) {
    const base = f.kind === "power" ? f.base : f;
    const exponent = f.kind === "power" ? f.exponent : 1;
    const key = printKey(base);
    const seen = merged.get(key);
    if (seen) seen.exponent = base.kind === "indicator" ? 1 : seen.exponent + exponent;
    else merged.set(key, { base, exponent });
  }
  return [...merged.values()].filter((m) => m.exponent !== 0).map((m) => power(m.base, m.exponent));
}
var times = (a, b) => term(
  a.coefficient * b.coefficient,
  mergePowers([...a.factors, ...b.factors]),
  [...a.sums, ...b.sums],
  a.line
);
var atom = (e, line2) => [term(1, [e], [], line2)];
function normalForm(e, line2) {
  return collectLike(expand(e, line2));
}
function expand(e, line2) {
  switch (e.kind) {
    case "number":
      return e.value === 0 ? [] : [term(e.value, [], [], line2)];
    case "add":
      return e.terms.flatMap((t) => expand(t, line2));
    case "multiply":
      return e.factors.reduce(
        (left, f) => {
          const right = expand(f, line2);
          return left.flatMap((a) => right.map((b) => times(a, b)));
        },
        [term(1, [], [], line2)]
      );
    case "power": {
      const base = expand(e.base, line2);
      const only = base[0];
      if (base.length === 1 && only !== void 0 && only.sums.length === 0)
        return [
          term(
            only.coefficient ** e.exponent,
            only.factors.map((f) => power(f, e.exponent)),
            [],
            line2
          )
        ];
      return atom(power(toExpr(base), e.exponent), line2);
    }
    case "sum":
      return expand(e.body, line2).map((t) => term(t.coefficient, t.factors, [e.range, ...t.sums], line2));
    case "function":
      return e.name === "log" ? expandLog(e.argument, line2) : atom(e, line2);
    case "logdet":
      return expandLogDeterminant(e, line2);
    case "quadratic":
      return expandQuadratic(e.vector, e.matrix, line2);
    case "trace": {
      const { scale, core } = pullScale(e.of);
      if (isNumber(scale, 1)) return atom(e, line2);
      return expand(multiply(scale, { kind: "trace", of: core }), line2);
    }
    case "circle":
    case "size":
    case "symbol":
    case "element":
    case "indicator":
    case "maximum":
    case "logsumexp":
    case "largest":
    case "vector":
    case "fill":
    case "identity":
    case "diag":
    case "diagonal":
    case "product":
    case "transpose":
    case "inverse":
    case "dot":
    case "outer":
    case "solve":
    case "axes":
      return atom(e, line2);
  }
}
function expandLogDeterminant(e, line2) {
  const opened = logDeterminant(e.of, freshCoordinate(e.of));
  if (opened.kind === "logdet") return atom(opened, line2);
  return expand(opened, line2);
}
var freshCoordinate = (e) => ["d", "e", "d_"].find((name) => !dependsOn(e, name)) ?? "d__";
var isPlainConstant = (e) => !some(e, (p) => p.kind === "symbol" || p.kind === "size" || p.kind === "element");
function expandLog(argument, line2) {
  if (isPlainConstant(argument)) return atom(log(argument), line2);
  if (argument.kind === "multiply") {
    const plain = argument.factors.filter(isPlainConstant);
    const rest = argument.factors.filter((f) => !isPlainConstant(f));
    return [
      ...plain.length > 0 ? atom(log(multiply(...plain)), line2) : [],
      ...rest.flatMap((f) => expandLog(f, line2))
    ];
  }
  if (argument.kind === "power") {
    return expand(multiply(number(argument.exponent), log(argument.base)), line2);
  }
  if (argument.kind === "function") {
    return argument.name === "exp" ? expand(argument.argument, line2) : atom(log(argument), line2);
  }
  return atom(log(argument), line2);
}
function summands(e) {
  if (e.kind === "add") return e.terms.flatMap(summands);
  if (e.kind !== "multiply") return [e];
  const sum3 = e.factors.find((f) => f.kind === "add");
  if (sum3?.kind !== "add") return [e];
  const others = e.factors.filter((f) => f !== sum3);
  return sum3.terms.flatMap((t) => summands(multiply(...others, t)));
}
function expandQuadratic(vector3, matrix2, line2) {
  const isScalar = shapeOf(vector3).length === 0;
  const { scale, core } = isScalar ? { scale: matrix2, core: ONE } : pullScale(matrix2);
  const atomic = quadratic(add(...summands(vector3)), core);
  if (isNumber(scale, 1)) return atom(atomic, line2);
  return expand(scale, line2).map((t) => times(t, term(1, [atomic], [], line2)));
}
function collectLike(terms) {
  const seen = /* @__PURE__ */ new Map();
  for (const t of terms) {
    const key = `${t.line}|${t.sums.map((s) => `${s.index}:${s.dim}`).join(",")}|${t.factors.map(printKey).join("\xB7")}`;
    const before = seen.get(key);
    seen.set(key, before ? { ...before, coefficient: before.coefficient + t.coefficient } : t);
  }
  return [...seen.values()].filter((t) => t.coefficient !== 0);
}
var termToExpr = (t) => sums(t.sums, multiply(number(t.coefficient), ...t.factors));
var toExpr = (terms) => add(...terms.map(termToExpr));
var logTwoPi = apply("log", multiply(number(2), circle));

// src/derive/translate.ts
function rowsDim(model) {
  const taken = [...model.constants, ...model.sizes, ...model.parameters, ...model.data].some(
    (s) => String(s.name) === "N"
  );
  return taken ? "N_rows" : "N";
}
function dimOf(size2, model) {
  switch (size2.kind) {
    case "number":
      return size2.value;
    case "constant":
    case "named":
      return size2.name;
    case "plate":
      return plateDim(size2.plate, model);
    case "unknown":
      throw new Error("a size is unknown in a model without errors");
  }
}
function plateDim(plate, model) {
  const declared = model.plates.find((p) => p.name === plate);
  if (declared === void 0) throw new Error(`no plate ${plate}`);
  if (declared.range.kind === "count") return dimOf(declared.range.upTo, model);
  return declared.range.kind === "rows" ? rowsDim(model) : `N_${plate}`;
}
var plateRange = (plate, model) => ({
  index: plate,
  dim: plateDim(plate, model)
});
var FACTS = {
  positive: "positive",
  covariance: "symmetric-positive",
  orthogonal: "orthogonal",
  shape: "unit-product",
  simplex: "simplex",
  count: "whole"
};
var shapeDims = (type, model) => type.shape.map((s) => dimOf(s, model));
function translate(e, t) {
  const refuse = (what) => {
    t.problems.push({ kind: "not-derivable-yet", what, span: e.span });
    return ONE;
  };
  const go = (part) => translate(part, t);
  switch (e.kind) {
    case "number":
      return number(e.value);
    case "size":
      return size(dimOf(e.size, t.model));
    case "constant": {
      const declared = t.model.constants.find((c) => c.name === e.name);
      const whole = symbol2(
        e.name,
        "constant",
        [],
        shapeDims(declared.type, t.model),
        FACTS[declared.type.domain]
      );
      return element(whole, e.coordinates.map(fixed));
    }
    case "symbol":
      return translateSymbol(e, t);
    case "vector":
      return vector(e.elements.map(go));
    case "fill": {
      const dims = shapeDims(e.type, t.model);
      return dims.length === 1 ? fill(go(e.value), dims[0]) : refuse("a number standing for a matrix");
    }
    case "identity":
      return identity(shapeDims(e.type, t.model)[0]);
    case "add":
      return add(go(e.left), go(e.right));
    case "subtract":
      return subtract(go(e.left), go(e.right));
    case "multiply": {
      const left = go(e.left);
      const right = go(e.right);
      return shapeOf(left).length === 0 || shapeOf(right).length === 0 ? multiply(left, right) : product(left, right);
    }
    case "divide":
      return divide(go(e.left), go(e.right));
    case "power":
      return e.exponent.kind === "number" ? power(go(e.base), e.exponent.value) : refuse("a power whose exponent is not a number written out");
    case "negate":
      return negate(go(e.operand));
    case "transpose":
      return transpose(go(e.operand));
    case "diag":
      return diag(go(e.operand));
    case "dot":
      return dot(go(e.left), go(e.right));
    case "function":
      return e.name === "sqrt" ? power(go(e.argument), 0.5) : apply(e.name, go(e.argument));
    case "sum":
      return sum(plateRange(e.plate, t.model), go(e.body));
    case "softmax":
      return refuse("`softmax` in a distribution");
    case "boolean":
    case "compare":
    case "and":
    case "or":
    case "not":
    case "if":
      return refuse("`if \u2026 then \u2026 else` and conditions");
    case "distribution":
      return refuse(`the distribution ${e.name} inside an expression`);
    case "error":
      throw new Error("an erroneous expression in a model without errors");
  }
}
function translateSymbol(e, t) {
  const { model } = t;
  const indices = e.indices.map((i) => translateIndex(i, e, t));
  const coordinates = e.coordinates.map((i) => translateIndex(i, e, t));
  const build2 = (declared, role) => element(
    symbol2(e.name, role, indices, shapeDims(declared.type, model), FACTS[declared.type.domain]),
    coordinates
  );
  const parameter = model.parameters.find((p) => p.name === e.name);
  if (parameter !== void 0) return build2(parameter, "parameter");
  const data = model.data.find((d) => d.name === e.name);
  if (data !== void 0) {
    if (data.type.domain === "boolean" || data.type.domain === "category" || data.type.domain === "plate")
      t.problems.push({
        kind: "not-derivable-yet",
        what: `\`${e.name}\`, data of type ${data.type.domain}, in an expression`,
        span: e.span
      });
    return build2(data, "data");
  }
  const definition = model.definitions.find((d) => d.name === e.name);
  if (definition !== void 0) {
    if (isOfDataAlone(definition.value, model)) {
      const isColumns = definition.type.shape.length === 0 || definition.value.kind === "vector";
      if (!isColumns)
        t.problems.push({
          kind: "not-derivable-yet",
          what: `\`${e.name}\`, a vector that is not written out as [a, b, \u2026]`,
          span: e.span
        });
      return build2(definition, "data");
    }
    return element(inlined(definition, indices, t), coordinates);
  }
  t.problems.push({ kind: "not-derivable-yet", what: `the latent \`${e.name}\` as a number`, span: e.span });
  return ONE;
}
function inlined(definition, indices, t) {
  const body = translate(definition.value, t);
  const same = definition.plates.every((plate, n) => {
    const index = indices[n];
    return index?.kind === "running" && index.index === plate;
  });
  if (!same)
    t.problems.push({
      kind: "not-derivable-yet",
      what: `\`${definition.name}\` at another index than its own`,
      span: definition.span
    });
  return body;
}
function isOfDataAlone(e, model) {
  switch (e.kind) {
    case "symbol": {
      const definition = model.definitions.find((d) => d.name === e.name);
      if (definition !== void 0) return isOfDataAlone(definition.value, model);
      return model.data.some((d) => d.name === e.name) && e.indices.every((i) => i.kind === "plate");
    }
    case "number":
    case "boolean":
    case "size":
    case "constant":
    case "identity":
      return true;
    case "vector":
      return e.elements.every((x) => isOfDataAlone(x, model));
    case "fill":
      return isOfDataAlone(e.value, model);
    case "add":
    case "subtract":
    case "multiply":
    case "divide":
    case "dot":
    case "compare":
    case "and":
    case "or":
      return isOfDataAlone(e.left, model) && isOfDataAlone(e.right, model);
    case "power":
      return isOfDataAlone(e.base, model) && isOfDataAlone(e.exponent, model);
    case "negate":
    case "transpose":
    case "diag":
    case "not":
      return isOfDataAlone(e.operand, model);
    case "function":
      return isOfDataAlone(e.argument, model);
    case "sum":
    case "softmax":
      return isOfDataAlone(e.body, model);
    case "if":
      return [e.condition, e.then, e.else].every((x) => isOfDataAlone(x, model));
    case "distribution":
    case "error":
      return false;
  }
}
function translateIndex(index, place, t) {
  switch (index.kind) {
    case "plate":
      return running(index.plate);
    case "number":
      return fixed(index.value);
    case "previous":
      t.problems.push({ kind: "not-derivable-yet", what: "chains (`t-1`)", span: place.span });
      return running(index.plate);
    case "symbol": {
      const latent = t.model.latents.find((l) => l.name === index.symbol);
      if (latent === void 0 || index.plate === void 0 || index.indices.some((i) => i.kind !== "plate")) {
        t.problems.push({
          kind: "not-derivable-yet",
          what: `\`${index.symbol}[\u2026]\` as an index`,
          span: place.span
        });
        return fixed(1);
      }
      return running(select(latent.name, index.plate, index.indices, t).value.index);
    }
  }
}
function select(latent, plate, indices, t) {
  const known = t.selectors.find((s) => s.latent === latent);
  if (known !== void 0) return known;
  const at2 = indices.flatMap((i) => i.kind === "plate" ? [plateRange(i.plate, t.model)] : []);
  const taken = t.selectors.some((s) => s.value.index === plate) || at2.some((r) => r.index === plate);
  const range = plateRange(plate, t.model);
  const selector = { latent, at: at2, value: taken ? { ...range, index: `${plate}_${latent}` } : range };
  t.selectors.push(selector);
  return selector;
}
function asVariance(e, t) {
  const value = translate(e, t);
  const isMatrix2 = shapeOf(value).length > 0;
  if (e.type.scale === "precision") return isMatrix2 ? inverse(value) : power(value, -1);
  if (e.type.scale !== "sd") return value;
  if (!isMatrix2) return power(value, 2);
  const { scale, core } = pullScale(value);
  if (core.kind === "identity") return multiply(power(scale, 2), core);
  if (core.kind === "diag") return multiply(power(scale, 2), diag(power(core.of, 2)));
  t.problems.push({
    kind: "not-derivable-yet",
    what: "a matrix of standard deviations that is not diagonal",
    span: e.span
  });
  return value;
}

// src/derive/constraints.ts
function constraintsOf(model) {
  const problems = [];
  const byParameter = /* @__PURE__ */ new Map();
  const entry = (name) => {
    const found = byParameter.get(name) ?? { held: [], floors: [] };
    byParameter.set(name, found);
    return found;
  };
  for (const constraint of model.constraints) {
    const read = readConstraint(constraint, model, problems);
    if (read === void 0) continue;
    if (read.kind === "held")
      entry(read.parameter).held.push({ at: read.at, value: read.value, span: constraint.span });
    else entry(read.parameter).floors.push({ value: read.value, constraint });
  }
  return { byParameter, problems };
}
function readConstraint(constraint, model, problems) {
  const t = { model, problems, selectors: [] };
  const refuse = (reason) => {
    const text = `${printText(translate(constraint.left, t))} ${constraint.relation} ${printText(translate(constraint.right, t))}`;
    problems.push({ kind: "constraint-not-solved", text, reason, span: constraint.span });
    return void 0;
  };
  if (constraint.relation === "=") {
    const [side, other] = isParameter(constraint.left, model) ? [constraint.left, constraint.right] : [constraint.right, constraint.left];
    if (!isParameter(side, model) || side.kind !== "symbol")
      return refuse("neither side is a parameter alone");
    if (hasParameter(other, model)) return refuse("both sides hold parameters");
    const indices = [...side.indices, ...side.coordinates];
    const parameter = model.parameters.find((p) => p.name === side.name);
    const isSimplexEntry = parameter.type.domain === "simplex" && indices.length === parameter.plates.length + 1;
    if (!isSimplexEntry && side.coordinates.length > 0)
      return refuse("it holds one coordinate of a vector or matrix");
    if (parameter.type.domain === "simplex" && !isSimplexEntry)
      return refuse("it holds a whole simplex; write a constant in its place");
    const fixed2 = indices.flatMap((i) => i.kind === "number" ? [i.value] : []);
    if (fixed2.length !== indices.length)
      return refuse("it holds every component; write a constant in the place of the parameter");
    return { kind: "held", parameter: side.name, at: fixed2, value: translate(other, t) };
  }
  if (isParameter(constraint.right, model) && !hasParameter(constraint.left, model) && constraint.right.kind === "symbol") {
    const parameter = model.parameters.find(
      (p) => p.name === constraint.right.name
    );
    if (constraint.right.coordinates.length > 0 || constraint.right.indices.some((i) => i.kind !== "plate"))
      return refuse("a floor is solved when it holds for every component and coordinate");
    const value = translate(constraint.left, t);
    return { kind: "floor", parameter: parameter.name, value: value.kind === "fill" ? value.value : value };
  }
  return refuse("only a constant floor under a parameter is solved");
}
var isParameter = (e, model) => e.kind === "symbol" && model.parameters.some((p) => p.name === e.name);
var hasParameter = (e, model) => symbolsOf(translate(e, { model, problems: [], selectors: [] })).some((s) => s.role === "parameter");

// src/derive/degrees.ts
function degreesOfFreedom(model, constraints) {
  return add(
    ...model.parameters.map((p) => parameterDegrees(p, model, constraints.get(p.name)?.held.length ?? 0))
  );
}
function parameterDegrees(parameter, model, held) {
  const copies = multiply(...parameter.plates.map((plate) => size(plateDim(plate, model))));
  const each = dimension(parameter, shapeDims(parameter.type, model));
  const lost = parameter.type.domain === "simplex" ? number(held) : multiply(number(held), each);
  return held === 0 ? multiply(copies, each) : subtract(multiply(copies, each), lost);
}
function dimension(parameter, shape2) {
  const d = size(shape2[0] ?? 1);
  switch (parameter.type.domain) {
    case "simplex":
    case "shape":
      return subtract(d, number(1));
    case "covariance":
      return divide(multiply(d, add(d, number(1))), number(2));
    case "orthogonal":
      return divide(multiply(d, subtract(d, number(1))), number(2));
    case "real":
    case "positive":
    case "unit":
    case "count":
    case "boolean":
    case "category":
    case "plate":
    case "unknown":
      return multiply(...shape2.map(size));
  }
}

// src/distributions/categorical.ts
var categorical = {
  source: "Bishop: Pattern Recognition and Machine Learning (2006), 2.2",
  signature: {
    name: "Categorical",
    values: [{ domains: ["plate", "category"], rank: 0 }],
    arguments: [
      {
        name: "p",
        pattern: { kind: "over-value", domain: "simplex" },
        named: false,
        alternative: "probabilities"
      },
      {
        name: "logits",
        pattern: { kind: "over-value", domain: "real" },
        named: true,
        alternative: "probabilities"
      }
    ]
  },
  logDensity: ({ category, arguments: { p } }) => {
    if (category === void 0 || p === void 0)
      throw new Error("Categorical: the value must be a category with p");
    return log(element(p, [category]));
  }
};

// src/distributions/dirichlet.ts
var dirichlet = {
  source: "Bishop: Pattern Recognition and Machine Learning (2006), 2.38",
  signature: {
    name: "Dirichlet",
    values: [{ domains: ["simplex"], rank: 1 }],
    arguments: [{ name: "concentration", pattern: { kind: "over-value", domain: "positive" }, named: false }]
  },
  logDensity: ({ value, arguments: { concentration } }) => {
    const a = concentration;
    const dim = shapeOf(value)[0];
    const wanted = typeof dim === "string" ? dim.toLowerCase() : "k";
    const index = dependsOn(value, wanted) ? `${wanted}_` : wanted;
    const range = { index, dim };
    const entry = element(a, [running(index)]);
    const total = a.kind === "fill" ? multiply(size(dim), a.value) : sum(range, entry);
    return add(
      apply("lgamma", total),
      negate(
        a.kind === "fill" ? multiply(size(dim), apply("lgamma", a.value)) : sum(range, apply("lgamma", entry))
      ),
      sum(range, multiply(subtract(entry, ONE), log(element(value, [running(index)])))),
      number(0)
    );
  }
};

// src/distributions/exponential.ts
var exponential = {
  source: "Johnson, Kotz, Balakrishnan: Continuous Univariate Distributions 1 (1994), 19.1",
  signature: {
    name: "Exponential",
    values: [{ domains: ["positive"], rank: 0 }],
    arguments: [
      { name: "rate", pattern: { kind: "scalar", domain: "positive" }, named: true, alternative: "scale" },
      { name: "mean", pattern: { kind: "scalar", domain: "positive" }, named: true, alternative: "scale" }
    ]
  },
  logDensity: ({ value, arguments: { rate, mean } }) => {
    const lambda = rate ?? power(mean, -1);
    return add(log(lambda), negate(multiply(lambda, value)));
  }
};

// src/distributions/gamma.ts
var gamma = {
  source: "Gelman et al.: Bayesian Data Analysis (2013), appendix A",
  signature: {
    name: "Gamma",
    values: [{ domains: ["positive"], rank: 0 }],
    arguments: [
      { name: "shape", pattern: { kind: "scalar", domain: "positive" }, named: false },
      { name: "rate", pattern: { kind: "scalar", domain: "positive" }, named: true, alternative: "scale" },
      { name: "scale", pattern: { kind: "scalar", domain: "positive" }, named: true, alternative: "scale" }
    ]
  },
  logDensity: ({ value, arguments: { shape: shape2, rate, scale } }) => {
    const b = rate ?? power(scale, -1);
    return add(
      multiply(shape2, log(b)),
      negate(apply("lgamma", shape2)),
      multiply(subtract(shape2, ONE), log(value)),
      negate(multiply(b, value))
    );
  }
};

// src/distributions/inverse-gamma.ts
var inverseGamma = {
  source: "Gelman et al.: Bayesian Data Analysis (2013), appendix A",
  signature: {
    name: "InverseGamma",
    values: [{ domains: ["positive"], rank: 0 }],
    arguments: [
      { name: "shape", pattern: { kind: "scalar", domain: "positive" }, named: false },
      { name: "scale", pattern: { kind: "scalar", domain: "positive" }, named: false }
    ]
  },
  logDensity: ({ value, arguments: { shape: shape2, scale } }) => add(
    multiply(shape2, log(scale)),
    negate(apply("lgamma", shape2)),
    negate(multiply(add(shape2, ONE), log(value))),
    negate(multiply(scale, power(value, -1)))
  )
};

// src/distributions/normal.ts
var normal = {
  source: "Mardia, Kent, Bibby: Multivariate Analysis (1979), 2.5.1",
  signature: {
    name: "Normal",
    values: [
      { domains: ["real"], rank: 0 },
      { domains: ["real"], rank: 1 }
    ],
    arguments: [
      { name: "mean", pattern: { kind: "like-value", domain: "real" }, named: false },
      { name: "scale", pattern: { kind: "scale" }, named: false }
    ]
  },
  logDensity: ({ value, arguments: { mean, scale } }) => {
    const residual = subtract(value, mean);
    const twoPi = multiply(number(2), circle, scale);
    const isScalar = shapeOf(value).length === 0;
    return add(
      multiply(number(-0.5), isScalar ? log(twoPi) : logdet(twoPi)),
      multiply(number(-0.5), quadratic(residual, isScalar ? power(scale, -1) : inverse(scale)))
    );
  }
};

// src/distributions/poisson.ts
var poisson = {
  source: "Johnson, Kemp, Kotz: Univariate Discrete Distributions (2005), 4.1",
  signature: {
    name: "Poisson",
    values: [{ domains: ["count"], rank: 0 }],
    arguments: [{ name: "rate", pattern: { kind: "scalar", domain: "positive" }, named: false }]
  },
  logDensity: ({ value, arguments: { rate } }) => add(multiply(value, log(rate)), negate(rate), negate(apply("lgamma", add(value, ONE))))
};

// src/distributions/registry.ts
var distributions = [
  normal,
  categorical,
  dirichlet,
  exponential,
  gamma,
  inverseGamma,
  poisson
];
var signatures = distributions.map((d) => d.signature);
function distributionNamed(name) {
  const found = distributions.find((d) => d.signature.name === name);
  if (found === void 0) throw new Error(`no distribution ${name}`);
  return found;
}

// src/derive/joint.ts
function jointFactors(model) {
  const problems = [];
  const factors = model.factors.map((factor) => jointFactor(factor, model, problems));
  return { factors, problems };
}
function jointFactor(factor, model, problems) {
  const t = { model, problems, selectors: [] };
  const ranges = factor.plates.map((plate) => plateRange(plate, model));
  const latent = model.latents.find((l) => l.name === factor.symbol);
  const parameter = model.parameters.find((p) => p.name === factor.symbol);
  const role = latent !== void 0 ? "latent" : parameter !== void 0 ? "prior" : "data";
  const base = { line: factor.line, symbol: factor.symbol, role, ranges };
  if (factor.distribution.kind !== "distribution") {
    problems.push({
      kind: "not-derivable-yet",
      what: "`if \u2026 then \u2026 else` between distributions",
      span: factor.distribution.span
    });
    return { ...base, selectors: [], density: symbol2("nothing", "constant", []) };
  }
  const { name, arguments: args } = factor.distribution;
  const distribution2 = distributionNamed(name);
  if (latent !== void 0 && latent.type.plate === void 0) {
    problems.push({
      kind: "not-derivable-yet",
      what: `the latent \`${latent.name}\` of type ${latent.type.domain}`,
      span: latent.typeSpan
    });
    return { ...base, selectors: [], density: symbol2("nothing", "constant", []) };
  }
  const isScale = (argument) => distribution2.signature.arguments.some((s) => s.name === argument && s.pattern.kind === "scale");
  const translated = Object.fromEntries(
    Object.entries(args).map(([key, e]) => [key, isScale(key) ? asVariance(e, t) : translate(e, t)])
  );
  if (args["logits"] !== void 0)
    problems.push({ kind: "not-derivable-yet", what: `\`logits:\` of ${name}`, span: args["logits"].span });
  const category = latent?.type.plate === void 0 ? void 0 : select(
    latent.name,
    latent.type.plate,
    latent.plates.map((plate) => ({ kind: "plate", plate })),
    t
  );
  const declared = parameter ?? model.data.find((d) => d.name === factor.symbol);
  const domain = declared?.type.domain;
  if (domain === "boolean" || domain === "category" || domain === "plate" || declared === void 0 && category === void 0) {
    problems.push({
      kind: "not-derivable-yet",
      what: `\`${factor.symbol}\`, modelled data of type ${domain ?? "unknown"}`,
      span: factor.span
    });
    return { ...base, selectors: [], density: symbol2("nothing", "constant", []) };
  }
  const value = declared === void 0 ? symbol2(
    factor.symbol,
    "data",
    ranges.map((r) => running(r.index))
  ) : symbol2(
    factor.symbol,
    role === "prior" ? "parameter" : "data",
    ranges.map((r) => running(r.index)),
    shapeDims(declared.type, model),
    factOf(declared.type.domain)
  );
  if (args["logits"] !== void 0)
    return { ...base, selectors: t.selectors, density: symbol2("nothing", "constant", []) };
  const density = distribution2.logDensity({
    value,
    category: category === void 0 ? void 0 : running(category.value.index),
    arguments: translated
  });
  return { ...base, selectors: t.selectors, density };
}
var factOf = (domain) => domain === "covariance" ? "symmetric-positive" : domain === "positive" ? "positive" : domain === "simplex" ? "simplex" : void 0;
function weightOf(model, ranges) {
  const weight = model.data.find((d) => d.as === "weight");
  if (weight === void 0) return [];
  const covered = weight.plates.every((plate) => ranges.some((r) => r.index === plate));
  return covered ? [
    symbol2(
      weight.name,
      "weight",
      weight.plates.map((plate) => running(plate)),
      [],
      "positive"
    )
  ] : [];
}
function factorExpr(factor, model) {
  const indicators = factor.selectors.map((s) => ({
    kind: "indicator",
    latent: s.latent,
    at: s.at.map((r) => running(r.index)),
    value: running(s.value.index)
  }));
  const ranges = [...factor.ranges, ...factor.selectors.map((s) => s.value)];
  return sums(ranges, multiply(...weightOf(model, factor.ranges), ...indicators, factor.density));
}
var jointNormalForm = (factors, model) => factors.flatMap((f) => normalForm(factorExpr(f, model), f.line));
var namesOf = (model) => new Set(
  [
    ...model.parameters,
    ...model.latents,
    ...model.data,
    ...model.definitions,
    ...model.constants,
    ...model.plates,
    ...model.sizes
  ].map((s) => s.name)
);
function freshName(wanted, taken) {
  const free = wanted.find((name) => !taken.has(name));
  if (free !== void 0) return free;
  for (let n = 1; ; n++) if (!taken.has(`${wanted[0]}${n}`)) return `${wanted[0]}${n}`;
}

// src/derive/limit.ts
function orderOf(t, constant2) {
  let order = 0;
  for (const factor of t.factors) {
    if (!containsSymbol(factor, constant2)) continue;
    if (factor.kind === "symbol") order += 1;
    else if (factor.kind === "power" && factor.base.kind === "symbol") order += factor.exponent;
    else return void 0;
  }
  return order;
}
var isLogOf = (t, constant2) => t.factors.some((f) => f.kind === "function" && f.name === "log" && containsSymbol(f, constant2));
var withoutConstant = (t, constant2) => ({
  ...t,
  factors: t.factors.filter((f) => !containsSymbol(f, constant2))
});
function leadingTerms(terms, constant2) {
  const orders = terms.map((t) => isLogOf(t, constant2) ? 0 : orderOf(t, constant2));
  if (orders.some((o) => o === void 0)) return void 0;
  const order = Math.min(...orders);
  const isLeading = (n) => orders[n] === order && !isLogOf(terms[n], constant2);
  return {
    leading: terms.filter((_, n) => isLeading(n)).map((t) => withoutConstant(t, constant2)),
    order,
    dropped: terms.filter((_, n) => !isLeading(n))
  };
}

// src/derive/posterior.ts
function posteriorOf(model, factors) {
  const [latent, ...others] = model.latents;
  if (latent === void 0) return { value: void 0, problems: [] };
  if (others.length > 0)
    return {
      value: void 0,
      problems: [
        { kind: "several-latents", latents: model.latents.map((l) => l.name), span: others[0].span }
      ]
    };
  const rowsPlate = model.plates.find((p) => p.range.kind === "rows" && p.range.orderedBy === void 0);
  const plate = latent.plates[0];
  if (latent.plates.length !== 1 || plate === void 0 || plate !== rowsPlate?.name || latent.type.plate === void 0)
    return {
      value: void 0,
      problems: [
        {
          kind: "not-derivable-yet",
          what: `the latent \`${latent.name}\`, which is not one of several values per row,`,
          span: latent.span
        }
      ]
    };
  const rows = plateRange(plate, model);
  const component = plateRange(latent.type.plate, model);
  const problems = [];
  const logits = [];
  for (const factor of factors) {
    if (factor.role === "prior") continue;
    if (factor.ranges.length !== 1 || factor.ranges[0].index !== rows.index) {
      const span = model.factors.find((f) => f.line === factor.line).span;
      problems.push({
        kind: "not-derivable-yet",
        what: `\`${factor.symbol}\`, data that is not one value per row,`,
        span
      });
      continue;
    }
    logits.push({ line: factor.line, terms: normalForm(factor.density, factor.line) });
  }
  if (problems.length > 0) return { value: void 0, problems };
  const name = freshName(["r", "resp", "responsibility"], namesOf(model));
  const soft = { latent: latent.name, rows, component, name, logits, assignment: "soft" };
  return model.limit === void 0 ? { value: soft, problems } : hardPosterior(soft, model);
}
function hardPosterior(soft, model) {
  const { constant: constant2, span } = model.limit;
  const ordered = leadingTerms(
    soft.logits.flatMap((l) => l.terms),
    constant2
  );
  if (ordered === void 0 || ordered.order >= 0) {
    const reason = ordered === void 0 ? "it stands in the log joint in another way than as a power or in a logarithm" : "no term of the log joint grows as it goes to zero";
    return { value: void 0, problems: [{ kind: "limit-not-derivable", constant: constant2, reason, span }] };
  }
  const logits = soft.logits.map((l) => ({ line: l.line, terms: ordered.leading.filter((t) => t.line === l.line) })).filter((l) => l.terms.length > 0);
  return { value: { ...soft, logits, assignment: "hard" }, problems: [] };
}
var logitExpr = (posterior) => add(...posterior.logits.map((l) => toExpr(l.terms)));
function marginal(posterior, model) {
  return sum(
    posterior.rows,
    multiply(...weightOf(model, [posterior.rows]), logsumexp(posterior.component, logitExpr(posterior)))
  );
}
var responsibilityExpr = (posterior) => exp(subtract(logitExpr(posterior), logsumexp(posterior.component, logitExpr(posterior))));
var responsibility = (posterior) => symbol2(posterior.name, "responsibility", [
  running(posterior.rows.index),
  running(posterior.component.index)
]);
function expectation(joint, posterior) {
  if (posterior === void 0) return joint;
  return joint.map((t) => ({
    ...t,
    factors: t.factors.map(
      (f) => replace(f, (part) => part.kind === "indicator" ? responsibility(posterior) : void 0)
    )
  }));
}
function entropyTerm(posterior, model) {
  const r = responsibility(posterior);
  const ranges = [posterior.rows, posterior.component];
  return multiply(
    number(-1),
    sum(
      ranges[0],
      sum(
        ranges[1],
        multiply(...weightOf(model, [posterior.rows]), r, { kind: "function", name: "log", argument: r })
      )
    )
  );
}

// src/derive/document.ts
function document(parts) {
  const updates = parts.maximised.map((m) => updateSection(m, parts));
  return (statistics) => [
    jointSection(parts),
    whySection(parts),
    ...parts.posterior === void 0 ? [] : [expectationSection(parts)],
    qSection(parts, statistics),
    ...updates,
    ...parts.limit === void 0 ? [] : [limitSection(parts)],
    algorithmSection(parts)
  ];
}
var reasonText = (reason, name) => reason.map((r) => typeof r === "string" ? r : printText(name(r))).join("");
var prose = (text) => ({ kind: "prose", text });
var steps = (...list) => ({ kind: "steps", steps: list });
var quantity = (name) => symbol2(name, "constant", []);
function jointName(parts) {
  const names = parts.model.factors.map((f) => f.symbol);
  return `log p(${[...new Set(names)].reverse().join(", ")})`;
}
function observedName(parts) {
  const data = parts.model.factors.map((f) => f.symbol).filter((s) => parts.model.data.some((d) => d.name === s));
  return `log p(${[...new Set(data)].join(", ")})`;
}
function jointSection(parts) {
  const { model } = parts;
  const described = [...model.parameters, ...model.latents, ...model.data].filter(
    (s) => s.documentation !== void 0
  );
  const hidden = model.latents.map((l) => `\`${l.name}\``).join(", ");
  const first = parts.joint.length;
  return {
    id: "joint",
    title: "The log joint",
    blocks: [
      ...model.documentation === void 0 ? [] : [prose(model.documentation)],
      ...described.map((s) => prose(`\`${s.name}\`: ${s.documentation}`)),
      prose(
        `Every \`~\` line contributes its log density, summed over its plates.${hidden === "" ? " Nothing is hidden." : ` ${hidden} is hidden: a value that depends on it is written as a sum over the values it may take, each with the factor [z = k], which is 1 for the value it has and 0 for the others.`.replace(
          "[z = k]",
          indicatorText(parts)
        )}`
      ),
      steps(
        {
          rule: "write the densities",
          label: "densities",
          before: quantity(jointName(parts)),
          after: parts.jointExpr,
          relation: "definition",
          because: "the log of a product of densities is the sum of their logs",
          left: { expr: jointName(parts), sign: "=" }
        },
        {
          rule: "normal form",
          label: "multiplied out",
          before: parts.jointExpr,
          after: toExpr(parts.joint),
          relation: "equal",
          because: `logarithms of products and determinants opened, ${first} terms`,
          left: { expr: "", sign: "=" }
        }
      )
    ]
  };
}
var indicatorText = (parts) => {
  const p = parts.posterior;
  return p === void 0 ? "[z = k]" : `[${p.latent}[${p.rows.index}] = ${p.component.index}]`;
};
function whySection(parts) {
  const { posterior, model } = parts;
  if (posterior === void 0)
    return {
      id: "why-em",
      title: "Why no iteration is needed",
      blocks: [
        prose(
          parts.conditional ? "Nothing is hidden, so the log joint is maximised as it stands. The solutions below contain each other and are cycled, each a conditional maximisation." : "Nothing is hidden, so the log joint is maximised as it stands: setting its derivatives to zero gives the estimates below in closed form, in a single step."
        )
      ]
    };
  if (parts.limit !== void 0) return whyLimitSection(parts);
  const r = `${posterior.name}[${posterior.rows.index},${posterior.component.index}]`;
  const simplex2 = parts.maximised.find((m) => m.solution.multiplier !== void 0);
  const fixedPoints = parts.maximised.map((m) => ({
    label: printText(m.target.symbol),
    left: printText(m.target.symbol),
    relation: "=",
    right: parts.name(m.solution.value),
    note: ""
  }));
  return {
    id: "why-em",
    title: "Why EM",
    blocks: [
      prose(
        `What is observed has the marginal log-likelihood, in which the sum over ${indicatorText(parts)} stands inside the logarithm:`
      ),
      steps({
        rule: "sum over the latent",
        label: "marginal",
        before: quantity(observedName(parts)),
        after: marginal(posterior, model),
        relation: "definition",
        because: `the values of \`${posterior.latent}\` exclude each other, so their densities add`,
        left: { expr: observedName(parts), sign: "=" }
      }),
      prose(
        `Setting its derivative in a parameter to zero does not give a closed form. The derivative of log \u03A3_${posterior.component.index} exp(a_${posterior.component.index}) is \u03A3_${posterior.component.index} ${r} times the derivative of a_${posterior.component.index}, where ${r} is the share of ${posterior.component.index} in the sum, the posterior probability of ${indicatorText(parts)}. So the equations read as if ${r} were known weights, and they can be solved for each parameter, but ${r} itself contains the parameters: the solution is a fixed point.`
      ),
      ...simplex2 === void 0 ? [] : [prose(lagrangePrinciple(simplex2))],
      { kind: "equations", entries: fixedPoints },
      prose(
        `EM solves these equations by turns: hold ${r}, solve for the parameters (M-step); hold the parameters, compute ${r} (E-step). That this climbs is seen from a lower bound, which holds for any weights that sum to one over ${posterior.component.index} and touches where they are the posterior:`
      ),
      steps({
        rule: "bound",
        label: "lower bound",
        before: marginal(posterior, model),
        after: add(toExpr(dataTerms(parts)), entropyTerm(posterior, model)),
        relation: "at most",
        because: "the logarithm is concave (Jensen); the E-step makes it touch, the M-step raises the first sum, called Q",
        left: { expr: observedName(parts), sign: "\u2265" }
      }),
      prose(
        "The alternative is gradient ascent on the marginal log-likelihood: the same derivatives, a step of some learning rate along them, again and again. It needs the rate to be chosen and the constraints (weights that sum to one, covariances that stay positive definite) to be parametrised away; the EM step needs neither and never lowers the objective."
      )
    ]
  };
}
function whyLimitSection(parts) {
  const { constant: constant2 } = parts.limit;
  const simplex2 = parts.maximised.find((m) => m.solution.multiplier !== void 0);
  return {
    id: "why-em",
    title: "Why EM",
    blocks: [
      prose(
        `For every ${constant2} > 0 this is a model whose marginal log-likelihood has a sum inside the logarithm:`
      ),
      {
        kind: "equations",
        entries: [
          {
            label: "marginal",
            left: observedName(parts),
            relation: "=",
            right: softMarginal(parts),
            note: ""
          }
        ]
      },
      prose(
        `Its derivatives vanish at a fixed point that EM finds by turns (E-step: the posterior of the latent; M-step: the parameters given it). Both steps have a limit as ${constant2} goes to zero, and the limit of the algorithm is derived here.`
      ),
      ...simplex2 === void 0 ? [] : [prose(lagrangePrinciple(simplex2))]
    ]
  };
}
var dataTerms = (parts) => parts.q.filter((t) => !parts.factors.some((f) => f.line === t.line && f.role === "prior"));
function lagrangePrinciple(m) {
  const { constraint, bound } = m.solution.multiplier;
  return `Where a parameter is bound by an equation g(\u03B8) = c, a maximum lies where the gradients are parallel, \u2207f = \u03BB \u2207g: along the surface f does not change to first order. The number \u03BB is the Lagrange multiplier; it is found from the equation itself. Here \`${m.parameter.name}\` is bound by ${printText(constraint)} = ${printText(bound)}.`;
}
function expectationSection(parts) {
  const posterior = parts.posterior;
  const r = responsibility(posterior);
  const hard = posterior.assignment === "hard";
  return {
    id: "e-step",
    title: "E-step",
    blocks: [
      prose(
        hard ? `The factors that contain \`${posterior.latent}[${posterior.rows.index}]\`, of the leading order in \`${parts.limit.constant}\`: the posterior puts all its weight on the value that has the largest.` : `The posterior of \`${posterior.latent}[${posterior.rows.index}]\`: the factors that contain it, divided by their sum over ${posterior.component.index}. It is computed in the log domain with the largest taken out; the logarithm of the normaliser, summed over rows, is the log-likelihood, so that one pass gives both.`
      ),
      hard ? {
        kind: "equations",
        entries: [
          {
            label: "assignment",
            left: r,
            relation: "=",
            right: symbol2(
              `1 where ${posterior.component.index} is the largest of ${printText(logitExpr(posterior))}, else 0`,
              "constant",
              []
            ),
            note: `ties go to the lowest ${posterior.component.index}`
          }
        ]
      } : steps({
        rule: "posterior",
        label: "responsibility",
        before: r,
        after: responsibilityExpr(posterior),
        relation: "definition",
        because: "Bayes\u2019 rule",
        left: { expr: r, sign: "=" }
      })
    ]
  };
}
function qSection(parts, statistics) {
  const { posterior } = parts;
  const blocks = [];
  if (posterior !== void 0)
    blocks.push(
      prose(
        `Q is the expectation of the log joint over \`${posterior.latent}\`, the parameters in the posterior held where they are. The log joint is linear in ${indicatorText(parts)}, whose expectation is ${printText(responsibility(posterior))}.`
      ),
      steps({
        rule: "expect",
        label: "Q",
        before: toExpr(parts.joint),
        after: toExpr(parts.q),
        relation: "expectation",
        because: `the expectation of ${indicatorText(parts)} is ${printText(responsibility(posterior))}`,
        left: { expr: "Q", sign: "=" }
      })
    );
  if (statistics.length > 0)
    blocks.push(prose("All that the M-step needs of the rows are these sums, the sufficient statistics:"), {
      kind: "definitions",
      entries: statistics.map((s) => ({
        name: s.name,
        left: symbol2(
          s.name,
          "statistic",
          s.ranges.map((range) => running(range.index)),
          s.shape
        ),
        right: s.definition,
        note: ""
      }))
    });
  return {
    id: "q",
    title: posterior === void 0 ? "Sufficient statistics" : "Q and its sufficient statistics",
    blocks
  };
}
function updateSection(m, parts) {
  const { solution: solution2, target, parameter } = m;
  const q = toExpr(parts.q);
  const own = toExpr(m.terms);
  const list = [
    {
      rule: "terms of the parameter",
      label: "terms of Q",
      before: q,
      after: own,
      relation: "up to a constant",
      because: `the other terms do not contain \`${parameter.name}\`${parts.limit === void 0 ? "" : ", or are of lower order"}`,
      parameter: parameter.name
    }
  ];
  if (solution2.collected !== void 0)
    list.push({
      rule: "collect",
      label: "that is",
      before: own,
      after: parts.name(sums(target.ranges, solution2.collected)),
      relation: "equal",
      because: "sums over rows written by their names",
      parameter: parameter.name
    });
  const before = list[list.length - 1].after;
  const { multiplier } = solution2;
  if (multiplier !== void 0) {
    const lagrange = symbol2("\u03BB", "constant", []);
    list.push({
      rule: "add the multiplier",
      label: "Lagrangian",
      before,
      after: add(
        before,
        sums(target.ranges, multiply(lagrange, subtract(multiplier.bound, multiplier.constraint)))
      ),
      relation: "equal",
      because: `the added term is zero where ${printText(multiplier.constraint)} = ${printText(multiplier.bound)}`,
      parameter: parameter.name
    });
  }
  list.push({
    rule: "differentiate",
    label: `\u2202/\u2202${entryText(m)} = 0`,
    before: own,
    after: parts.name(solution2.gradient),
    relation: "derivative",
    because: multiplier === void 0 ? `the derivative in \`${parameter.name}\`` : `with \u03BB = ${printText(parts.name(multiplier.lambda))}, ${multiplier.how}`,
    parameter: parameter.name,
    left: { expr: "0", sign: "=" }
  });
  list.push({
    rule: "solve",
    label: "update",
    before: parts.name(solution2.gradient),
    after: parts.name(solution2.value),
    relation: "root",
    because: reasonText(solution2.secondOrder, parts.name),
    parameter: parameter.name,
    left: {
      expr: entryText(m),
      sign: "\u2190"
    }
  });
  if (m.floors.length > 0)
    list.push({
      rule: "apply the floor",
      label: "with the floor",
      before: parts.name(solution2.value),
      after: parts.name(m.value),
      relation: "definition",
      because: "the terms rise up to the solution and fall after it, so under a floor the best value is the larger of the two",
      parameter: parameter.name,
      left: { expr: target.symbol, sign: "\u2190" }
    });
  const held = target.held.map((h) => `\`${parameter.name}[${h.at.join(", ")}]\` is held at ${printText(h.value)}.`).join(" ");
  const why = multiplier === void 0 ? void 0 : `\`${parameter.name}\` is ${multiplier.what}, ${printText(multiplier.constraint)} = ${printText(multiplier.bound)}: a Lagrange multiplier.`;
  return {
    id: "m-step",
    title: `M-step \xB7 ${parameter.name}`,
    blocks: [
      ...[why, held === "" ? void 0 : held].flatMap((text) => text === void 0 ? [] : [prose(text)]),
      steps(...list)
    ]
  };
}
function limitSection(parts) {
  const limit = parts.limit;
  const posterior = parts.posterior;
  const dropped = limit.dropped.map((d) => `\`${d}\``).join(", ");
  return {
    id: "limit",
    title: `The limit ${limit.constant} \u2192 0+`,
    blocks: [
      prose(
        `The logits are (g + ${limit.constant} h) / ${limit.constant} with g of the leading order. As ${limit.constant} goes to zero their softmax tends to the indicator of the largest g${dropped === "" ? "" : `; ${dropped} is of the order of ${limit.constant} beside it and drops out of the E-step (it is still estimated)`}. The objective, times \u22122 ${limit.constant}, tends to the inertia:`
      ),
      steps({
        rule: "let the constant go to zero",
        label: "inertia",
        before: multiply(
          number(-2),
          symbol2(limit.constant, "constant", [], [], "positive"),
          softMarginal(parts)
        ),
        after: limit.objective,
        relation: "limit",
        because: `${limit.constant} log \u03A3 exp(g / ${limit.constant}) tends to the largest g; ${limit.constant} log ${limit.constant} tends to zero`,
        left: { expr: "inertia", sign: "=" }
      }),
      prose(
        `Conditions: ties go to the lowest ${posterior.component.index}; a component that owns no row keeps its parameters.`
      )
    ]
  };
}
function softMarginal(parts) {
  const posterior = parts.posterior;
  const logits = parts.factors.filter((f) => f.role !== "prior").map((f) => f.density);
  const { rows, component } = posterior;
  return sum(rows, multiply(...weightOf(parts.model, [rows]), logsumexp(component, add(...logits))));
}
function algorithmSection(parts) {
  const order = parts.maximised.map((m) => `\`${m.parameter.name}\``).join(", then ");
  const how = parts.posterior === void 0 ? parts.conditional ? `Cycle: ${order}, each with the others held (ECM).` : `One step: ${order}.` : `Repeat until the objective stops changing: E-step; then ${order}.${parts.conditional ? " Their solutions contain each other, so each is a conditional maximisation (ECM): Q still rises in every step." : " Each solution contains only what was computed before it, so together they are the maximum of Q."}`;
  return {
    id: "algorithm",
    title: "The algorithm",
    blocks: [
      prose(how),
      {
        kind: "equations",
        entries: [
          ...parts.updates.map((u) => ({
            label: "",
            left: symbolText(u, parts),
            relation: "\u2190",
            right: u.value,
            note: ""
          })),
          {
            label: "degrees of freedom",
            left: "df",
            relation: "=",
            right: parts.degreesOfFreedom,
            note: ""
          }
        ]
      }
    ]
  };
}
var symbolText = (update, parts) => entryText(parts.maximised.find((m) => m.parameter.name === update.parameter));
function entryText({ target, solution: solution2, parameter }) {
  const indices = [
    ...target.ranges.map((r) => r.index),
    ...solution2.multiplier?.index === void 0 ? [] : [solution2.multiplier.index]
  ];
  return indices.length === 0 ? parameter.name : `${parameter.name}[${indices.join(",")}]`;
}

// src/derive/collect.ts
var termsOf = (q, parameter) => q.filter((t) => t.factors.some((f) => containsSymbol(f, parameter)));
var ownFactors = (t, parameter) => t.factors.filter((f) => containsSymbol(f, parameter));
function strip(t, parameter, ranges) {
  const uses = t.factors.flatMap((f) => occurrences(f, parameter));
  let { factors, sums: left } = t;
  for (const use of uses) {
    for (const [n, range] of ranges.entries()) {
      const index = use.indices[n];
      if (index === void 0 || index.kind !== "running") return void 0;
      left = left.filter((s) => s.index !== index.index);
      if (index.index !== range.index)
        factors = factors.map((f) => reindex(f, index.index, { kind: "running", index: range.index }));
    }
  }
  return { ...t, factors, sums: left };
}
var occurrences = (e, parameter) => e.kind === "symbol" ? e.name === parameter ? [e] : [] : partsOf(e).flatMap((part) => occurrences(part, parameter));
function gather(ranges, factors, body, context) {
  const rows = context.rows === void 0 ? void 0 : ranges.find((r) => r.index === context.rows?.index);
  const outerRanges = ranges.filter((r) => r !== rows);
  const pieces = [...factors, ...body.kind === "multiply" ? body.factors : [body]];
  if (rows === void 0) return sumOver(outerRanges, multiply(...pieces), context);
  const chain = pieces.find((f) => f.kind === "product");
  if (chain?.kind === "product") {
    const split = chain.factors.findIndex((f) => dependsOn(f, rows.index));
    if (split > 0) {
      const inner = gather(
        [rows],
        pieces.filter((f) => f !== chain && dependsOn(f, rows.index)),
        product(...chain.factors.slice(split)),
        context
      );
      const outside2 = pieces.filter((f) => f !== chain && !dependsOn(f, rows.index));
      return sumOver(
        outerRanges,
        multiply(...outside2, product(...chain.factors.slice(0, split), inner)),
        context
      );
    }
  }
  const inside = pieces.filter((f) => dependsOn(f, rows.index));
  const outside = pieces.filter((f) => !dependsOn(f, rows.index));
  const insideTensor = inside.some((f) => shapeOf(f).length > 0);
  const outsideTensor = outside.find((f) => shapeOf(f).length > 0);
  const rowSum = inside.length === 0 ? size(rows.dim) : sum(rows, multiply(...inside));
  if (insideTensor && outsideTensor !== void 0) throw new Error("two tensors in one term");
  return sumOver(outerRanges, multiply(...outside, rowSum), context);
}
var gatherOuter = (ranges, factors, body, context) => sumOver(ranges, multiply(...factors, body), context);
function sumOver(ranges, body, context) {
  return ranges.reduceRight((inner, range) => {
    const collapsed = collapse(inner, range, context);
    if (collapsed !== void 0) return collapsed;
    const factors = inner.kind === "multiply" ? inner.factors : [inner];
    const free = factors.filter((f) => !dependsOn(f, range.index));
    const bound = factors.filter((f) => dependsOn(f, range.index));
    if (bound.length === 0) return multiply(size(range.dim), inner);
    return free.length === 0 ? sum(range, inner) : multiply(...free, sum(range, multiply(...bound)));
  }, body);
}
function collapse(body, range, context) {
  const r = context.responsibility;
  if (r === void 0 || range.index !== r.component.index || context.rows === void 0) return void 0;
  const factors = body.kind === "multiply" ? body.factors : [body];
  const withComponent = factors.filter((f) => dependsOn(f, range.index));
  const only = withComponent[0];
  if (withComponent.length !== 1 || only?.kind !== "sum" || only.range.index !== context.rows.index)
    return void 0;
  const inner = only.body.kind === "multiply" ? only.body.factors : [only.body];
  const responsibilities = inner.filter(
    (f) => f.kind === "symbol" && f.role === "responsibility" && f.name === r.name
  );
  const rest = inner.filter((f) => !responsibilities.includes(f));
  if (responsibilities.length !== 1 || rest.some((f) => dependsOn(f, range.index))) return void 0;
  const summed = rest.length === 0 ? size(context.rows.dim) : sum(context.rows, multiply(...rest));
  return multiply(...factors.filter((f) => f !== only), summed);
}
function withNumberOutside(part) {
  const factors = part.rest.kind === "multiply" ? part.rest.factors : [part.rest];
  const value = factors.reduce((c, f) => f.kind === "number" ? c * f.value : c, 1);
  return {
    coefficient: part.coefficient * value,
    rest: multiply(...factors.filter((f) => f.kind !== "number"))
  };
}
function factorOut(parts) {
  const first = parts[0];
  if (first === void 0) return { coefficient: 0, rest: ONE };
  const merged = /* @__PURE__ */ new Map();
  for (const part of parts.map(withNumberOutside)) {
    const key = printKey(part.rest);
    const seen = merged.get(key);
    merged.set(key, seen ? { ...seen, coefficient: seen.coefficient + part.coefficient } : part);
  }
  const list = [...merged.values()].filter((p) => p.coefficient !== 0);
  if (list.length === 0) return { coefficient: 0, rest: ONE };
  const coefficient = list[0].coefficient;
  return {
    coefficient,
    rest: add(...list.map((p) => multiply(number(p.coefficient / coefficient), p.rest)))
  };
}
function quotient(top, bottom) {
  if (isNumber(bottom, 1)) return top;
  const topFactors = [...top.kind === "multiply" ? top.factors : [top]];
  const bottomFactors = [...bottom.kind === "multiply" ? bottom.factors : [bottom]];
  for (const factor of [...bottomFactors]) {
    if (factor.kind === "number") continue;
    const at2 = topFactors.findIndex((f) => shapeOf(f).length === 0 && printKey(f) === printKey(factor));
    if (at2 >= 0) {
      topFactors.splice(at2, 1);
      bottomFactors.splice(bottomFactors.indexOf(factor), 1);
    }
  }
  const rest = bottomFactors.length === 0 ? ONE : multiply(...bottomFactors);
  return isNumber(rest, 1) ? multiply(...topFactors) : divide(multiply(...topFactors), rest);
}

// src/derive/solve/types.ts
var refused = (reason) => ({ kind: "refused", reason });
var solved = (solution2) => ({ kind: "solved", solution: solution2 });

// src/derive/solve/covariance.ts
var covariance = {
  name: "log-determinant and trace",
  source: "Mardia, Kent, Bibby: Multivariate Analysis (1979), theorem 4.2.1; Anderson (2003), lemma 3.2.2",
  attempt: (terms, target, context) => {
    if (target.fact !== "symmetric-positive")
      return refused("the parameter is not a covariance or precision matrix");
    const determinants = [];
    const traces = [];
    for (const t of terms) {
      const own = ownFactors(t, target.name);
      const factor = own[0];
      const others = t.factors.filter((f) => !own.includes(f));
      if (own.length > 1) return refused(`${own.map(printText).join(" and ")} stand in one product`);
      if (factor.kind === "logdet" && factor.of.kind === "symbol") {
        determinants.push({ coefficient: t.coefficient, rest: gather(t.sums, others, ONE, context) });
        continue;
      }
      const read = readTrace(factor, target.name);
      if (read === void 0) return refused(`${target.name} stands inside ${printText(factor)}`);
      traces.push({
        coefficient: t.coefficient,
        rest: gather(t.sums, others, read.body, context),
        inverted: read.inverted
      });
    }
    if (determinants.length === 0 || traces.length === 0)
      return refused(`needs log|${target.name}| and a quadratic form or trace of it`);
    const isCovariance = traces[0].inverted;
    if (traces.some((t) => t.inverted !== isCovariance))
      return refused(`${target.name} stands as itself and as its inverse`);
    const a = factorOut(determinants);
    const b = factorOut(traces);
    const matrix2 = quotient(
      multiply(number(isCovariance ? b.coefficient / a.coefficient : -b.coefficient / a.coefficient), b.rest),
      a.rest
    );
    const theta = target.symbol;
    return solved({
      value: isCovariance ? matrix2 : inverse(matrix2),
      collected: add(
        multiply(number(a.coefficient), a.rest, logdet(theta)),
        multiply(number(b.coefficient), trace(product(isCovariance ? inverse(theta) : theta, b.rest)))
      ),
      gradient: isCovariance ? add(
        multiply(number(a.coefficient), a.rest, inverse(theta)),
        multiply(number(-b.coefficient), product(inverse(theta), b.rest, inverse(theta)))
      ) : add(
        multiply(number(a.coefficient), a.rest, inverse(theta)),
        multiply(number(b.coefficient), b.rest)
      ),
      divisor: a.rest,
      secondOrder: ["a maximum: the terms are concave in ", isCovariance ? inverse(theta) : theta],
      unimodal: false
    });
  }
};
function readTrace(factor, name) {
  if (factor.kind === "quadratic" && !containsSymbol(factor.vector, name) && shapeOf(factor.vector).length === 1) {
    const body = outer(factor.vector, factor.vector);
    if (factor.matrix.kind === "inverse" && factor.matrix.of.kind === "symbol")
      return { body, inverted: true };
    if (factor.matrix.kind === "symbol") return { body, inverted: false };
  }
  if (factor.kind === "trace" && factor.of.kind === "product" && factor.of.factors.length === 2) {
    const [left, right] = factor.of.factors;
    if (!containsSymbol(left, name)) {
      if (right.kind === "inverse" && right.of.kind === "symbol") return { body: left, inverted: true };
      if (right.kind === "symbol") return { body: left, inverted: false };
    }
  }
  return void 0;
}

// src/derive/solve/linear.ts
var linear = {
  name: "quadratic form of an affine residual",
  source: "Mardia, Kent, Bibby: Multivariate Analysis (1979), 6.2; Bishop (2006), 3.15 and 9.17",
  attempt: (terms, target, context) => {
    const pieces = [];
    for (const t of terms) {
      const piece2 = readTerm(t, target);
      if (typeof piece2 === "string") return refused(piece2);
      pieces.push(piece2);
    }
    return solveNormalEquations(pieces, target, context);
  }
};
function readTerm(t, target) {
  const own = ownFactors(t, target.name);
  const factor = own[0];
  if (own.length > 1) return `${own.map(printText).join(" and ")} stand in one product`;
  if (factor.kind !== "quadratic")
    return `${target.name} stands in ${printText(factor)}, which is no quadratic form`;
  if (containsSymbol(factor.matrix, target.name))
    return `${target.name} stands in the precision of ${printText(factor)}`;
  const summands2 = factor.vector.kind === "add" ? factor.vector.terms : [factor.vector];
  const mine = summands2.filter((s) => containsSymbol(s, target.name));
  const design = mine.length === 1 ? readDesign(mine[0], target) : void 0;
  if (design === void 0)
    return `the residual ${printText(factor.vector)} is not affine in ${target.name} in a form that is solved`;
  return {
    coefficient: t.coefficient,
    sums: t.sums,
    others: t.factors.filter((f) => f !== factor),
    precision: factor.matrix,
    design,
    rest: summands2.filter((s) => !mine.includes(s))
  };
}
function readDesign(summand, target) {
  const { name } = target;
  const factors = summand.kind === "multiply" ? summand.factors : [summand];
  const holder = factors.filter((f) => containsSymbol(f, name));
  if (holder.length !== 1) return void 0;
  const core = holder[0];
  const scale = multiply(...factors.filter((f) => f !== core));
  const isTheta = (e) => e.kind === "symbol" && e.name === name;
  if (isTheta(core)) {
    if (target.shape.length === 0) return { kind: "column", column: scale };
    return shapeOf(scale).length === 0 ? { kind: "identity", scale } : void 0;
  }
  if (shapeOf(scale).length > 0) return void 0;
  if (core.kind === "dot") {
    if (isTheta(core.left) && !containsSymbol(core.right, name))
      return { kind: "row", scale, row: core.right };
    if (isTheta(core.right) && !containsSymbol(core.left, name))
      return { kind: "row", scale, row: core.left };
  }
  if (core.kind === "product") {
    const first = core.factors[0];
    const last = core.factors[core.factors.length - 1];
    if (isTheta(last)) return { kind: "matrix", scale, matrix: product(...core.factors.slice(0, -1)) };
    if (isTheta(first)) return { kind: "coefficients", scale, regressors: product(...core.factors.slice(1)) };
  }
  return void 0;
}
var variesInSum = (e, sums2) => sums2.some((s) => dependsOn(e, s.index));
function solveNormalEquations(pieces, target, context) {
  const first = pieces[0];
  const sharedScalars = first.others.filter(
    (f) => !pieces.some((p) => variesInSum(f, p.sums)) && pieces.every((p) => p.others.some((g) => printKey(g) === printKey(f)))
  );
  const designs = new Set(pieces.map((p) => p.design.kind));
  const precisionCancels = pieces.every(
    (p) => printKey(p.precision) === printKey(first.precision) && !variesInSum(p.precision, p.sums)
  ) && [...designs].every((d) => d === "identity" || d === "coefficients");
  const isScalarResidual = (p) => isNumber(p.precision, 1);
  if (designs.has("coefficients") && (!precisionCancels || designs.size > 1))
    return refused(
      `${target.name} is a matrix of coefficients and the precision differs between the terms that are summed`
    );
  const quadraticParts = [];
  const linearParts = [];
  for (const p of pieces) {
    const others = p.others.filter((f) => !sharedScalars.some((s) => printKey(s) === printKey(f)));
    const precision = precisionCancels || isScalarResidual(p) ? void 0 : p.precision;
    const { square, cross } = designProducts(p.design, precision, target);
    const put = (list, sign, body) => {
      if (isNumber(body, 0)) return;
      list.push({ coefficient: sign * -2 * p.coefficient, rest: gather(p.sums, others, body, context) });
    };
    put(quadraticParts, 1, square);
    for (const u of p.rest) put(linearParts, -1, cross(u));
  }
  const A = factorOut(quadraticParts);
  const b = factorOut(linearParts);
  const left = multiply(number(1), A.rest);
  const right = linearParts.length === 0 ? zeroLike(target) : multiply(number(b.coefficient / A.coefficient), b.rest);
  const isDivision = shapeOf(left).length === 0;
  const isCoefficients = designs.has("coefficients");
  const value = isDivision ? quotient(right, left) : isCoefficients ? transpose(solve(left, transposeSum(right))) : solve(left, right);
  const moved = isDivision ? multiply(left, target.symbol) : isCoefficients ? product(target.symbol, left) : product(left, target.symbol);
  const equation = subtract(right, moved);
  const factor = multiply(number(A.coefficient), ...sharedScalars);
  const withPrecision = precisionCancels && !isNumber(first.precision, 1) && first.precision.kind !== "identity";
  return solved({
    value,
    gradient: multiply(factor, withPrecision ? product(first.precision, equation) : equation),
    divisor: left,
    secondOrder: isDivision ? ["a maximum: the second derivative is negative where ", left, " > 0"] : ["a maximum: the matrix ", left, " is positive definite"],
    unimodal: false
  });
}
var zeroLike = (target) => target.shape.length === 0 ? ZERO : { kind: "fill", value: ZERO, dim: target.shape[0] };
function transposeSum(e) {
  if (e.kind === "add") {
    return add(...e.terms.map(transposeSum));
  }
  if (e.kind === "sum") {
    return { ...e, body: transposeSum(e.body) };
  }
  if (e.kind === "multiply") {
    return multiply(
      ...e.factors.map(
        (f) => shapeOf(f).length === 2 ? transposeSum(f) : f.kind === "sum" ? transposeSum(f) : f
      )
    );
  }
  if (e.kind === "outer") {
    return outer(e.right, e.left);
  }
  return shapeOf(e).length === 2 ? transposed(e) : e;
}
function squared(e) {
  const factors = e.kind === "multiply" ? e.factors : [e];
  return multiply(...factors.map((f) => power(f, 2)));
}
function designProducts(design, precision, target) {
  switch (design.kind) {
    case "identity": {
      const squared2 = power(design.scale, 2);
      const dim = target.shape[0];
      if (precision === void 0) return { square: squared2, cross: (u) => multiply(design.scale, u) };
      const p = precision.kind === "identity" ? identity(dim) : precision;
      return { square: multiply(squared2, p), cross: (u) => multiply(design.scale, product(p, u)) };
    }
    case "row":
      return {
        square: multiply(power(design.scale, 2), outer(design.row, design.row)),
        cross: (u) => multiply(design.scale, u, design.row)
      };
    case "column": {
      const { scale, core } = pullScale(design.column);
      if (shapeOf(design.column).length === 0)
        return { square: squared(design.column), cross: (u) => multiply(design.column, u) };
      const p = precision ?? identity(shapeOf(core)[0]);
      return {
        square: multiply(power(scale, 2), { kind: "quadratic", vector: core, matrix: p }),
        cross: (u) => multiply(scale, p.kind === "identity" ? dot(core, u) : dot(core, product(p, u)))
      };
    }
    case "matrix": {
      const m = design.matrix;
      const p = precision ?? identity(shapeOf(m)[0]);
      return {
        square: multiply(power(design.scale, 2), product(transposed(m), p, m)),
        cross: (u) => multiply(design.scale, product(transposed(m), p, u))
      };
    }
    case "coefficients":
      return {
        square: multiply(power(design.scale, 2), outer(design.regressors, design.regressors)),
        cross: (u) => multiply(design.scale, outer(u, design.regressors))
      };
  }
}

// src/derive/solve/log-power.ts
var logPower = {
  name: "logarithm and one power",
  source: "Mardia, Kent, Bibby: Multivariate Analysis (1979), 4.2.2; Celeux, Govaert (1995), model [\u03BBI] and [\u03BBB]",
  attempt: (terms, target, context) => {
    if (target.fact !== "positive" || target.shape.length > 1)
      return refused("the parameter is not a positive number or a vector of them");
    const logs = [];
    const powers = [];
    for (const t of terms) {
      const read = readTerm2(t, target, context);
      if (typeof read === "string") return refused(read);
      if (read.exponent === 0) logs.push(read.factored);
      else powers.push({ ...read.factored, exponent: read.exponent });
    }
    const exponent = powers[0]?.exponent;
    if (logs.length === 0 || exponent === void 0)
      return refused(`needs a term in log ${target.name} and one in a power of it`);
    if (powers.some((p) => p.exponent !== exponent))
      return refused(`${target.name} stands in several powers`);
    const a = factorOut(logs);
    const b = factorOut(powers);
    const value = exponent < 0 ? power(
      quotient(multiply(number(-exponent * b.coefficient / a.coefficient), b.rest), a.rest),
      -1 / exponent
    ) : power(
      quotient(multiply(number(-a.coefficient / (exponent * b.coefficient)), a.rest), b.rest),
      1 / exponent
    );
    const gradient = add(
      multiply(number(a.coefficient), a.rest, power(target.symbol, -1)),
      elementwise(multiply(number(exponent * b.coefficient), b.rest), power(target.symbol, exponent - 1))
    );
    return solved({
      value,
      collected: collectedTerms(a, b, exponent, target),
      gradient,
      divisor: exponent < 0 ? a.rest : b.rest,
      secondOrder: [
        "a maximum: in t = log ",
        target.symbol,
        ` the terms are a t + b e^(${exponent === 1 ? "" : exponent === -1 ? "\u2212" : String(exponent).replace("-", "\u2212")}t) with b < 0, which is concave`
      ],
      unimodal: true
    });
  }
};
function collectedTerms(a, b, exponent, target) {
  const dim = target.shape[0];
  if (dim === void 0)
    return add(
      multiply(number(a.coefficient), a.rest, log(target.symbol)),
      multiply(number(b.coefficient), b.rest, power(target.symbol, exponent))
    );
  const range = { index: "d", dim };
  const entry = element(target.symbol, [running("d")]);
  return add(
    multiply(number(a.coefficient), a.rest, sum(range, log(entry))),
    multiply(
      number(b.coefficient),
      sum(range, multiply(element(b.rest, [running("d")]), power(entry, exponent)))
    )
  );
}
function elementwise(left, right) {
  return { kind: "multiply", factors: [...left.kind === "multiply" ? left.factors : [left], right] };
}
function readTerm2(t, target, context) {
  const own = ownFactors(t, target.name);
  const factor = own[0];
  const others = t.factors.filter((f) => !own.includes(f));
  if (own.length > 1) return `${own.map((f) => printText(f)).join(" and ")} stand in one product`;
  const isVector = target.shape.length === 1;
  const done = (exponent, ranges = t.sums, body = ONE) => ({
    exponent,
    factored: { coefficient: t.coefficient, rest: gather(ranges, others, body, context) }
  });
  if (!isVector) {
    if (factor.kind === "function" && factor.name === "log" && factor.argument.kind === "symbol")
      return done(0);
    if (factor.kind === "symbol") return done(1);
    if (factor.kind === "power" && factor.base.kind === "symbol") return done(factor.exponent);
    return `${target.name} stands inside ${printText(factor)}`;
  }
  if (factor.kind === "function" && factor.name === "log" && factor.argument.kind === "element") {
    const coordinate = factor.argument.coordinates[0];
    if (coordinate?.kind !== "running" || others.some((f) => printText(f).includes(`,${coordinate.index}]`)))
      return `${printText(factor)} is not summed over all coordinates alike`;
    return done(
      0,
      t.sums.filter((s) => s.index !== coordinate.index)
    );
  }
  if (factor.kind === "quadratic" && !containsSymbol(factor.vector, target.name) && factor.matrix.kind === "diag") {
    const weight = factor.matrix.of;
    if (weight.kind === "power" && weight.base.kind === "symbol")
      return done(weight.exponent, t.sums, power(factor.vector, 2));
    if (weight.kind === "symbol") return done(1, t.sums, power(factor.vector, 2));
  }
  return `${target.name} stands inside ${printText(factor)}`;
}

// src/derive/solve/decomposed.ts
function readDecomposed(factor) {
  if (factor.kind !== "quadratic") return void 0;
  const { vector: vector3, matrix: matrix2 } = factor;
  if (matrix2.kind === "diag") return { residual: vector3, axes: void 0, weights: matrix2.of };
  if (matrix2.kind !== "product" || matrix2.factors.length !== 3) return void 0;
  const [left, middle, right] = matrix2.factors;
  if (left.kind !== "symbol" || middle.kind !== "diag" || right.kind !== "transpose") return void 0;
  if (right.of.kind !== "symbol" || right.of.name !== left.name) return void 0;
  return { residual: vector3, axes: left, weights: middle.of };
}
function overRows(t, own, body, context) {
  const index = context.rows?.index ?? "";
  const others = t.factors.filter((f) => f !== own);
  const inside = others.filter((f) => dependsOn(f, index));
  return {
    rows: gather(
      t.sums.filter((s) => s.index === index),
      inside,
      body,
      context
    ),
    others: others.filter((f) => !inside.includes(f)),
    sums: t.sums.filter((s) => s.index !== index)
  };
}
function spread(t, own, d, context) {
  if (d.axes === void 0)
    return gather(
      t.sums,
      t.factors.filter((f) => f !== own),
      power(d.residual, 2),
      context
    );
  const { rows, others, sums: sums2 } = overRows(t, own, outer(d.residual, d.residual), context);
  return gatherOuter(sums2, others, diagonal(product(transpose(d.axes), rows, d.axes)), context);
}

// src/derive/solve/orthogonal.ts
var orthogonal = {
  name: "orthogonal axes of traces",
  source: "Celeux, Govaert (1995), theorem A.2; Browne, McNicholas (2014)",
  attempt: (terms, target, context) => {
    if (target.fact !== "orthogonal") return refused("the parameter is not an orthogonal matrix");
    const parts = [];
    for (const t of terms) {
      const own = ownFactors(t, target.name);
      const factor = own[0];
      const d = own.length === 1 ? readDecomposed(factor) : void 0;
      if (d?.axes === void 0 || containsSymbol(d.weights, target.name) || containsSymbol(d.residual, target.name))
        return refused(`${target.name} stands inside ${own.map(printText).join(" and ")}`);
      const { rows, others, sums: sums2 } = overRows(t, factor, outer(d.residual, d.residual), context);
      const varying = sums2.filter((s) => dependsOn(d.weights, s.index));
      const inner = sums2.filter((s) => !varying.includes(s));
      parts.push({
        factored: { coefficient: t.coefficient, rest: gatherOuter(inner, others, rows, context) },
        weights: d.weights,
        sums: varying
      });
    }
    const first = parts[0];
    const range = first.sums[0];
    if (parts.some((p) => printKey(p.weights) !== printKey(first.weights)) || first.sums.length > 1)
      return refused(`the terms weigh the axes ${target.name} in several ways`);
    return solved(
      solution(
        parts.map((p) => p.factored),
        first.weights,
        range,
        target
      )
    );
  }
};
function solution(parts, weights, range, target) {
  const { coefficient, rest } = factorOut(parts);
  const scatter = multiply(number(-2 * coefficient), rest);
  const q = target.symbol;
  const w = diag(weights);
  const each = subtract(product(q, w, transpose(q), scatter, q), product(scatter, q, w));
  const gradient = multiply(number(0.5), range === void 0 ? each : sum(range, each));
  return {
    value: axes(range, weights, scatter, q),
    gradient,
    divisor: ONE,
    secondOrder: range === void 0 ? ["a maximum: the largest eigenvalue stands where ", weights, " is smallest"] : [
      "no closed form: each plane of two axes is turned to its maximum, again and again, and the terms never fall"
    ],
    unimodal: false
  };
}

// src/derive/solve/shape.ts
var shape = {
  name: "shape of product one",
  source: "Celeux, Govaert: Gaussian parsimonious clustering models (1995), theorem A.1",
  attempt: (terms, target, context) => {
    const dim = target.shape[0];
    if (target.fact !== "unit-product" || dim === void 0) return refused("the parameter is not a shape");
    const parts = [];
    for (const t of terms) {
      const own = ownFactors(t, target.name);
      const factor = own[0];
      const d = own.length === 1 ? readDecomposed(factor) : void 0;
      const isInverse = d?.weights.kind === "power" && d.weights.exponent === -1 && d.weights.base.kind === "symbol" && d.weights.base.name === target.name;
      if (d === void 0 || !isInverse || containsSymbol(d.residual, target.name))
        return refused(`${target.name} stands inside ${own.map(printText).join(" and ")}`);
      parts.push({ coefficient: t.coefficient, rest: spread(t, factor, d, context) });
    }
    const { coefficient, rest } = factorOut(parts);
    const b = multiply(number(-2 * coefficient), rest);
    const range = { index: "d", dim };
    const meanLog = divide(sum(range, log(element(b, [running("d")]))), size(dim));
    const lambda = multiply(number(0.5), exp(meanLog));
    return solved({
      value: multiply(exp(multiply(number(-1), meanLog)), b),
      gradient: subtract(
        elementwise2(multiply(number(0.5), b), power(target.symbol, -2)),
        multiply(lambda, power(target.symbol, -1))
      ),
      divisor: ONE,
      multiplier: {
        lambda,
        constraint: sum(range, log(element(target.symbol, [running("d")]))),
        bound: ZERO,
        index: void 0,
        what: "a shape, its product is one",
        how: "found from the product being one"
      },
      secondOrder: ["a maximum: in the logarithms of ", target.symbol, " the terms are concave"],
      unimodal: false
    });
  }
};
var elementwise2 = (left, right) => ({
  kind: "multiply",
  factors: [...left.kind === "multiply" ? left.factors : [left], right]
});

// src/derive/solve/simplex.ts
var simplex = {
  name: "simplex",
  source: "Bishop: Pattern Recognition and Machine Learning (2006), appendix E and 9.22",
  attempt: (terms, target, context) => {
    const dim = target.shape[0];
    if (target.fact !== "simplex" || dim === void 0) return refused("the parameter is not a simplex");
    const own = [];
    for (const t of terms) {
      const factors = ownFactors(t, target.name);
      const factor = factors[0];
      if (factors.length !== 1 || factor?.kind !== "function" || factor.name !== "log" || factor.argument.kind !== "element")
        return refused(`not linear in log ${target.name}: ${printText(factor ?? ONE)}`);
      const coordinate2 = factor.argument.coordinates[0];
      if (coordinate2?.kind !== "running") return refused(`${printText(factor)} names one entry`);
      const rest2 = gather(
        t.sums.filter((s) => s.index !== coordinate2.index),
        t.factors.filter((f) => f !== factor),
        ONE,
        context
      );
      own.push({ factored: { coefficient: t.coefficient, rest: rest2 }, index: coordinate2.index });
    }
    const { index } = own[0];
    const coordinate = { index, dim };
    const { coefficient, rest } = factorOut(
      own.map((o) => ({ ...o.factored, rest: reindex(o.factored.rest, o.index, running(index)) }))
    );
    const mass = multiply(number(coefficient), rest);
    return solved(solveSimplex(mass, coordinate, target, context));
  }
};
function solveSimplex(mass, coordinate, target, context) {
  const total = totalMass(mass, coordinate, context);
  const entry = element(target.symbol, [running(coordinate.index)]);
  const heldSum = add(...target.held.map((h) => h.value));
  const heldMass = add(
    ...target.held.map((h) => reindex(mass, coordinate.index, fixed(h.at[h.at.length - 1])))
  );
  const isHeld = target.held.length > 0;
  const left = isHeld ? subtract(total, heldMass) : total;
  const share = isHeld ? subtract(ONE, heldSum) : ONE;
  const lambda = isHeld ? divide(left, share) : left;
  return {
    collected: sum(coordinate, multiply(mass, log(entry))),
    value: isHeld ? multiply(share, divide(mass, left)) : quotient(mass, left),
    gradient: subtract(divide(mass, entry), lambda),
    divisor: left,
    multiplier: {
      lambda,
      constraint: sum(coordinate, entry),
      bound: ONE,
      index: coordinate.index,
      what: "a simplex, its entries sum to one",
      how: `found by summing ${target.name}[\u2026] over ${coordinate.index}`
    },
    secondOrder: [
      "a maximum: the second derivative is ",
      multiply(number(-1), mass, power(entry, -2)),
      " < 0"
    ],
    unimodal: false
  };
}
function totalMass(mass, coordinate, context) {
  const parts = mass.kind === "add" ? mass.terms : [mass];
  return add(...parts.map((p) => gather([coordinate], [], p, context)));
}

// src/derive/solve/forms.ts
var forms = [simplex, logPower, covariance, shape, orthogonal, linear];

// src/derive/maximise.ts
var FACTS2 = {
  positive: "positive",
  covariance: "symmetric-positive",
  orthogonal: "orthogonal",
  shape: "unit-product",
  simplex: "simplex"
};
function targetOf(parameter, model, constraints) {
  const ranges = parameter.plates.map((plate) => plateRange(plate, model));
  const shape2 = shapeDims(parameter.type, model);
  const fact = FACTS2[parameter.type.domain];
  return {
    name: parameter.name,
    ranges,
    shape: shape2,
    fact,
    symbol: symbol2(
      parameter.name,
      "parameter",
      ranges.map((r) => running(r.index)),
      shape2,
      fact
    ),
    held: constraints?.held ?? []
  };
}
function maximise(parameter, q, model, constraints, context) {
  const target = targetOf(parameter, model, constraints);
  const all = termsOf(q, parameter.name);
  if (all.length === 0) throw new Error(`${parameter.name} is in no term`);
  const ordered = model.limit === void 0 ? { leading: all, dropped: [], order: 0 } : leadingTerms(all, model.limit.constant);
  if (ordered === void 0)
    return fail({
      kind: "limit-not-derivable",
      constant: model.limit.constant,
      reason: `it stands beside \`${parameter.name}\` in another way than as a power`,
      span: model.limit.span
    });
  const terms = ordered.leading;
  const stripped = terms.map((t) => strip(t, parameter.name, target.ranges));
  const refusals = [];
  if (stripped.some((t) => t === void 0))
    refusals.push({ form: "all", reason: `\`${parameter.name}\` is read at a fixed index` });
  else
    for (const form of forms) {
      const attempt = form.attempt(stripped, target, context);
      if (attempt.kind === "refused") {
        refusals.push({ form: form.name, reason: attempt.reason });
        continue;
      }
      const floors = constraints?.floors ?? [];
      if (floors.length > 0 && !attempt.solution.unimodal) {
        const constraint = floors[0].constraint;
        const reason = `the terms in \`${parameter.name}\` are not unimodal in one positive number, so that clamping would not be the maximum`;
        return fail({
          kind: "constraint-not-solved",
          text: `${printText(floors[0].value)} <= ${parameter.name}`,
          reason,
          span: constraint.span
        });
      }
      const value = floors.reduce((v, f) => maximum(v, f.value), attempt.solution.value);
      const uses = [
        ...new Set(
          symbolsOf(value).flatMap(
            (s) => s.role === "parameter" && s.name !== parameter.name ? [s.name] : []
          )
        )
      ];
      return {
        value: {
          parameter,
          target,
          terms,
          form,
          solution: attempt.solution,
          value,
          floors: floors.map((f) => f.value),
          uses,
          droppedPriors: ordered.dropped.some((t) => isPriorLine(t.line, model))
        },
        problems: []
      };
    }
  return fail({
    kind: "no-form",
    parameter: parameter.name,
    span: parameter.span,
    terms: terms.map((t) => ({ text: printText(termToExpr(t)), span: lineSpan(t.line, model) })),
    refusals
  });
}
var fail = (problem) => ({
  value: void 0,
  problems: [problem]
});
var lineSpan = (line2, model) => model.factors.find((f) => f.line === line2).span;
var isPriorLine = (line2, model) => model.parameters.some((p) => p.prior === line2);
function orderUpdates(maximised) {
  const order = [];
  let waiting = [...maximised];
  let conditional = false;
  while (waiting.length > 0) {
    const names = new Set(waiting.map((m) => m.parameter.name));
    let next = waiting.find((m) => m.uses.every((u) => !names.has(u)));
    if (next === void 0) {
      conditional = true;
      next = waiting[0];
    }
    order.push(next);
    const taken = next;
    waiting = waiting.filter((m) => m !== taken);
  }
  return { order, conditional };
}

// src/derive/statistics.ts
function statisticNames(rows, component, plates, taken) {
  const known = /* @__PURE__ */ new Map();
  const used = new Set(taken);
  const nameOf3 = (whole) => {
    const fixed2 = fixedComponent(whole);
    const definition = fixed2 === void 0 ? whole : generalised(whole, fixed2, component);
    const key = printKey(definition);
    let statistic = known.get(key);
    if (statistic === void 0) {
      const ranges = plates.filter((p) => dependsOn(definition, p.index));
      const name = freshName(wantedNames(definition), used);
      used.add(name);
      statistic = { name, ranges, definition, shape: shapeOf(definition) };
      known.set(key, statistic);
    }
    return symbol2(
      statistic.name,
      "statistic",
      statistic.ranges.map(
        (r) => fixed2 !== void 0 && r.index === component?.index ? fixed2 : running(r.index)
      ),
      statistic.shape
    );
  };
  return {
    name: (e) => rows === void 0 ? e : replace(
      e,
      (part) => part.kind === "sum" && part.range.index === rows.index ? nameOf3(part) : void 0
    ),
    all: () => [...known.values()]
  };
}
function fixedComponent(e) {
  const r = symbolsOf(e).find((s) => s.role === "responsibility");
  const index = r?.indices[r.indices.length - 1];
  return index?.kind === "fixed" ? index : void 0;
}
function generalised(e, fixed2, component) {
  return replace(
    e,
    (part) => part.kind === "symbol" && part.role !== "data" ? {
      ...part,
      indices: part.indices.map(
        (i) => i.kind === "fixed" && fixed2.kind === "fixed" && i.value === fixed2.value ? running(component.index) : i
      )
    } : void 0
  );
}
function wantedNames(definition) {
  const body = definition.kind === "sum" ? definition.body : definition;
  const factors = body.kind === "multiply" ? body.factors : [body];
  const content = factors.filter(
    (f) => !(f.kind === "symbol" && (f.role === "responsibility" || f.role === "weight"))
  );
  const data = [
    ...new Set(
      symbolsOf(definition).filter((s) => s.role === "data").map((s) => s.name)
    )
  ];
  const suffix = data.join("_");
  if (content.length === 0)
    return factors.every((f) => f.kind === "symbol" && f.role === "weight") ? ["W", "n"] : ["n"];
  const isSecond = content.some((f) => f.kind === "outer" || f.kind === "quadratic" || f.kind === "power") || content.length > 1;
  return isSecond ? ["S", `S_${suffix}`, `T_${suffix}`] : ["s", `s_${suffix}`];
}

// src/derive/derive.ts
function derive(declared) {
  const unsupported = unsupportedPlates(declared);
  const { factors, problems: jointProblems } = jointFactors(declared);
  const model = usedParameters(declared, factors);
  const constraints = constraintsOf(model);
  const early = [...unsupported, ...jointProblems, ...constraints.problems];
  if (early.length > 0) return { value: void 0, problems: early };
  const posterior = posteriorOf(model, factors);
  if (posterior.problems.length > 0) return { value: void 0, problems: posterior.problems };
  const rowsPlate = model.plates.find((p) => p.range.kind === "rows");
  const rows = rowsPlate === void 0 ? void 0 : plateRange(rowsPlate.name, model);
  const joint = jointNormalForm(factors, model);
  const q = expectation(joint, posterior.value);
  const context = collectContext(model, rows, posterior.value);
  const results = model.parameters.map(
    (p) => maximise(p, q, model, constraints.byParameter.get(p.name), context)
  );
  const problems = results.flatMap((r) => r.problems);
  const solved2 = results.flatMap((r) => r.value === void 0 ? [] : [r.value]);
  if (solved2.length < results.length) return { value: void 0, problems };
  const { order, conditional } = orderUpdates(solved2);
  const plates = model.plates.filter((p) => p.range.kind === "count").map((p) => plateRange(p.name, model));
  const names = statisticNames(
    rows,
    posterior.value?.component,
    plates,
    /* @__PURE__ */ new Set([...namesOf(model), ...posterior.value ? [posterior.value.name] : []])
  );
  const updates = order.map((m) => ({
    parameter: m.parameter.name,
    ranges: m.target.ranges,
    form: m.form.name,
    source: m.form.source,
    value: names.name(m.value),
    held: m.target.held,
    secondOrder: reasonText(m.solution.secondOrder, names.name),
    uses: m.uses,
    divisor: names.name(m.solution.divisor)
  }));
  const droppedPriors = solved2.filter((m) => m.droppedPriors).map((m) => m.parameter.name);
  const partial = {
    model,
    factors,
    posterior: posterior.value,
    rows,
    joint,
    q,
    updates,
    conditional,
    closedForm: posterior.value === void 0 && !conditional,
    limit: limitResult(model, posterior.value, solved2),
    degreesOfFreedom: degreesOfFreedom(model, constraints.byParameter)
  };
  const sections = document({
    ...partial,
    jointExpr: add(...factors.map((f) => factorExpr(f, model))),
    maximised: order,
    name: names.name
  });
  return {
    value: { ...partial, statistics: names.all(), sections: sections(names.all()) },
    problems: droppedPriors.length === 0 ? [] : [{ kind: "priors-drop-out", symbols: droppedPriors, span: model.limit.span }]
  };
}
function usedParameters(model, factors) {
  const used = new Set(factors.flatMap((f) => symbolsOf(f.density).map((s) => s.name)));
  return { ...model, parameters: model.parameters.filter((p) => used.has(p.name)) };
}
function collectContext(model, rows, posterior) {
  return {
    rows,
    responsibility: posterior === void 0 ? void 0 : { name: posterior.name, component: posterior.component },
    weight: model.data.find((d) => d.as === "weight")?.name
  };
}
function unsupportedPlates(model) {
  return model.plates.flatMap((p) => {
    if (p.range.kind === "distinct")
      return [
        { kind: "not-derivable-yet", what: "a plate over groups of rows (`over distinct`)", span: p.span }
      ];
    if (p.range.kind === "rows" && p.range.orderedBy !== void 0)
      return [{ kind: "not-derivable-yet", what: "rows in sequence (`ordered by`)", span: p.span }];
    return [];
  });
}
function limitResult(model, posterior, solved2) {
  if (model.limit === void 0 || posterior === void 0) return void 0;
  const g = logitExpr(posterior);
  const dropped = solved2.map((m) => m.parameter.name).filter((name) => !containsSymbol(g, name));
  const objective = normalForm(
    multiply(number(-2), {
      kind: "sum",
      range: posterior.rows,
      body: multiply(...weightOf(model, [posterior.rows]), {
        kind: "largest",
        range: posterior.component,
        body: g
      })
    }),
    0
  );
  return { constant: model.limit.constant, dropped, objective: toExpr(objective) };
}

// src/diagnostics/describe.ts
function describe(table, problems, source) {
  return problems.map((problem) => describeOne(table, problem, source));
}
function describeOne(table, problem, source) {
  const kind = problem.kind;
  const entry = table[kind];
  const said = entry.words(problem, source);
  return {
    code: entry.code,
    severity: problem.severity === void 0 || problem.severity === "error" ? "error" : "warning",
    message: said.message,
    span: spanOf3(problem.span, source),
    label: said.label ?? "",
    labels: said.labels ?? [],
    helps: said.helps ?? []
  };
}
var NOWHERE = { start: 0, end: 0 };
var spanOf3 = (span, source) => span === void 0 ? NOWHERE : typeof span === "number" ? source.spans[span] ?? NOWHERE : span;
function quote(span, source) {
  const { start, end } = spanOf3(span, source);
  return `\`${source.text.slice(start, end).replace(/#[^\n]*\n?/g, " ").replace(/\s+/g, " ").trim()}\``;
}
var code = (text) => `\`${text}\``;
function listed(items, word2 = "or") {
  if (items.length <= 1) return items.join("");
  return `${items.slice(0, -1).join(", ")} ${word2} ${items.at(-1)}`;
}
var plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
var article = (text) => `${/^[`]?[aeiou]/i.test(text) && !/^[`]?(?:uni|use|one)/i.test(text) ? "an" : "a"} ${text}`;

// src/diagnostics/derive.ts
var DERIVE = {
  "not-derivable-yet": {
    code: "GMM0301",
    words: (p) => ({
      message: `${p.what} cannot be derived in this version`,
      label: "no rule for this yet",
      helps: ["the language has it, the derivation does not: leave it out, or write the model without it"]
    })
  },
  "no-form": {
    code: "GMM0302",
    words: (p, source) => ({
      message: `no rule solves the M-step of ${code(p.parameter)}`,
      label: `${code(p.parameter)} is declared here`,
      labels: p.terms.filter((t, n) => p.terms.findIndex((other) => other.span === t.span) === n).map((t) => ({ span: spanOf3(t.span, source), message: `gives the term ${t.text}` })),
      helps: p.refusals.map((r) => r.form === "all" ? r.reason : `${r.form}: ${r.reason}`)
    })
  },
  "several-latents": {
    code: "GMM0303",
    words: (p) => ({
      message: `${listed(p.latents.map(code), "and")} are hidden together, and this version derives one latent`,
      label: "a second latent",
      helps: ["let one latent range over all combinations, or bind the other to a column with `data`"]
    })
  },
  "constraint-not-solved": {
    code: "GMM0304",
    words: (p) => ({
      message: `the constraint ${code(p.text)} is not solved: ${p.reason}`,
      label: "this constraint",
      helps: [
        "solved are: an entry of a simplex or a whole component held at a constant, and a constant floor under a variance, sd or precision"
      ]
    })
  },
  "limit-not-derivable": {
    code: "GMM0305",
    words: (p) => ({
      message: `the limit ${code(`${p.constant} -> 0+`)} cannot be derived: ${p.reason}`,
      label: "this limit",
      helps: ["the constant must scale a variance, as in `Normal(mu[z[i]], eps * I)`"]
    })
  },
  "priors-drop-out": {
    code: "GMM0306",
    words: (p) => ({
      message: `the prior of ${listed(p.symbols.map(code), "and")} drops out in the limit`,
      label: "terms without the constant are of lower order",
      helps: ["leave the prior out, or scale it with the constant of the limit"]
    })
  }
};
var describeDerive = (problems, source) => describe(DERIVE, problems, source).map((d) => d.code === "GMM0306" ? { ...d, severity: "warning" } : d);

// src/model/sizes.ts
function namedSize(context, name, span) {
  if (!context.sizes.has(name)) context.sizes.set(name, { name, span, bound: void 0, because: span });
  return { kind: "named", name };
}
var freshSize = (context, span) => namedSize(context, `?${context.sizes.size}`, span);
var isFresh = (size2) => size2.kind === "named" && size2.name.startsWith("?");
function canonical(context, size2) {
  switch (size2.kind) {
    case "number":
    case "constant":
    case "unknown":
      return size2;
    case "named": {
      const bound = context.sizes.get(size2.name)?.bound;
      return bound === void 0 ? size2 : canonical(context, bound);
    }
    case "plate": {
      const plate = context.entities.get(size2.plate);
      return plate?.kind === "plate" && plate.range.kind === "count" ? canonical(context, plate.range.upTo) : size2;
    }
  }
}
function sizeValue(context, size2) {
  const found = canonical(context, size2);
  if (found.kind === "number") return found.value;
  if (found.kind !== "constant") return void 0;
  const constant2 = context.entities.get(found.name);
  return constant2?.kind === "constant" && typeof constant2.value === "number" ? constant2.value : void 0;
}
function unify(context, a, b, at2) {
  const [left, right] = [canonical(context, a), canonical(context, b)];
  if (left.kind === "unknown" || right.kind === "unknown" || sameSize(left, right)) return true;
  if (left.kind === "named" && (isFresh(left) || right.kind !== "named" || !isFresh(right))) {
    const found = context.sizes.get(left.name);
    found.bound = right;
    found.because = at2;
    return true;
  }
  if (right.kind === "named") return unify(context, right, left, at2);
  const [m, n] = [sizeValue(context, left), sizeValue(context, right)];
  const isWritten = left.kind === "number" || right.kind === "number";
  return isWritten && left.kind !== "plate" && right.kind !== "plate" && (m === void 0 || n === void 0 || m === n);
}
function sameSize(a, b) {
  switch (a.kind) {
    case "number":
      return b.kind === "number" && a.value === b.value;
    case "constant":
      return b.kind === "constant" && a.name === b.name;
    case "named":
      return b.kind === "named" && a.name === b.name;
    case "plate":
      return b.kind === "plate" && a.plate === b.plate;
    case "unknown":
      return false;
  }
}
var unifyShapes = (context, a, b, at2) => a.map((size2, n) => unify(context, size2, b[n], at2)).every(Boolean);
function settled(context, size2) {
  if (size2.kind !== "named") return size2;
  const bound = context.sizes.get(size2.name)?.bound;
  return bound === void 0 ? size2 : settled(context, bound);
}
var settledType = (context, type) => ({
  ...type,
  shape: type.shape.map((s) => settled(context, s)),
  ...type.categories === void 0 ? {} : { categories: settled(context, type.categories) }
});
var shownType = settledType;
function fixedNames(context, sizes) {
  const found = /* @__PURE__ */ new Map();
  for (const size2 of sizes) {
    if (size2.kind !== "named" || isFresh(size2)) continue;
    const known = context.sizes.get(size2.name);
    const value = canonical(context, size2);
    if (known?.bound !== void 0 && value.kind !== "named")
      found.set(size2.name, { name: size2.name, value: sizeText(value), span: known.because });
  }
  return [...found.values()];
}
function sizeText(size2) {
  switch (size2.kind) {
    case "number":
      return String(size2.value);
    case "constant":
      return size2.name;
    case "named":
      return isFresh(size2) ? "\u2026" : size2.name;
    case "plate":
      return size2.plate;
    case "unknown":
      return "?";
  }
}
var plateSize = (plate) => ({ kind: "plate", plate });

// src/model/print.ts
function printType(type) {
  const sizes = type.shape.map(sizeText);
  const inBrackets = (word2, list) => list.length === 0 ? word2 : `${word2}[${list.join(", ")}]`;
  switch (type.domain) {
    case "plate":
      return type.plate ?? "a plate";
    case "category":
      return type.categories === void 0 ? "category" : `category[${sizeText(type.categories)}]`;
    case "covariance":
      if (type.scale === "precision") return inBrackets("precision", sizes);
      return type.scale === "sd" ? inBrackets("real", sizes) : inBrackets("covariance", sizes.slice(0, 1));
    case "orthogonal":
      return inBrackets("orthogonal", sizes.slice(0, 1));
    case "positive":
      return inBrackets(type.scale ?? "positive", sizes);
    case "real":
    case "unit":
    case "simplex":
    case "shape":
    case "count":
    case "boolean":
    case "unknown":
      return inBrackets(type.domain, sizes);
  }
}

// src/diagnostics/model/names.ts
var at = (span, message, source) => span === void 0 ? [] : [{ span: spanOf3(span, source), message }];
var didYouMean = (near2) => near2 === void 0 ? void 0 : `did you mean ${code(near2)}?`;
var ROLES2 = {
  model: "the model",
  const: "a constant",
  plate: "a plate",
  param: "a parameter",
  latent: "a latent",
  data: "data",
  let: "a definition"
};
var roleName = (role) => ROLES2[role];
var NAMES = {
  "duplicate-name": {
    code: "GMM0202",
    words: ({ name, first }, source) => ({
      message: `${code(name)} is declared twice`,
      label: "declared again here",
      labels: at(first, "declared first here", source),
      helps: ["a name stands for one thing in the whole file: give one of them another name"]
    })
  },
  "reserved-name": {
    code: "GMM0204",
    words: ({ name, what }) => ({
      message: `${code(name)} is ${what === "identity" ? "the identity matrix" : `a ${what} of the language`}, and no symbol can have its name`,
      label: "choose another name"
    })
  },
  "unknown-name": {
    code: "GMM0201",
    words: ({ name, near: near2 }) => ({
      message: `nothing is called ${code(name)}`,
      label: didYouMean(near2) ?? "not declared in this file",
      helps: near2 === void 0 ? [`declare it, for instance ${code(`param ${name} : real`)} or ${code(`const ${name} = 1`)}`] : []
    })
  },
  "unknown-function": {
    code: "GMM0206",
    words: ({ name, near: near2 }) => ({
      message: `there is no function ${code(name)}`,
      label: didYouMean(near2) ?? "unknown function",
      helps: near2 === void 0 ? ["the functions are `dot`, `diag`, `log`, `exp`, `sqrt`, `logistic`, `sum[k]` and `softmax[k]`"] : []
    })
  },
  "unknown-type": {
    code: "GMM0205",
    words: ({ name, near: near2 }) => ({
      message: `there is no type ${code(name)}`,
      label: didYouMean(near2) ?? "unknown type",
      helps: near2 === void 0 ? ["types are `real`, `positive`, `unit`, `count`, `boolean`, `simplex[k]`, `variance`, `sd`, `precision`, `covariance[D]`, `orthogonal[D]`, `shape[D]`, `category[C]`, or a plate"] : []
    })
  },
  "not-a-value": {
    code: "GMM0207",
    words: ({ name, what }) => ({
      message: what === "plate" ? `${code(name)} is a plate, and a plate has no value of its own` : `${code(name)} is a ${what}, not a value`,
      label: what === "plate" ? "an index, not a number" : "arguments are missing",
      helps: what === "plate" ? [`use it in brackets, as in ${code(`mu[${name}]`)}`] : [`write ${code(`${name}(\u2026)`)}`]
    })
  },
  "called-symbol": {
    code: "GMM0208",
    words: ({ name, role, declared }, source) => ({
      message: `${code(name)} is ${roleName(role)}, not a function`,
      label: "parentheses call a function or a distribution",
      labels: at(declared, "declared here", source),
      helps: [`an index stands in brackets: ${code(`${name}[\u2026]`)}`]
    })
  },
  "two-models": {
    code: "GMM0210",
    words: ({ first }, source) => ({
      message: "a file holds one model, and this is a second name for it",
      label: "second `model` line",
      labels: at(first, "first one here", source)
    })
  },
  "cyclic-definition": {
    code: "GMM0209",
    words: ({ names }) => ({
      message: names.length <= 1 ? `${code(names[0] ?? "")} is defined by itself` : `${listed(names.map(code), "and")} are defined by each other`,
      label: "needed to define itself",
      helps: ["a `let` names an expression of other symbols; an unknown is a `param`"]
    })
  },
  "limit-of": {
    code: "GMM0211",
    words: ({ name, role, declared }, source) => ({
      message: role === void 0 ? `nothing is called ${code(name)}` : `${code(name)} is ${roleName(role)}, and only a constant can go to zero`,
      label: role === void 0 ? "not declared" : "not a constant",
      labels: at(declared, "declared here", source),
      helps: [`declare ${code(`const ${role === void 0 ? name : "eps"}`)}; its value is never used`]
    })
  },
  "two-limits": {
    code: "GMM0210",
    words: ({ first }, source) => ({
      message: "a model has at most one limit",
      label: "second `limit` line",
      labels: at(first, "first one here", source)
    })
  },
  "nothing-modelled": {
    code: "GMM0212",
    words: () => ({
      message: "no data are modelled here, so there is nothing to estimate from",
      label: "no `data` line of this file has a `~`",
      helps: ["say how the data arise: `data x[i] : real ~ Normal(mu, s2)`"]
    })
  }
};
var PLATES = {
  "declared-over": {
    code: "GMM0213",
    words: ({ name, role, near: near2 }, source) => ({
      message: name === "" ? "the brackets of a declaration hold names of plates" : role === void 0 ? `there is no plate ${code(name)}` : `${code(name)} is ${roleName(role)}, and the brackets of a declaration hold plates`,
      label: didYouMean(near2) ?? "not a plate",
      helps: near2 !== void 0 || source.text === "" ? [] : name === "" ? ["`mu[k] : real[D]` has one vector per k; how long the vector is belongs to its type"] : role === void 0 ? [`declare it: ${code(`plate ${name} in 1..K`)} or ${code(`plate ${name} over rows`)}`] : [`for a vector, give the type a size: ${code(`real[${name}]`)}`]
    })
  },
  "plate-twice": {
    code: "GMM0213",
    words: ({ plate }) => ({
      message: `${code(plate)} stands twice in one declaration`,
      label: "second time",
      helps: ["an index has one meaning in the whole file; for pairs declare a second plate of the same length"]
    })
  },
  "plate-out-of-scope": {
    code: "GMM0214",
    words: ({ plate, available, latents }) => ({
      message: `${code(plate)} has no value here: the line ${available.length === 0 ? "has no plates" : `runs over ${listed(available.map(code), "and")} only`}`,
      label: `for which ${plate}?`,
      helps: [
        ...latents.slice(0, 1).map((l) => `to choose the ${plate} of each row, write ${code(l)}`),
        ...latents.length === 0 ? [`add it to the declaration, or sum over it: ${code(`sum[${plate}](\u2026)`)}`] : []
      ]
    })
  },
  "plate-bound-twice": {
    code: "GMM0215",
    words: ({ plate }) => ({
      message: `${code(plate)} already runs here`,
      label: `the line is for each ${plate}`,
      helps: ["a sum needs a plate of its own: declare a second one of the same length"]
    })
  },
  "plate-range": {
    code: "GMM0216",
    words: (p, source) => ({
      message: `a plate ends at a whole number or a constant, not at ${quote(p.span, source)}`,
      label: "an expression",
      helps: ["name it: `const K = 4`, then `plate k in 1..K`"]
    })
  },
  "plate-needed": {
    code: "GMM0217",
    words: ({ name }) => ({
      message: `${code(name)} needs to know which plate it runs over`,
      label: "over what?",
      helps: [`write ${code(`${name}[k](\u2026)`)}, with a plate of this file`]
    })
  },
  "data-without-rows": {
    code: "GMM0218",
    words: ({ name, rows }) => ({
      message: `${code(name)} is data, and data have one value per row of the table`,
      label: "no plate over the rows",
      helps: rows === void 0 ? [`add ${code("plate i over rows")}, and write ${code(`${name}[i]`)}`] : [`write ${code(`${name}[${rows}]`)}`]
    })
  },
  "first-needs-order": {
    code: "GMM0219",
    words: ({ name, plate }) => ({
      message: `${code(`${name}[1]`)} is the beginning of a sequence, and ${plate === void 0 ? "its plate" : code(plate)} has no order`,
      label: "first of what?",
      helps: [`give the rows an order: ${code(`plate ${plate ?? "t"} over rows ordered by time`)}`]
    })
  },
  "previous-needs-order": {
    code: "GMM0219",
    words: ({ plate, declared }, source) => ({
      message: `${code(`${plate}-1`)} is the row before, and ${code(plate)} has no order`,
      label: "before in what order?",
      labels: at(declared, "declared here", source),
      helps: [`write ${code(`plate ${plate} over rows ordered by time`)}, with the column that orders them`]
    })
  },
  "chain-without-start": {
    code: "GMM0220",
    words: ({ name, plate }) => ({
      message: `each ${code(name)} depends on the one before, and nothing says how a sequence begins`,
      label: `needs a line for ${code(`${name}[1]`)}`,
      helps: [`add ${code(`latent ${name}[1] : \u2026 ~ \u2026`)}; the line for ${code(`${name}[${plate}]`)} then holds for the rest`]
    })
  },
  "chain-without-rest": {
    code: "GMM0220",
    words: ({ name, plate }) => ({
      message: `this says how a sequence of ${code(name)} begins, and nothing says how it goes on`,
      label: "only the first",
      helps: [
        plate === void 0 ? `declare over a plate: ${code(`${name}[i]`)}; sequences need ${code("plate t over rows ordered by time")}` : `add a line for ${code(`${name}[${plate}]`)}`
      ]
    })
  }
};
var INDICES = {
  "too-few-indices": {
    code: "GMM0241",
    words: ({ name, plates, given, declared, latents }, source) => {
      const missing = plates.slice(given);
      const all = [...plates.slice(0, given).map(() => "\u2026"), ...missing];
      const chosen = latents[0] === void 0 ? void 0 : [...plates.slice(0, given).map(() => "\u2026"), latents[0], ...missing.slice(1)];
      return {
        message: `${code(name)} has a value for each ${listed(plates.map(code), "and")}, and this does not say which`,
        label: `index ${listed(missing.map(code), "and")} is missing`,
        labels: at(declared, `declared over ${listed(plates.map(code), "and")} here`, source),
        helps: [`write ${listed([chosen, all].flatMap((l) => l === void 0 ? [] : [code(`${name}[${l.join(", ")}]`)]))}`]
      };
    }
  },
  "too-many-indices": {
    code: "GMM0242",
    words: ({ name, allowed, given, type, declared }, source) => ({
      message: `${code(name)} has ${plural(allowed, "index", "indices")}, and here are ${given}`,
      label: allowed === 0 ? "takes no index" : `at most ${allowed}`,
      labels: at(declared, type.domain === "unknown" ? "declared here" : `declared as ${printType(type)} here`, source)
    })
  },
  "index-of-another-plate": {
    code: "GMM0243",
    words: ({ name, expected, found, declared, latents }, source) => ({
      message: `${code(name)} is indexed by ${code(expected)} here, and this is ${article(code(found))}`,
      label: `expected ${article(code(expected))}`,
      labels: at(declared, `declared over ${code(expected)} here`, source),
      helps: latents.slice(0, 1).map((l) => `${code(l)} is ${article(code(expected))}`)
    })
  },
  "index-size": {
    code: "GMM0243",
    words: ({ name, size: size2, plate, declared }, source) => ({
      message: `coordinates of ${code(name)} count to ${size2}, and ${code(plate)} is a plate of another length`,
      label: "another length",
      labels: at(declared, "declared here", source)
    })
  },
  "not-an-index": {
    code: "GMM0244",
    words: ({ found, span }, source) => ({
      message: found === void 0 || found.type.domain === "unknown" ? `${quote(span, source)} cannot be an index` : `${quote(span, source)} is ${article(printType(found.type))}, and no index`,
      label: "not an index",
      labels: at(found?.declared, `declared as ${found === void 0 ? "" : printType(found.type)} here`, source),
      helps: ["an index is a plate, a symbol whose type is a plate (`z[i]`), a whole number, or `t-1`"]
    })
  },
  "index-not-whole": {
    code: "GMM0244",
    words: ({ span }, source) => ({
      message: `indices are whole numbers from 1, and this is ${quote(span, source)}`,
      label: "not 1, 2, 3, \u2026"
    })
  },
  "index-out-of-range": {
    code: "GMM0245",
    words: ({ index, size: size2, over: over2, declared }, source) => ({
      message: `there is no number ${index}: ${/^\d+$/.test(over2) ? "it" : code(over2)} counts from 1 to ${size2}`,
      label: `at most ${size2}`,
      labels: at(declared, "declared here", source)
    })
  },
  "indices-on-function": {
    code: "GMM0246",
    words: ({ name }) => ({
      message: name === "I" ? "`I` is a whole matrix, sized by its place" : `the function ${code(name)} takes no index`,
      label: "brackets are not wanted here",
      helps: name === "I" ? [] : [`write ${code(`${name}(\u2026)`)}`]
    })
  }
};

// src/diagnostics/model/lines.ts
var bare = (quoted) => quoted.slice(1, -1);
var SCALES = {
  "scale-without-kind": {
    code: "GMM0247",
    words: ({ distribution: distribution2, constant: constant2, declared, span }, source) => {
      const text = bare(quote(span, source));
      const named = [`write ${code(`${distribution2}(\u2026, variance: ${text})`)} or ${code(`${distribution2}(\u2026, sd: ${text})`)}`];
      return {
        message: `is ${code(text)} a variance or an sd? The second argument of ${distribution2} could be either`,
        label: `say ${code(`variance: ${text}`)} or ${code(`sd: ${text}`)}`,
        labels: at(declared === span ? void 0 : declared, "declared without a kind here", source),
        helps: constant2 === void 0 ? [...named, .../^[\d.]+$/.test(text) ? [`or name it: ${code(`const eps : variance = ${text}`)}`] : []] : [`declare ${code(`const ${constant2} : variance`)} or ${code(`const ${constant2} : sd`)}`, ...named]
      };
    }
  },
  "scale-kinds-mixed": {
    code: "GMM0248",
    words: ({ operation, left, right }, source) => {
      const [a, b] = [quote(left.span, source), quote(right.span, source)];
      return {
        message: `${a} is ${article(kindName(left.type))} and ${b} is ${article(kindName(right.type))}: ${operation === "=" ? "they cannot be compared" : "they cannot stand together"}`,
        label: `${kindName(left.type)} and ${kindName(right.type)}`,
        labels: [...at(left.declared, "declared here", source), ...at(right.declared, "declared here", source)],
        helps: conversions(bare(a), left.type.scale, right.type.scale)
      };
    }
  },
  "scale-kind-contradicts": {
    code: "GMM0249",
    words: ({ said, found }, source) => ({
      message: `${quote(found.span, source)} is ${article(kindName(found.type))}, and is called ${article(said)} here`,
      label: `${article(kindName(found.type))}, not ${article(said)}`,
      labels: at(found.declared, "declared here", source),
      helps: ["leave the name off: its type says what it is"]
    })
  },
  "scale-shape": {
    code: "GMM0250",
    words: ({ distribution: distribution2, value, found }, source) => {
      const text = bare(quote(found.span, source));
      const isVector = value.type.shape.length === 1;
      const rank2 = found.type.shape.length;
      return {
        message: `the scale of ${distribution2} is ${isVector ? "a matrix" : "a number"} here, because ${quote(value.span, source)} is ${printType(value.type)}, and ${code(text)} is ${printType(found.type)}`,
        label: isVector ? "expected a matrix" : "expected a number",
        labels: at(found.declared, "declared here", source),
        helps: isVector ? rank2 === 1 ? [`write ${code(`diag(${text})`)}, with the vector on the diagonal`] : [`write ${code(`${/[-+]/.test(text) ? `(${text})` : text} * I`)} for the same scale in every coordinate`] : ["declare it as `variance` or `sd`, without a size"]
      };
    }
  },
  "scale-not-positive": {
    code: "GMM0251",
    words: ({ distribution: distribution2, found, value }, source) => ({
      message: value === void 0 ? `the scale of ${distribution2} must be positive, and ${quote(found.span, source)} may be negative` : `the scale of ${distribution2} must be positive, and ${quote(found.span, source)} is ${value}`,
      label: "not positive",
      labels: at(found.declared, "declared here", source),
      helps: value === void 0 && found.type.shape.length === 0 ? [`for a number of any sign, write ${code(`variance: exp(${bare(quote(found.span, source))})`)}`] : []
    })
  }
};
var kindName = (type) => type.scale ?? printType(type);
function conversions(text, from, to) {
  const name = /^[\w[\], ]+$/.test(text) ? text : `(${text})`;
  const ways = {
    "sd\u2192variance": `${name}^2`,
    "variance\u2192sd": `sqrt(${text})`,
    "variance\u2192precision": `1 / ${name}`,
    "precision\u2192variance": `1 / ${name}`,
    "sd\u2192precision": `1 / ${name}^2`,
    "precision\u2192sd": `sqrt(1 / ${name})`
  };
  const way = from === void 0 || to === void 0 ? void 0 : ways[`${from}\u2192${to}`];
  return way === void 0 ? [] : [`as ${article(to)}, the first is ${code(way)}`];
}
var DISTRIBUTIONS = {
  "not-a-distribution": {
    code: "GMM0252",
    words: ({ name, span }, source) => ({
      message: name === "" ? `${quote(span, source)} is an expression, and a distribution is wanted after ${code("~")}` : `${code(name)} needs its arguments in parentheses`,
      label: "not a distribution",
      helps: name === "" ? ["a value that is known exactly is `PointMass(\u2026)`; a name for an expression is `let`"] : [`write ${code(`${name}(\u2026)`)}`]
    })
  },
  "distribution-in-expression": {
    code: "GMM0253",
    words: ({ name }) => ({
      message: `${code(name)} is a distribution, and stands only after ${code("~")}`,
      label: "not a value",
      helps: [`give the value a name: ${code(`latent h[i] : real ~ ${name}(\u2026)`)}`]
    })
  },
  "distribution-not-supported": {
    code: "GMM0254",
    words: ({ name, supported }) => ({
      message: `${code(name)} belongs to the language, and this version cannot estimate it yet`,
      label: "not there yet",
      helps: supported.length === 0 ? [] : [`there already: ${listed(supported.map(code), "and")}`]
    })
  },
  "unknown-distribution": {
    code: "GMM0255",
    words: ({ name, near: near2 }) => ({
      message: `there is no distribution ${code(name)}`,
      label: didYouMean(near2) ?? "unknown distribution"
    })
  },
  "argument-missing": {
    code: "GMM0256",
    words: ({ distribution: distribution2, arguments: missing, spelling }) => ({
      message: `${distribution2} is missing ${listed(missing.map((m) => `its ${code(m)}`), "and")}`,
      label: "too few arguments",
      helps: [`the form is ${code(spelling)}`]
    })
  },
  "argument-surplus": {
    code: "GMM0257",
    words: ({ distribution: distribution2, spelling }) => ({
      message: `this argument is one more than ${distribution2} takes`,
      label: "one too many",
      helps: [`the form is ${code(spelling)}`]
    })
  },
  "argument-unknown": {
    code: "GMM0257",
    words: ({ distribution: distribution2, name, near: near2, spelling }) => ({
      message: `${distribution2} has no argument ${code(name)}`,
      label: didYouMean(near2) ?? "unknown argument",
      helps: [`the form is ${code(spelling)}`]
    })
  },
  "argument-twice": {
    code: "GMM0257",
    words: ({ distribution: distribution2, name, first }, source) => ({
      message: `${distribution2} is given ${code(name)} twice, or together with what stands for it`,
      label: "again here",
      labels: at(first, "given here", source),
      helps: ["give one of them"]
    })
  },
  "argument-must-be-named": {
    code: "GMM0258",
    words: ({ distribution: distribution2, names, span }, source) => ({
      message: `say what this is: ${distribution2} takes ${listed(names.map((n) => code(`${n}:`)))} by name only`,
      label: `${listed(names.map((n) => `${n}:`))}?`,
      helps: [`write ${listed(names.map((n) => code(`${n}: ${bare(quote(span, source))}`)))}`]
    })
  },
  "argument-domain": {
    code: "GMM0259",
    words: ({ distribution: distribution2, argument, expected, found }, source) => ({
      message: `the ${code(argument)} of ${distribution2} ${DOMAINS[expected].must}, and ${quote(found.span, source)} ${mayNot(found.type, bare(quote(found.span, source)))}`,
      label: `expected ${DOMAINS[expected].noun}`,
      labels: at(found.declared, `declared as ${printType(found.type)} here`, source),
      helps: DOMAINS[expected].help(bare(quote(found.span, source)), found.type)
    })
  },
  "argument-shape": {
    code: "GMM0260",
    words: ({ distribution: distribution2, argument, expected, found }, source) => ({
      message: `the ${code(argument)} of ${distribution2} is ${rankName(expected)} here, and ${quote(found.span, source)} is ${printType(found.type)}`,
      label: `expected ${rankName(expected)}`,
      labels: at(found.declared, "declared here", source)
    })
  },
  "value-type": {
    code: "GMM0261",
    words: ({ distribution: distribution2, value, accepted }, source) => ({
      message: `${distribution2} does not give values such as ${quote(value.span, source)}, which is ${valueName(value.type)}`,
      label: `gives ${listed(accepted)}`,
      labels: at(value.declared, `declared as ${printType(value.type)} here`, source),
      helps: valueHelp(distribution2, value.type)
    })
  }
};
var rankName = (type) => type.shape.length === 0 ? "a number" : printType(type);
var valueName = (type) => type.domain === "plate" ? `one of the values of ${code(type.plate ?? "")}` : printType(type);
var mayNot = (type, text) => /^-?[\d.]+$/.test(text) ? "is not" : `is only known to be ${printType(type)}`;
var DOMAINS = {
  real: { must: "is a real number", noun: "a real number", help: () => [] },
  positive: {
    must: "must be positive",
    noun: "a positive number",
    help: (text) => /^-?[\d.]+$/.test(text) ? [] : [`declare it as ${code("positive")}, or write ${code(`exp(${text})`)}`]
  },
  unit: {
    must: "must lie between 0 and 1",
    noun: "a number between 0 and 1",
    help: (text) => /^-?[\d.]+$/.test(text) ? [] : [`declare it as ${code("unit")}, or write ${code(`logits: ${text}`)} or ${code(`logistic(${text})`)}`]
  },
  count: { must: "must be a whole number", noun: "a whole number", help: () => [`declare it as ${code("count")}`] },
  simplex: {
    must: "must sum to 1",
    noun: "weights that sum to 1",
    help: (text) => /^[[\d]/.test(text) ? [] : [`declare it as ${code("simplex")}, or write ${code(`softmax[k](${text})`)}`]
  }
};
function valueHelp(distribution2, type) {
  switch (type.domain) {
    case "positive":
      return distribution2 === "Normal" ? ["for positive values take `LogNormal` or `Gamma`, or declare it as `real` if negative ones are possible"] : [];
    case "unit":
      return distribution2 === "Normal" ? ["for values between 0 and 1 take `Beta`, or declare it as `real`"] : [];
    case "count":
      return distribution2 === "Normal" ? ["for counts take `Poisson` or `NegativeBinomial`, or declare it as `real`"] : [];
    case "real":
      return type.shape.length === 0 && distribution2 === "Poisson" ? ["Poisson counts: declare it as `count`"] : [];
    case "boolean":
      return distribution2 === "Bernoulli" ? [] : ["for true or false take `Bernoulli`"];
    case "plate":
    case "category":
      return distribution2 === "Categorical" ? [] : ["for one of several take `Categorical`"];
    case "simplex":
      return distribution2 === "Dirichlet" ? [] : ["for weights that sum to 1 take `Dirichlet`"];
    case "covariance":
      return distribution2 === "InverseWishart" ? [] : ["for a covariance matrix take `InverseWishart`"];
    case "orthogonal":
    case "shape":
    case "unknown":
      return [];
  }
}
var CONSTRAINTS = {
  "constraint-on": {
    code: "GMM0262",
    words: ({ name, role, declared }, source) => ({
      message: `a constraint speaks of parameters, and ${code(name)} is ${role === "data" ? "data" : "a latent"}`,
      label: role === "data" ? "observed, not estimated" : "hidden, not estimated",
      labels: at(declared, "declared here", source)
    })
  },
  "constraint-without-parameter": {
    code: "GMM0263",
    words: () => ({
      message: "there is no parameter in this constraint, so nothing could be done to meet it",
      label: "constants only"
    })
  },
  "constraint-outside": {
    code: "GMM0264",
    words: ({ left, value }, source) => ({
      message: `this can never hold: ${quote(left.span, source)} is ${article(left.type.scale ?? printType(left.type))}, ${rangeName(left.type)}, and ${value} is outside`,
      label: "cannot hold",
      labels: at(left.declared, "declared here", source)
    })
  },
  "constraints-contradict": {
    code: "GMM0264",
    words: ({ other }, source) => ({
      message: "two constraints contradict each other",
      label: "cannot hold together with the other",
      labels: at(other, "the other one", source)
    })
  },
  "constraint-sum": {
    code: "GMM0264",
    words: ({ name, sum: sum3, all, others }, source) => ({
      message: `this can never hold: the entries of ${code(name)} sum to 1, and ${all ? "they are held at values that sum" : "those held sum"} to ${Number(sum3.toPrecision(6))}`,
      label: others.length === 0 ? "cannot hold" : "cannot hold together with the others",
      labels: others.map((o) => ({ span: spanOf3(o, source), message: "held here" }))
    })
  }
};
var rangeName = (type) => type.domain === "unit" || type.domain === "simplex" ? "between 0 and 1" : "greater than zero";
var UNUSED = {
  model: "",
  const: "nothing uses this constant",
  plate: "nothing runs over this plate",
  param: "the data say nothing about it",
  latent: "it sums out to nothing",
  data: "nothing depends on this column",
  let: "nothing uses this definition"
};
var WARNINGS = {
  "never-used": {
    code: "GMM0280",
    words: ({ name, role }) => ({
      message: `${code(name)} is declared and never used`,
      label: UNUSED[role],
      helps: ["use it, or leave the line out"]
    })
  },
  "concentration-below-one": {
    code: "GMM0281",
    words: ({ value }) => ({
      message: `a Dirichlet concentration of ${value} is below 1: the prior then favours weights of exactly zero`,
      label: "below 1",
      helps: ["the estimate is the mode, which lies inside for concentrations above 1; `Dirichlet(1)` is no prior at all"]
    })
  },
  "may-collapse": {
    code: "GMM0282",
    words: ({ name, plate, type }) => ({
      message: `${code(name)} may collapse: with one ${type.scale ?? "scale"} per ${code(plate)} the likelihood grows without bound when a component shrinks onto one row`,
      label: "neither a prior nor a constraint bounds it",
      helps: [
        type.domain === "covariance" ? `give it a prior: ${code("~ InverseWishart(nu, Psi)")}` : type.scale === "precision" ? `give it a ceiling: ${code(`constrain ${name}[${plate}] <= 10`)}` : `give it a floor: ${code(`constrain ${name}[${plate}] >= 0.1`)}`,
        "or share it: leave the index off"
      ]
    })
  }
};

// src/diagnostics/model/types.ts
var SIZES = {
  "bad-size": {
    code: "GMM0221",
    words: ({ span }, source) => ({
      message: `a size is a whole number, a constant, a plate or a name, not ${quote(span, source)}`,
      label: "not a size",
      helps: ["name it: `const D = 3`, then `real[D]`"]
    })
  },
  "size-name-taken": {
    code: "GMM0222",
    words: ({ name, role, declared }, source) => ({
      message: `${code(name)} is ${roleName(role)}, and cannot be a size`,
      label: "not a size",
      labels: at(declared, "declared here", source),
      helps: ["sizes are known before anything is estimated: a number, a `const`, a plate, or a name that nothing else has"]
    })
  },
  "size-value": {
    code: "GMM0223",
    words: ({ name, value }) => ({
      message: `a size is a whole number from 1, and ${name === void 0 ? "this" : code(name)} is ${Number.isNaN(value) ? "none" : value}`,
      label: "not 1, 2, 3, \u2026",
      helps: name === void 0 ? [] : [`${code(name)} is used as the length of a plate or a vector`]
    })
  },
  "size-not-fixed": {
    code: "GMM0224",
    words: ({ name, isPlate }) => ({
      message: isPlate ? `nothing says how far the plate goes: ${code(name)} is not declared` : `nothing says how large ${code(name)} is`,
      label: isPlate ? "not declared" : "neither the data nor a vector written out fixes it",
      helps: [`add ${code(`const ${name} = 2`)}`]
    })
  },
  "sizes-differ": {
    code: "GMM0203",
    words: (p, source) => ({
      message: `sizes differ: ${quote(p.left.span, source)} is ${printType(p.left.type)} but ${quote(p.right.span, source)} is ${printType(p.right.type)}`,
      label: `expected ${printType(p.expected)}`,
      labels: [
        ...declaration(p.left, source),
        ...declaration(p.right, source).filter((l) => !isOnLineOf(l, p.span, source)),
        ...p.because.map((b) => ({ span: spanOf3(b.span, source), message: `${b.name} is ${b.value} because of this` }))
      ],
      helps: sizeHelp(p.left, p.right)
    })
  },
  "columns-differ": {
    code: "GMM0203",
    words: ({ name, columns, type, declared }, source) => ({
      message: `sizes differ: ${code(name)} is ${printType(type)} and binds to ${plural(columns, "column")}`,
      label: plural(columns, "column"),
      labels: at(declared, type.shape.length === 0 ? "one number per row here" : `${printType(type)} here`, source),
      helps: [`write ${code(`real[${columns}]`)}, or name as many columns as there are coordinates`]
    })
  },
  "identity-without-size": {
    code: "GMM0225",
    words: () => ({
      message: "nothing says how large this `I` is",
      label: "of what size?",
      helps: ["`I` takes its size from its place: add it to a matrix of known size, or use it as the scale of a vector"]
    })
  }
};
function declaration(o, source) {
  const [size2, ...more] = o.type.shape;
  const says = size2?.kind === "number" && more.length === 0 ? `declared with ${plural(size2.value, "coordinate")} here` : o.type.domain === "unknown" ? "declared here" : "declared here";
  return at(o.declared, says, source);
}
function isOnLineOf(label, span, source) {
  const [a, b] = [label.span.start, spanOf3(span, source).start];
  return !source.text.slice(Math.min(a, b), Math.max(a, b)).includes("\n");
}
function sizeHelp(left, right) {
  const isWritten = (o) => o.declared !== void 0 && o.type.shape.some((s) => s.kind === "number");
  if (!isWritten(left) || !isWritten(right)) return [];
  const word2 = left.type.domain === right.type.domain && left.type.shape.length === 1 && left.type.domain === "real" ? "`real[D]`" : "`D`";
  return [word2 === "`D`" ? "write `D` for the size in both places and let the data decide" : "write `real[D]` in both places and let the data decide"];
}
var TYPES = {
  "type-sizes": {
    code: "GMM0226",
    words: ({ type, given, spellings }) => ({
      message: given === 0 ? `${code(type)} needs a size` : `${code(type)} does not take ${plural(given, "size")}`,
      label: `write ${listed(spellings.map(code))}`
    })
  },
  "role-type": {
    code: "GMM0227",
    words: ({ role, name, type }) => ({
      message: `${code(name)} is ${roleName(role)}, and ${roleName(role)} cannot be ${article(printType(type))}`,
      label: role === "param" ? "not something that can be estimated" : "not something that can be summed or integrated out",
      helps: role === "param" ? ["parameters are continuous; something discrete and unknown is a `latent`, something known a `const`"] : ["a latent ranges over a plate, or is `boolean`, `real`, `real[Q]` or `positive`"]
    })
  },
  "role-word": {
    code: "GMM0228",
    words: ({ role, word: word2, name }) => ({
      message: word2 === "from" ? `${code(name)} is ${roleName(role)}, and is not read from columns` : `${code(name)} is ${roleName(role)}, and only data can have a special part to play`,
      label: word2 === "from" ? "`from` belongs to `data`, and to a `latent` whose labels are partly known" : "`as` belongs to `data`"
    })
  },
  "unknown-as": {
    code: "GMM0229",
    words: ({ word: word2, near: near2 }) => ({
      message: `data cannot be used as ${code(word2)}`,
      label: didYouMean(near2) ?? "unknown",
      helps: near2 === void 0 ? ["the only such word is `weight`: each row counts as that many copies"] : []
    })
  },
  "weight-type": {
    code: "GMM0230",
    words: ({ name, type, modelled }) => ({
      message: modelled ? `${code(name)} is the weight of a row, and weights are not modelled` : `${code(name)} is the weight of a row, and weights are positive numbers, not ${printType(type)}`,
      label: modelled ? "has a `~`" : "expected `positive`",
      helps: [`write ${code(`data ${name}[i] : positive as weight`)}`]
    })
  },
  "two-weights": {
    code: "GMM0210",
    words: ({ first }, source) => ({
      message: "a row has one weight, and this is a second",
      label: "second weight",
      labels: at(first, "first one here", source),
      helps: ["multiply the two columns beforehand"]
    })
  },
  "labels-columns": {
    code: "GMM0231",
    words: ({ name }) => ({
      message: `the labels of ${code(name)} stand in one column`,
      label: "a second column"
    })
  },
  "latent-without-distribution": {
    code: "GMM0232",
    words: ({ name, type }) => ({
      message: `${code(name)} is hidden, and nothing says how it arises`,
      label: "no `~`",
      helps: [
        `add a distribution: ${code(`~ ${type.domain === "boolean" ? "Bernoulli(p)" : type.domain === "plate" ? "Categorical(pi)" : "Normal(0, variance: 1)"}`)}; an unknown without one is a ${code("param")}`
      ]
    })
  },
  "constant-not-written-out": {
    code: "GMM0233",
    words: ({ name }) => ({
      message: `${code(name)} is a constant, and its value is a number, a vector or a matrix written out`,
      label: "not written out",
      helps: [`for something computed from other symbols, write ${code(`let ${name} = \u2026`)}`]
    })
  },
  "constant-domain": {
    code: "GMM0234",
    words: ({ name, type, span }, source) => ({
      message: `${code(name)} is declared as ${printType(type)}, and ${quote(span, source)} is none`,
      label: `not ${article(printType(type))}`,
      helps: domainHelp(type)
    })
  },
  "constant-shape": {
    code: "GMM0203",
    words: ({ name, type, found, declared }, source) => ({
      message: `sizes differ: ${code(name)} is declared as ${printType(type)} but its value is ${printType({ domain: "real", shape: found.shape })}`,
      label: `expected ${printType(type)}`,
      labels: at(declared, "declared here", source)
    })
  }
};
function domainHelp(type) {
  const says = {
    positive: "it must be greater than zero",
    unit: "it must lie between 0 and 1",
    simplex: "its entries must not be negative, and must sum to 1",
    count: "it must be a whole number, 0 or more",
    covariance: "it must be symmetric and positive definite",
    shape: "its entries must be positive, with product 1",
    orthogonal: "its columns must be of length 1 and at right angles"
  };
  const help = says[type.domain];
  return help === void 0 ? [] : [help];
}
var OPERATIONS = {
  "+": "a sum",
  "-": "a difference",
  "*": "a product",
  "/": "a divisor",
  "^": "a power",
  "'": "`'`",
  dot: "`dot`",
  diag: "`diag`",
  log: "`log`",
  exp: "`exp`",
  sqrt: "`sqrt`",
  logistic: "`logistic`",
  sum: "`sum`",
  softmax: "`softmax`",
  if: "a choice",
  "=": "an equation",
  "[\u2026]": "a vector"
};
var SHAPES = {
  "shapes-differ": {
    code: "GMM0235",
    words: ({ operation, left, right }, source) => ({
      message: `${quote(left.span, source)} is ${shapeName(left.type)} and ${quote(right.span, source)} is ${shapeName(right.type)}: ${OPERATIONS[operation]} needs them alike`,
      label: `${printType(left.type)} and ${printType(right.type)}`,
      labels: [...declaration(left, source), ...declaration(right, source)]
    })
  },
  operand: { code: "GMM0235", words: (p, source) => wrongOperand(p, source) },
  "number-where-matrix": {
    code: "GMM0236",
    words: ({ span }, source) => ({
      message: `${quote(span, source)} is a number, and a matrix is wanted here`,
      label: "a number does not stand for a matrix by itself",
      helps: [`write ${code(`${quote(span, source).slice(1, -1)} * I`)}, with the number on the diagonal`]
    })
  },
  "not-a-number": {
    code: "GMM0237",
    words: ({ operand: operand2 }, source) => ({
      message: `${quote(operand2.span, source)} is ${valueName2(operand2.type)}, and a number is wanted here`,
      label: "not a number",
      labels: at(operand2.declared, "declared here", source),
      helps: operand2.type.domain === "boolean" ? [`write ${code(`if ${quote(operand2.span, source).slice(1, -1)} then 1 else 0`)}`] : operand2.type.domain === "plate" ? [`it can choose from a symbol over ${code(operand2.type.plate ?? "k")}, as in ${code(`mu[${quote(operand2.span, source).slice(1, -1)}]`)}`] : []
    })
  },
  "not-a-condition": {
    code: "GMM0238",
    words: ({ operand: operand2 }, source) => ({
      message: `${quote(operand2.span, source)} is ${valueName2(operand2.type)}, and a condition is wanted here`,
      label: "neither true nor false",
      labels: at(operand2.declared, "declared here", source),
      helps: [operand2.type.domain === "plate" ? `compare it: ${code(`${quote(operand2.span, source).slice(1, -1)} = 1`)}` : "a condition is a comparison, or a `boolean` symbol"]
    })
  },
  "not-comparable": {
    code: "GMM0239",
    words: ({ left, right }, source) => ({
      message: `${quote(left.span, source)} is ${valueName2(left.type)} and ${quote(right.span, source)} is ${valueName2(right.type)}: they cannot be compared`,
      label: "not of one kind",
      labels: [...at(left.declared, "declared here", source), ...at(right.declared, "declared here", source)]
    })
  },
  "argument-count": {
    code: "GMM0240",
    words: ({ name, expected, given }) => ({
      message: `${code(name)} takes ${plural(expected, "argument")}, and here are ${given}`,
      label: `expected ${expected}`
    })
  },
  "argument-named": {
    code: "GMM0240",
    words: ({ name }) => ({
      message: `the arguments of ${code(name)} have no names`,
      label: "leave the name off"
    })
  }
};
function wrongOperand({ operation, found, expected }, source) {
  const text = quote(found.span, source);
  return {
    message: `${OPERATIONS[operation]} ${operation === "*" ? "begins with" : operation === "/" ? "is" : operation === "^" ? "is taken of" : operation === "[\u2026]" ? "is made of" : "takes"} ${expected === "number or vector" ? "numbers or vectors" : article(expected)}, and ${text} is ${shapeName(found.type)}`,
    label: `expected ${article(expected)}`,
    labels: at(found.declared, "declared here", source),
    helps: operandHelp(operation, found, text.slice(1, -1))
  };
}
function operandHelp(operation, found, text) {
  const rank2 = found.type.shape.length;
  if (operation === "*") return [`for the sum of products of two vectors, write ${code(`dot(${text}, \u2026)`)}`];
  if (operation === "dot" && rank2 === 0) return ["for two numbers, write `*`"];
  if (operation === "diag" && rank2 === 0) return [`for a multiple of the identity matrix, write ${code(`${text} * I`)}`];
  if (operation === "'" && rank2 === 1) return ["a vector is not transposed: `dot(v, w)` is v\u1D40w, and `W * v` the product with a matrix"];
  if (operation === "^" && rank2 === 2) return ["for a product of two matrices, write `S * S`"];
  return [];
}
var shapeName = (type) => type.shape.length === 0 ? "a number" : type.shape.length === 1 ? `a vector (${printType(type)})` : `a matrix (${printType(type)})`;
function valueName2(type) {
  switch (type.domain) {
    case "plate":
      return `one of the values of ${code(type.plate ?? "")}`;
    case "category":
      return "one of several categories";
    case "boolean":
      return "true or false";
    case "real":
    case "positive":
    case "unit":
    case "simplex":
    case "covariance":
    case "orthogonal":
    case "shape":
    case "count":
    case "unknown":
      return shapeName(type);
  }
}

// src/diagnostics/model.ts
var MODEL = {
  ...NAMES,
  ...PLATES,
  ...SIZES,
  ...TYPES,
  ...SHAPES,
  ...INDICES,
  ...SCALES,
  ...DISTRIBUTIONS,
  ...CONSTRAINTS,
  ...WARNINGS
};
var describeModel = (problems, source, options = {}) => describe(
  MODEL,
  problems.filter((p) => p.severity !== "pedantic" || options.pedantic === true),
  source
);

// src/diagnostics/syntax.ts
var describeSyntax = (problems, text) => describe(SYNTAX, problems, { text, spans: [] });
var MEANT = {
  "\u2265": ">=",
  "\u2264": "<=",
  "\u2260": "!=",
  "\u2212": "-",
  "\u2013": "-",
  "\xD7": "*",
  "\xB7": "*",
  "\u22C5": "*",
  "\xF7": "/",
  "\u2192": "->",
  "\u223C": "~",
  "\u02DC": "~",
  "\u201C": '"',
  "\u201D": '"',
  "\u201E": '"',
  "\xAB": '"',
  "\xBB": '"',
  "\u2019": "'",
  "\u2018": "'",
  "\u2032": "'",
  "\u1D40": "'",
  "\xB2": "^2",
  "\xB3": "^3",
  "\u2026": "..",
  "%": "#",
  ";": "",
  "\\": "",
  "{": "[",
  "}": "]",
  "|": "",
  "&": "and",
  "!": "not",
  "=": "=",
  "@": "",
  "$": ""
};
var SYNTAX = {
  "unexpected-character": {
    code: "GMM0101",
    words: ({ text }) => {
      const meant = MEANT[text] ?? MEANT[[...text][0] ?? ""];
      return {
        message: `I do not know the character ${code(text)}`,
        label: "not part of the language",
        helps: meant === void 0 || meant === "" ? text === ";" || text === "\\" ? ["statements need no separator: each begins with its role"] : [] : text === "%" ? ["a comment begins with `#`"] : [`write ${code(meant)}`]
      };
    }
  },
  "unterminated-string": {
    code: "GMM0102",
    words: () => ({
      message: "this text has no closing quote",
      label: "begins here, and the line ends first",
      helps: ['close it with `"`; a quote inside is written `\\"`']
    })
  },
  "bad-number": { code: "GMM0103", words: ({ text }) => badNumber(text) },
  "unexpected-token": { code: "GMM0104", words: (p) => unexpectedToken(p) },
  "unexpected-end": {
    code: "GMM0105",
    words: ({ expected, inside }) => ({
      message: `this ${inside === void 0 ? "statement" : code(inside)} line ends too early: I expected ${listed(expected)}`,
      label: `${listed(expected)} is missing here`,
      helps: inside === void 0 ? [] : formOf(inside)
    })
  },
  "unknown-role": {
    code: "GMM0106",
    words: ({ found, near: near2 }) => ({
      message: `no statement begins with ${code(found.text)}`,
      label: near2 === void 0 ? "not a role" : `did you mean ${code(near2)}?`,
      helps: near2 === void 0 ? ["the roles are `model`, `const`, `plate`, `param`, `latent`, `data`, `let`, `constrain` and `limit`"] : []
    })
  },
  "reserved-word": {
    code: "GMM0107",
    words: ({ word: word2 }) => ({
      message: `${code(word2)} is a word of the language and cannot be a name`,
      label: "reserved",
      helps: [`choose another name, such as ${code(`${word2}_`)}; a column of this name is written in quotes: ${code(`"${word2}"`)}`]
    })
  },
  unclosed: {
    code: "GMM0108",
    words: ({ opener, opened }) => ({
      message: `${code(opener)} is never closed`,
      label: `expected ${code(opener === "(" ? ")" : "]")} before this`,
      labels: [{ span: opened, message: "opened here" }]
    })
  },
  "chained-relation": {
    code: "GMM0109",
    words: () => ({
      message: "a relation has two sides, and this is a third",
      label: "second relation",
      helps: ["write two: `a < b and b < c` in a condition, two `constrain` lines in a model"]
    })
  },
  "bad-limit": {
    code: "GMM0110",
    words: () => ({
      message: "the only limit is from above to zero",
      label: "expected `-> 0+`",
      helps: ["write `limit eps -> 0+`, with the constant that goes to zero"]
    })
  },
  "empty-model": {
    code: "GMM0111",
    words: () => ({
      message: "there is nothing in this file",
      helps: ["a model has at least one `data` line, such as `data x[i] : real ~ Normal(mu, s2)`"]
    })
  }
};
function badNumber(text) {
  const message = `${code(text)} is not a number`;
  const glued = /^(\d+(?:\.\d+)?)([A-Za-z_]\w*)$/.exec(text);
  if (glued?.[2] !== void 0 && !/^[eE]\d*$/.test(glued[2]))
    return { message, label: "a number and a name", helps: [`write ${code(`${glued[1]} * ${glued[2]}`)}`] };
  if (/^\d+\.$/.test(text)) return { message, label: "digits are missing after the point", helps: [`write ${code(text.slice(0, -1))} or ${code(`${text}0`)}`] };
  if (/^\./.test(text)) return { message, label: "digits are missing before the point", helps: [`write ${code(`0${text}`)}`] };
  if (!/[^\d.eE+-]/.test(text) && !Number.isFinite(Number(text))) return { message: `${code(text)} is too large for a number`, label: "beyond 1.8e308" };
  return { message, label: "digits, then perhaps a point and digits, then perhaps `e` and an exponent" };
}
function unexpectedToken({ found, expected, inside }) {
  const what = code(found);
  if (inside === void 0)
    return { message: `a statement cannot begin with ${what}`, label: "expected a role", helps: ["every statement begins with its role: `param`, `data`, `latent`, `plate`, `const`, \u2026"] };
  if (inside === "plate" && expected.length === 1 && expected[0] === "`1`")
    return { message: `a plate counts from 1, not from ${found}`, label: "expected `1`", helps: ["indices run from 1: `plate k in 1..K`"] };
  if (inside === "constrain" && found === "!=")
    return { message: "`!=` constrains nothing", label: `expected ${listed(expected)}` };
  if (expected.length === 0)
    return { message: `I did not expect ${what} here: the ${code(inside)} line is complete before it`, label: "unexpected", helps: formOf(inside) };
  return { message: `I expected ${listed(expected)} here, and found ${what}`, label: `expected ${listed(expected)}`, helps: hint(inside, found, expected) };
}
function hint(inside, found, expected) {
  if (expected.includes("`:`") && (found === "~" || found === "=")) return [`every symbol has a type: ${code(`${inside} x[i] : real ~ \u2026`)}`];
  if (expected.includes("`)`") && found === "=") return ["an argument is named with a colon: `rate: 2`"];
  return formOf(inside);
}
function formOf(role) {
  const form = FORMS[role];
  return form === void 0 ? [] : [`the form is ${code(form)}`];
}
var FORMS = {
  model: 'model NAME "title"',
  const: "const K = 3",
  plate: "plate k in 1..K` or `plate i over rows",
  param: "param NAME[PLATES] : TYPE ~ DISTRIBUTION",
  latent: "latent NAME[PLATES] : TYPE ~ DISTRIBUTION",
  data: "data NAME[PLATES] : TYPE from COLUMNS ~ DISTRIBUTION",
  let: "let NAME[PLATES] = EXPRESSION",
  constrain: "constrain EXPRESSION = EXPRESSION",
  limit: "limit eps -> 0+"
};

// src/model/domains.ts
var UNITS = { sd: 1, variance: 2, precision: -2 };
var unitOf = (kind) => kind === void 0 ? 0 : UNITS[kind];
function kindOf(unit) {
  return unit === 1 ? "sd" : unit === 2 ? "variance" : unit === -2 ? "precision" : void 0;
}
function withScale(type, scale) {
  const { scale: _dropped, ...rest } = type;
  return scale === void 0 ? rest : { ...rest, scale };
}
var NUMERIC = /* @__PURE__ */ new Set(["real", "positive", "unit", "count", "simplex", "shape", "covariance", "orthogonal"]);
var NOT_NEGATIVE = /* @__PURE__ */ new Set(["positive", "unit", "count", "simplex", "shape"]);
var isNumeric = (domain) => NUMERIC.has(domain);
var isNotNegative = (domain) => NOT_NEGATIVE.has(domain);
function literalDomain(value) {
  if (value < 0) return "real";
  if (value <= 1) return "unit";
  return Number.isInteger(value) ? "count" : "positive";
}
function join(a, b) {
  if (a === "unknown" || b === "unknown") return "unknown";
  if (a === b) return a;
  return isNotNegative(a) && isNotNegative(b) ? "positive" : "real";
}
function sumDomain(a, b) {
  if (a === "count" && b === "count") return "count";
  if (a === "covariance" && b === "covariance") return "covariance";
  return isNotNegative(a) && isNotNegative(b) ? "positive" : "real";
}
function scaledDomain(factor, of, rank2) {
  if (!isNotNegative(factor)) return "real";
  if (rank2 === 2) return of === "covariance" ? "covariance" : "real";
  if (!isNotNegative(of)) return "real";
  if (factor === "unit" && (of === "unit" || of === "simplex")) return "unit";
  return factor === "count" && of === "count" ? "count" : "positive";
}
function powerDomain(base, exponent) {
  if (base === "unit" && exponent !== void 0 && exponent >= 0) return "unit";
  if (base === "count" && exponent !== void 0 && exponent >= 0 && Number.isInteger(exponent)) return "count";
  if (isNotNegative(base)) return "positive";
  return exponent !== void 0 && exponent % 2 === 0 ? "positive" : "real";
}
function entryType(type, isDiagonal) {
  const entry = (domain) => ({ domain, shape: [] });
  switch (type.domain) {
    case "simplex":
      return entry("unit");
    case "shape":
      return entry("positive");
    case "covariance":
      return isDiagonal ? withScale(entry("positive"), type.scale === "variance" ? "variance" : void 0) : entry("real");
    case "orthogonal":
      return entry("real");
    case "real":
    case "positive":
    case "unit":
    case "count":
    case "boolean":
    case "category":
    case "plate":
    case "unknown":
      return withScale(entry(type.domain), type.scale);
  }
}

// src/model/constant-folding.ts
var isOf = (e, what) => e.type.domain === "unknown" || (what === "numeric" ? isNumeric(e.type.domain) : e.type.domain === "boolean");
function knownValue(context, e) {
  const both = (a, b, f) => {
    const [x, y] = [knownValue(context, a), knownValue(context, b)];
    return x === void 0 || y === void 0 ? void 0 : f(x, y);
  };
  const one = (a, f) => {
    const x = knownValue(context, a);
    return x === void 0 ? void 0 : f(x);
  };
  switch (e.kind) {
    case "number":
      return e.value;
    case "size":
      return sizeValue(context, e.size);
    case "constant": {
      const entity = context.entities.get(e.name);
      let value = entity?.kind === "constant" ? entity.value : void 0;
      for (const coordinate of e.coordinates) value = Array.isArray(value) ? value[coordinate - 1] : void 0;
      return typeof value === "number" ? value : void 0;
    }
    case "fill":
      return knownValue(context, e.value);
    case "add":
      return both(e.left, e.right, (x, y) => x + y);
    case "subtract":
      return both(e.left, e.right, (x, y) => x - y);
    case "multiply":
      return both(e.left, e.right, (x, y) => x * y);
    case "divide":
      return both(e.left, e.right, (x, y) => x / y);
    case "power":
      return both(e.base, e.exponent, (x, y) => x ** y);
    case "negate":
      return one(e.operand, (x) => -x);
    case "function":
      return one(e.argument, FUNCTIONS[e.name]);
    case "boolean":
    case "symbol":
    case "vector":
    case "identity":
    case "transpose":
    case "diag":
    case "dot":
    case "sum":
    case "softmax":
    case "compare":
    case "and":
    case "or":
    case "not":
    case "if":
    case "distribution":
    case "error":
      return void 0;
  }
}
var FUNCTIONS = {
  log: Math.log,
  exp: Math.exp,
  sqrt: Math.sqrt,
  logistic: (x) => 1 / (1 + Math.exp(-x))
};
function knownEntries(context, e) {
  if (e.kind === "vector") return e.elements.map((x) => knownValue(context, x));
  if (e.kind === "constant" && e.coordinates.length === 0) {
    const entity = context.entities.get(e.name);
    const value = entity?.kind === "constant" ? entity.value : void 0;
    return Array.isArray(value) && typeof value[0] === "number" ? value : void 0;
  }
  const length = e.kind === "fill" ? sizeValue(context, e.type.shape[0]) : void 0;
  return length === void 0 ? void 0 : Array.from({ length }, () => knownValue(context, e));
}

// src/model/context.ts
var NO_PLATE = "?";
var UNKNOWN = { domain: "unknown", shape: [] };
function spanId(context, span) {
  context.spans.push(span);
  return context.spans.length - 1;
}
function error(context, problem) {
  context.problems.push({ ...problem, severity: "error" });
}
function warning(context, problem) {
  context.problems.push({ ...problem, severity: "warning" });
}
function pedantry(context, problem) {
  context.problems.push({ ...problem, severity: "pedantic" });
}
var failed = (span) => ({ kind: "error", type: UNKNOWN, span });
var isUnknown = (e) => e.type.domain === "unknown";
var rankOf = (e) => e.type.shape.length;
function roleOf(entity) {
  switch (entity.kind) {
    case "plate":
      return "plate";
    case "constant":
      return "const";
    case "variable":
      return entity.role;
    case "definition":
      return "let";
  }
}
function declaredAt(context, e) {
  if (e.kind !== "symbol" && e.kind !== "constant") return void 0;
  const entity = context.entities.get(e.name);
  if (entity === void 0) return void 0;
  return entity.kind === "variable" || entity.kind === "constant" ? entity.typeSpan : entity.span;
}
var operand = (context, e) => ({
  span: e.span,
  type: shownType(context, e.type),
  declared: declaredAt(context, e)
});
function selectorsOf(context, plate) {
  return [...context.entities.values()].flatMap(
    (entity) => entity.kind === "variable" && entity.type.plate === plate ? [`${entity.name}${entity.plates.length === 0 ? "" : `[${entity.plates.join(", ")}]`}`] : []
  );
}

// src/model/contradictions.ts
function checkFacts(context, constraints) {
  const facts = constraints.flatMap((c) => factsOf(context, c));
  const isRight = facts.map((f) => isPossible(context, f));
  const good = facts.filter((_, n) => isRight[n]);
  const contradicted = /* @__PURE__ */ new Set();
  for (const [n, later] of good.entries()) {
    const earlier = good.slice(0, n).find((f) => areOfOne(f, later) && isEmpty(f, later));
    if (earlier === void 0) continue;
    contradicted.add(later);
    error(context, { kind: "constraints-contradict", other: earlier.span, span: later.span });
  }
  checkSums(context, good.filter((f) => !contradicted.has(f)));
  for (const c of constraints) checkVectors(context, c);
}
function factsOf(context, c) {
  const [p, q] = [knownValue(context, c.left), knownValue(context, c.right)];
  const [side, value, isLeft] = q !== void 0 ? [c.left, q, true] : [c.right, p, false];
  if (value === void 0 || side.kind !== "symbol") return [];
  const at2 = [...side.indices, ...side.coordinates].map((i) => i.kind === "number" ? i.value : "*");
  const isOpen = c.relation === "<";
  const given = isLeft ? c.right : c.left;
  const base = { symbol: side, at: at2, isOpen, span: c.span, given };
  if (c.relation === "=") return [{ ...base, low: value, high: value }];
  return [isLeft ? { ...base, low: -Infinity, high: value } : { ...base, low: value, high: Infinity }];
}
function rangeOf(e) {
  switch (e.type.domain) {
    case "positive":
    case "shape":
      return { low: 0, high: Infinity, isOpen: true };
    case "unit":
    case "simplex":
      return { low: 0, high: 1, isOpen: false };
    case "count":
      return { low: 0, high: Infinity, isOpen: false };
    case "real":
    case "covariance":
    case "orthogonal":
    case "boolean":
    case "category":
    case "plate":
    case "unknown":
      return { low: -Infinity, high: Infinity, isOpen: false };
  }
}
function isPossible(context, f) {
  const range = rangeOf(f.symbol);
  const isOutside = f.high < range.low || f.low > range.high || range.isOpen && f.high <= range.low;
  if (isOutside) {
    const value = String(knownValue(context, f.given));
    error(context, { kind: "constraint-outside", left: operand(context, f.symbol), value, span: f.span });
  }
  return !isOutside;
}
var areOfOne = (a, b) => a.symbol.name === b.symbol.name && a.at.length === b.at.length && a.at.every((x, n) => x === "*" || b.at[n] === "*" || x === b.at[n]);
function isEmpty(a, b) {
  const [low, high] = [Math.max(a.low, b.low), Math.min(a.high, b.high)];
  if (low > high) return true;
  const isTouching = low === high && (a.low !== a.high || b.low !== b.high);
  return isTouching && (a.isOpen && (a.low === low || a.high === high) || b.isOpen && (b.low === low || b.high === high));
}
function checkSums(context, facts) {
  const groups = /* @__PURE__ */ new Map();
  for (const f of facts) {
    const entity = context.entities.get(f.symbol.name);
    if (entity?.kind !== "variable" || entity.type.domain !== "simplex" || f.symbol.coordinates.length !== 1 || f.low <= 0) continue;
    const key = JSON.stringify([f.symbol.name, f.at.slice(0, -1)]);
    groups.set(key, [...(groups.get(key) ?? []).filter((g) => g.at.at(-1) !== f.at.at(-1)), f]);
  }
  for (const group of groups.values()) {
    const entity = context.entities.get(group[0].symbol.name);
    const size2 = entity?.kind === "variable" ? sizeValue(context, entity.type.shape[0]) : void 0;
    const last = group.at(-1);
    const every = group.find((f) => f.at.at(-1) === "*");
    const sum3 = every !== void 0 && size2 !== void 0 ? every.low * size2 : group.reduce((total, f) => total + f.low, 0);
    const all = group.every((f) => f.low === f.high) && (every !== void 0 || group.length === size2);
    if (sum3 > 1 + 1e-9 || all && size2 !== void 0 && sum3 < 1 - 1e-9) {
      const others = group.slice(0, -1).map((f) => f.span);
      error(context, { kind: "constraint-sum", name: last.symbol.name, sum: sum3, all, others, span: last.span });
    }
  }
}
function checkVectors(context, c) {
  if (c.relation !== "=" || c.left.type.shape.length !== 1) return;
  const [side, other] = c.left.kind === "symbol" ? [c.left, c.right] : [c.right, c.left];
  const entries = other.kind === "vector" || other.kind === "constant" ? knownEntries(context, other) : void 0;
  if (side.kind !== "symbol" || entries?.every((x) => x !== void 0) !== true) return;
  const range = rangeOf(side);
  const outside = entries.find((x) => x < range.low || x > range.high || range.isOpen && x <= range.low);
  const sum3 = entries.reduce((total, x) => total + x, 0);
  if (outside !== void 0) error(context, { kind: "constraint-outside", left: operand(context, side), value: String(outside), span: c.span });
  else if (side.type.domain === "simplex" && Math.abs(sum3 - 1) > 1e-9)
    error(context, { kind: "constraint-sum", name: side.name, sum: sum3, all: true, others: [], span: c.span });
}

// src/model/operators.ts
function areNumbers(context, ...list) {
  const wrong = list.filter((e) => !isOf(e, "numeric"));
  for (const e of wrong) error(context, { kind: "not-a-number", operand: operand(context, e), span: e.span });
  return wrong.length === 0 && !list.some(isUnknown);
}
function hasRank(context, e, operation, ranks) {
  if (isUnknown(e) || ranks.includes(rankOf(e))) return !isUnknown(e);
  const expected = ranks.length > 1 ? "number or vector" : ranks[0] === 0 ? "number" : ranks[0] === 1 ? "vector" : "matrix";
  error(context, { kind: "operand", operation, found: operand(context, e), expected, span: e.span });
  return false;
}
function arithmetic(context, operator, left, right, span) {
  if (!areNumbers(context, left, right)) return failed(span);
  switch (operator) {
    case "+":
    case "-":
      return sum2(context, operator, left, right, span);
    case "*":
      return product2(context, left, right, span);
    case "/":
      return quotient2(context, left, right, span);
    case "^":
      return power2(context, left, right, span);
  }
}
function commonKind(context, operation, left, right, span) {
  const [p, q] = [left.type.scale, right.type.scale];
  if (p === void 0 || q === void 0 || p === q) return { scale: p ?? q };
  error(context, { kind: "scale-kinds-mixed", operation, left: operand(context, left), right: operand(context, right), span });
  return void 0;
}
function alike(context, operation, left, right, span) {
  const [m, n] = [rankOf(left), rankOf(right)];
  if (m === n) {
    if (unifyShapes(context, left.type.shape, right.type.shape, right.span)) return [left, right];
    sizesDiffer(context, right, left);
    return void 0;
  }
  if (m === 0 && n === 1) return [fill2(left, right.type.shape), right];
  if (m === 1 && n === 0) return [left, fill2(right, left.type.shape)];
  const [number2, matrix2] = m === 0 ? [left, right] : [right, left];
  if (rankOf(number2) === 0) error(context, { kind: "number-where-matrix", size: operand(context, matrix2).type, span: number2.span });
  else error(context, { kind: "shapes-differ", operation, left: operand(context, left), right: operand(context, right), span });
  return void 0;
}
function sum2(context, operator, a, b, span) {
  const kind = commonKind(context, operator, a, b, span);
  if (kind === void 0) return failed(span);
  const sides = alike(context, operator, a, b, span);
  if (sides === void 0) return failed(span);
  const [left, right] = sides;
  const { shape: shape2 } = left.type;
  if (operator === "+")
    return { kind: "add", left, right, type: withScale({ domain: sumDomain(a.type.domain, b.type.domain), shape: shape2 }, kind.scale), span };
  const isComplement = knownValue(context, a) === 1 && b.type.domain === "unit";
  return { kind: "subtract", left, right, type: { domain: isComplement ? "unit" : "real", shape: shape2 }, span };
}
function product2(context, left, right, span) {
  const [m, n] = [rankOf(left), rankOf(right)];
  const scale = kindOf(unitOf(left.type.scale) + unitOf(right.type.scale));
  const [p, q] = [left.type, right.type];
  const result = (type) => ({ kind: "multiply", left, right, type: withScale(type, scale), span });
  if (m === 0 || n === 0) {
    const [factor, of] = m === 0 ? [p, q] : [q, p];
    const domain = scaledDomain(factor.domain, of.domain, of.shape.length);
    const isScale = of.shape.length === 2 ? isNotNegative(factor.domain) : domain !== "real";
    const type = { domain, shape: of.shape };
    return isScale ? result(type) : { kind: "multiply", left, right, type, span };
  }
  if (m === 1) {
    error(context, { kind: "operand", operation: "*", found: operand(context, left), expected: "matrix", span });
    return failed(span);
  }
  const [rows, inner] = p.shape;
  if (!unify(context, inner, q.shape[0], right.span)) {
    sizesDiffer(context, right, left, [inner, ...q.shape.slice(1)]);
    return failed(span);
  }
  return n === 1 ? { kind: "multiply", left, right, type: { domain: "real", shape: [rows] }, span } : result({ domain: "real", shape: [rows, q.shape[1]] });
}
function quotient2(context, left, right, span) {
  if (!hasRank(context, right, "/", [0])) return failed(span);
  const scale = kindOf(unitOf(left.type.scale) - unitOf(right.type.scale));
  const isPart = right.kind === "size" || right.type.domain === "count";
  const domain = isPart && left.type.domain === "unit" && rankOf(left) === 0 ? "unit" : scaledDomain(isNotNegative(right.type.domain) ? "positive" : "real", left.type.domain, rankOf(left));
  const type = { domain, shape: left.type.shape };
  const isScale = domain !== "real" || rankOf(left) === 2 && isNotNegative(right.type.domain);
  return { kind: "divide", left, right, type: isScale ? withScale(type, scale) : type, span };
}
function power2(context, base, exponent, span) {
  if (!hasRank(context, base, "^", [0]) || !hasRank(context, exponent, "^", [0])) return failed(span);
  const value = knownValue(context, exponent);
  const scale = value === void 0 ? void 0 : kindOf(unitOf(base.type.scale) * value);
  const type = { domain: powerDomain(base.type.domain, value), shape: [] };
  return { kind: "power", base, exponent, type: withScale(type, scale), span };
}
function negate2(context, of, span) {
  if (!areNumbers(context, of)) return failed(span);
  return { kind: "negate", operand: of, type: { domain: "real", shape: of.type.shape }, span };
}
function transpose2(context, of, span) {
  if (!areNumbers(context, of) || !hasRank(context, of, "'", [2])) return failed(span);
  return { kind: "transpose", operand: of, type: { ...of.type, shape: [of.type.shape[1], of.type.shape[0]] }, span };
}
function condition(context, e) {
  if (isUnknown(e)) return false;
  if (isOf(e, "boolean")) return true;
  error(context, { kind: "not-a-condition", operand: operand(context, e), span: e.span });
  return false;
}
var BOOLEAN = { domain: "boolean", shape: [] };
function logical(context, kind, left, right, span) {
  const both = [condition(context, left), condition(context, right)];
  return both.every(Boolean) ? { kind, left, right, type: BOOLEAN, span } : failed(span);
}
function compare(context, relation, left, right, span) {
  if (isUnknown(left) || isUnknown(right)) return failed(span);
  const isChoice = (e) => e.type.domain === "plate" || e.type.domain === "category";
  const isWhole = (e) => e.kind === "number" && Number.isInteger(e.value) && e.value >= 1;
  const isSame = left.type.domain === right.type.domain && left.type.plate === right.type.plate && left.type.shape.length === 0;
  const areNumeric = isOf(left, "numeric") && isOf(right, "numeric") && rankOf(left) === 0 && rankOf(right) === 0;
  const isOk = areNumeric || isChoice(left) && isWhole(right) || isWhole(left) && isChoice(right) || isSame && !isOf(left, "numeric");
  if (!isOk) {
    error(context, { kind: "not-comparable", left: operand(context, left), right: operand(context, right), span });
    return failed(span);
  }
  const [chosen, number2] = isChoice(left) ? [left, right] : [right, left];
  if (isChoice(chosen) && number2.kind === "number") {
    const size2 = chosen.type.plate === void 0 ? chosen.type.categories : { kind: "plate", plate: chosen.type.plate };
    const length = size2 === void 0 ? void 0 : sizeValue(context, size2);
    if (length !== void 0 && number2.value > length) {
      const plate = chosen.type.plate === void 0 ? void 0 : context.entities.get(chosen.type.plate);
      error(context, { kind: "index-out-of-range", index: number2.value, size: length, over: chosen.type.plate ?? "category", declared: plate?.span, span: number2.span });
      return failed(span);
    }
  }
  return { kind: "compare", relation, left, right, type: BOOLEAN, span };
}

// src/model/functions.ts
function applyFunction(context, name, node, scope, span, infer2) {
  const nameSpan = spanId(context, node.name.span);
  const list = node.arguments ?? [];
  const isOverPlate = name === "sum" || name === "softmax";
  const bound = isOverPlate ? boundPlate(context, node, scope, nameSpan) : void 0;
  if (!isOverPlate && node.indices.length > 0) error(context, { kind: "indices-on-function", name, span: nameSpan });
  const inner = bound === void 0 ? scope : { ...scope, plates: [...scope.plates, bound] };
  if (isOverPlate && bound === void 0) return failed(span);
  const args = list.map((a) => infer2(context, a.value, inner));
  const named = list.find((a) => a.name !== void 0);
  if (named !== void 0) {
    error(context, { kind: "argument-named", name, span: spanId(context, named.name.span) });
    return failed(span);
  }
  const expected = name === "dot" ? 2 : 1;
  if (args.length !== expected) {
    error(context, { kind: "argument-count", name, expected, given: args.length, span });
    return failed(span);
  }
  const [first, second] = args;
  if (!areNumbers(context, ...args)) return failed(span);
  switch (name) {
    case "dot":
      return dot2(context, first, second, span);
    case "diag":
      return diag2(context, first, span);
    case "log":
    case "exp":
    case "sqrt":
    case "logistic":
      return scalarFunction(context, name, first, span);
    case "sum":
      return { kind: "sum", plate: bound, body: first, type: sumType(first.type), span };
    case "softmax":
      if (!hasRank(context, first, "softmax", [0])) return failed(span);
      return { kind: "softmax", plate: bound, body: first, type: { domain: "simplex", shape: [plateSize(bound)] }, span };
  }
}
function boundPlate(context, node, scope, span) {
  const [index, ...more] = node.indices;
  const name = index?.kind === "reference" && index.indices.length === 0 ? index.name.text : void 0;
  const entity = name === void 0 ? void 0 : context.entities.get(name);
  if (index?.kind === "missing") return void 0;
  if (entity?.kind !== "plate" || more.length > 0) {
    error(context, { kind: "plate-needed", name: node.name.text, span });
    return void 0;
  }
  if (scope.plates.includes(entity.name)) {
    error(context, { kind: "plate-bound-twice", plate: entity.name, span: spanId(context, index.span) });
    return void 0;
  }
  return entity.name;
}
function dot2(context, left, right, span) {
  const areVectors = [hasRank(context, left, "dot", [1]), hasRank(context, right, "dot", [1])];
  if (!areVectors.every(Boolean)) return failed(span);
  if (!unify(context, left.type.shape[0], right.type.shape[0], right.span)) {
    sizesDiffer(context, right, left);
    return failed(span);
  }
  const domain = isNotNegative(left.type.domain) && isNotNegative(right.type.domain) ? "positive" : "real";
  return { kind: "dot", left, right, type: { domain, shape: [] }, span };
}
function diag2(context, of, span) {
  if (!hasRank(context, of, "diag", [1])) return failed(span);
  const [size2] = of.type.shape;
  const domain = isNotNegative(of.type.domain) ? "covariance" : "real";
  return { kind: "diag", operand: of, type: withScale({ domain, shape: [size2, size2] }, of.type.scale), span };
}
function scalarFunction(context, name, argument, span) {
  if (isUnknown(argument) || !hasRank(context, argument, name, [0, 1])) return failed(span);
  const { shape: shape2, scale } = argument.type;
  const type = { domain: name === "log" ? "real" : name === "logistic" ? "unit" : "positive", shape: shape2 };
  return { kind: "function", name, argument, type: withScale(type, name === "sqrt" ? kindOf(unitOf(scale) / 2) : void 0), span };
}
var sumType = (type) => ({
  ...type,
  domain: type.domain === "unit" || type.domain === "simplex" || type.domain === "shape" ? "positive" : type.domain === "orthogonal" ? "real" : type.domain
});

// src/model/nearest.ts
function nearest(word2, candidates) {
  let best;
  for (const text of candidates) {
    if (text === word2) continue;
    const distance = editDistance(word2.toLowerCase(), text.toLowerCase()) + (word2.toLowerCase() === text.toLowerCase() ? 0.5 : 0);
    if (distance <= tolerance(word2, text) && (best === void 0 || distance < best.distance)) best = { text, distance };
  }
  return best?.text;
}
var tolerance = (a, b) => {
  const length = Math.max(a.length, b.length);
  return length <= 2 ? 0.5 : length <= 4 ? 1 : Math.floor(length / 3);
};
function editDistance(a, b) {
  const [left, right] = [[...a], [...b]];
  const rows = [Array.from({ length: right.length + 1 }, (_, n) => n)];
  for (let i = 1; i <= left.length; i++) {
    const row = [i];
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1] ? 0 : 1;
      let cost = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + same);
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1])
        cost = Math.min(cost, rows[i - 2][j - 2] + 1);
      row.push(cost);
    }
    rows.push(row);
  }
  return rows[left.length][right.length];
}

// src/model/vocabulary.ts
var TYPES2 = {
  real: { domain: "real", sizes: [0, 1, 2], spellings: ["real", "real[D]", "real[P, D]"] },
  positive: { domain: "positive", sizes: [0, 1, 2], spellings: ["positive", "positive[D]", "positive[P, D]"] },
  unit: { domain: "unit", sizes: [0, 1], spellings: ["unit", "unit[D]"] },
  simplex: { domain: "simplex", sizes: [1], spellings: ["simplex[k]"] },
  variance: { domain: "positive", sizes: [0, 1], scale: "variance", spellings: ["variance", "variance[D]"] },
  sd: { domain: "positive", sizes: [0, 1], scale: "sd", spellings: ["sd", "sd[D]"] },
  precision: { domain: "positive", sizes: [0, 1, 2], scale: "precision", spellings: ["precision", "precision[D]", "precision[D, D]"] },
  covariance: { domain: "covariance", sizes: [1], isSquare: true, scale: "variance", spellings: ["covariance[D]"] },
  orthogonal: { domain: "orthogonal", sizes: [1], isSquare: true, spellings: ["orthogonal[D]"] },
  shape: { domain: "shape", sizes: [1], spellings: ["shape[D]"] },
  count: { domain: "count", sizes: [0, 1], spellings: ["count", "count[D]"] },
  boolean: { domain: "boolean", sizes: [0], spellings: ["boolean"] },
  category: { domain: "category", sizes: [1], spellings: ["category[C]"] }
};
var FUNCTIONS2 = ["dot", "diag", "log", "exp", "sqrt", "logistic", "sum", "softmax"];
var isFunction = (name) => FUNCTIONS2.includes(name);
var DISTRIBUTIONS2 = [
  ...["Normal", "StudentT", "LogNormal", "Laplace", "Uniform", "PointMass", "Exponential", "Gamma", "InverseGamma"],
  ...["InverseGaussian", "Weibull", "Beta", "VonMises", "Bernoulli", "Binomial", "Categorical", "Multinomial", "Poisson"],
  ...["Geometric", "NegativeBinomial", "Dirichlet", "InverseWishart"]
];
var IDENTITY = "I";
var SCALE_KINDS = ["variance", "sd", "precision"];
var isScaleKind = (name) => SCALE_KINDS.includes(name);

// src/model/indices.ts
function resolveIndex(context, node, target, place, scope) {
  const span = spanId(context, node.span);
  switch (node.kind) {
    case "missing":
      return void 0;
    case "number":
      return numberIndex(context, node, target, place, span);
    case "reference":
      return node.arguments === void 0 ? namedIndex(context, node, target, place, scope, span) : notAnIndex(context, span);
    case "binary":
      return previousIndex(context, node, target, place, scope, span);
    case "unary":
      if (node.operator === "-" && node.operand.kind === "number") error(context, { kind: "index-not-whole", span });
      else notAnIndex(context, span);
      return void 0;
    case "boolean":
    case "vector":
    case "transpose":
    case "if":
      return notAnIndex(context, span);
  }
}
function notAnIndex(context, span) {
  error(context, { kind: "not-an-index", found: void 0, span });
  return void 0;
}
function numberIndex(context, node, target, place, span) {
  const { value } = node;
  if (!Number.isInteger(value) || value < 1) {
    error(context, { kind: "index-not-whole", span });
    return void 0;
  }
  const size2 = target.kind === "plate" ? plateSize(target.plate) : target.size;
  const length = sizeValue(context, size2);
  if (length !== void 0 && value > length) {
    const plate = size2.kind === "plate" ? context.entities.get(size2.plate) : void 0;
    const over2 = sizeText(size2);
    error(context, { kind: "index-out-of-range", index: value, size: length, over: over2, declared: plate?.span ?? place.declared, span });
    return void 0;
  }
  return { kind: "number", value };
}
function namedIndex(context, node, target, place, scope, span) {
  const name = node.name.text;
  const entity = context.entities.get(name);
  if (entity === void 0) {
    unknownName(context, name, spanId(context, node.name.span));
    return void 0;
  }
  if (entity.kind === "plate") {
    if (node.indices.length > 0) return notAnIndex(context, span);
    return runs(context, entity.name, scope, span) && fits(context, entity.name, target, place, span) ? { kind: "plate", plate: entity.name } : void 0;
  }
  if (entity.kind !== "variable") {
    error(context, {
      kind: "not-an-index",
      found: entity.kind === "constant" ? { span, type: entity.type, declared: entity.typeSpan } : void 0,
      span
    });
    return void 0;
  }
  const { plate, domain } = entity.type;
  const isComplete = node.indices.length === entity.plates.length;
  if (domain === "unknown") return void 0;
  if (plate === void 0) {
    error(context, { kind: "not-an-index", found: { span, type: entity.type, declared: entity.typeSpan }, span });
    return void 0;
  }
  if (!isComplete) {
    indexCount(context, entity.name, entity.plates, node.indices.length, 0, entity.typeSpan, span);
    return void 0;
  }
  const indices = resolveIndices(context, node.indices, entity.plates, [], { name, declared: entity.span }, scope);
  if (indices === void 0 || !fits(context, plate, target, place, span)) return void 0;
  return { kind: "symbol", symbol: entity.name, indices: indices.plates, plate };
}
function previousIndex(context, node, target, place, scope, span) {
  const name = node.left.kind === "reference" && node.left.indices.length === 0 ? node.left.name.text : void 0;
  const entity = name === void 0 ? void 0 : context.entities.get(name);
  const isOneBefore = node.operator === "-" && node.right.kind === "number" && node.right.value === 1;
  if (entity?.kind !== "plate" || !isOneBefore) return notAnIndex(context, span);
  if (entity.range.kind !== "rows" || entity.range.orderedBy === void 0) {
    error(context, { kind: "previous-needs-order", plate: entity.name, declared: entity.span, span });
    return void 0;
  }
  return runs(context, entity.name, scope, span) && fits(context, entity.name, target, place, span) ? { kind: "previous", plate: entity.name } : void 0;
}
function runs(context, plate, scope, span) {
  if (scope.plates.includes(plate)) return true;
  if (scope.free !== void 0) {
    if (!scope.free.includes(plate)) scope.free.push(plate);
    return true;
  }
  if (!scope.plates.includes(NO_PLATE))
    error(context, { kind: "plate-out-of-scope", plate, available: scope.plates, latents: selectorsOf(context, plate), span });
  return false;
}
function fits(context, plate, target, place, span) {
  if (target.kind === "axis") {
    if (unify(context, target.size, plateSize(plate), span)) return true;
    error(context, { kind: "index-size", name: place.name, size: sizeText(canonical(context, target.size)), plate, declared: place.declared, span });
    return false;
  }
  if (target.plate === plate || target.plate === NO_PLATE) return true;
  error(context, {
    kind: "index-of-another-plate",
    name: place.name,
    expected: target.plate,
    found: plate,
    declared: place.declared,
    latents: selectorsOf(context, target.plate),
    span
  });
  return false;
}
function resolveIndices(context, nodes, plates, shape2, place, scope) {
  const targets = [
    ...plates.map((plate) => ({ kind: "plate", plate })),
    ...shape2.map((size2) => ({ kind: "axis", size: size2 }))
  ];
  const all = nodes.slice(0, targets.length).map((node, n) => resolveIndex(context, node, targets[n], place, scope));
  const known = all.filter((index) => index !== void 0);
  return known.length < all.length ? void 0 : { plates: known.slice(0, plates.length), coordinates: known.slice(plates.length) };
}
function indexCount(context, name, plates, given, rank2, declared, span) {
  const entity = context.entities.get(name);
  if (given < plates.length) {
    const latents = selectorsOf(context, plates[given]);
    error(context, { kind: "too-few-indices", name, plates, given, declared: entity.span, latents, span });
    return false;
  }
  if (given > plates.length + rank2) {
    const type = entity.kind === "variable" || entity.kind === "constant" ? entity.type : { domain: "unknown", shape: [] };
    error(context, { kind: "too-many-indices", name, allowed: plates.length + rank2, given, type, declared, span });
    return false;
  }
  return true;
}
function unknownName(context, name, span) {
  const near2 = nearest(name, [...context.entities.keys(), ...FUNCTIONS2, ...DISTRIBUTIONS2]);
  if (near2 !== void 0) context.used.add(near2);
  error(context, { kind: "unknown-name", name, near: near2, span });
}

// src/model/expressions.ts
function infer(context, node, scope) {
  const span = spanId(context, node.span);
  switch (node.kind) {
    case "missing":
      return failed(span);
    case "number":
      return { kind: "number", value: node.value, type: { domain: literalDomain(node.value), shape: [] }, span };
    case "boolean":
      return { kind: "boolean", value: node.value, type: { domain: "boolean", shape: [] }, span };
    case "vector":
      return vector2(context, node.elements.map((e) => infer(context, e, scope)), span);
    case "reference":
      return reference(context, node, scope, span);
    case "transpose":
      return transpose2(context, infer(context, node.operand, scope), span);
    case "unary": {
      const of = infer(context, node.operand, scope);
      if (node.operator === "-") return negate2(context, of, span);
      return condition(context, of) ? { kind: "not", operand: of, type: of.type, span } : failed(span);
    }
    case "binary":
      return binary(context, node.operator, infer(context, node.left, scope), infer(context, node.right, scope), span);
    case "if":
      return choice(context, node, scope, span);
  }
}
function binary(context, operator, left, right, span) {
  switch (operator) {
    case "+":
    case "-":
    case "*":
    case "/":
    case "^":
      return arithmetic(context, operator, left, right, span);
    case "and":
    case "or":
      return logical(context, operator, left, right, span);
    case "=":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return compare(context, operator, left, right, span);
  }
}
function toShape(context, e, shape2) {
  if (isUnknown(e)) return e;
  if (rankOf(e) === 0 && shape2.length === 1) return fill2(e, shape2);
  if (rankOf(e) !== shape2.length || !unifyShapes(context, e.type.shape, shape2, e.span)) return void 0;
  return e;
}
var fill2 = (value, shape2) => ({
  kind: "fill",
  value,
  type: { ...value.type, shape: shape2 },
  span: value.span
});
function vector2(context, elements, span) {
  const [first, ...rest] = elements;
  if (first === void 0 || elements.some(isUnknown)) return failed(span);
  for (const e of elements) {
    if (!isOf(e, "numeric")) {
      error(context, { kind: "not-a-number", operand: operand(context, e), span: e.span });
      return failed(span);
    }
    if (rankOf(e) > 1) {
      error(context, { kind: "operand", operation: "[\u2026]", found: operand(context, e), expected: "number or vector", span: e.span });
      return failed(span);
    }
    if (rankOf(e) !== rankOf(first)) {
      error(context, { kind: "shapes-differ", operation: "[\u2026]", left: operand(context, first), right: operand(context, e), span: e.span });
      return failed(span);
    }
    if (!unifyShapes(context, first.type.shape, e.type.shape, e.span)) {
      sizesDiffer(context, e, first);
      return failed(span);
    }
  }
  const kinds = elements.filter((e) => e.type.scale !== void 0);
  const other = kinds.find((e) => e.type.scale !== kinds[0].type.scale);
  if (other !== void 0) {
    error(context, { kind: "scale-kinds-mixed", operation: "[\u2026]", left: operand(context, kinds[0]), right: operand(context, other), span });
    return failed(span);
  }
  const domain = rest.reduce((d, e) => join(d, e.type.domain), first.type.domain);
  const size2 = { kind: "number", value: elements.length };
  const type = { domain: domain === "simplex" || domain === "shape" ? "positive" : domain, shape: [size2, ...first.type.shape] };
  return { kind: "vector", elements, type: withScale(type, kinds[0]?.type.scale), span };
}
function sizesDiffer(context, marked, other, shape2 = other.type.shape) {
  const because = fixedNames(context, [...declaredShape(context, marked), ...declaredShape(context, other)]);
  error(context, {
    kind: "sizes-differ",
    left: operand(context, marked),
    right: operand(context, other),
    expected: settledType(context, { ...marked.type, shape: shape2 }),
    because,
    span: marked.span
  });
}
function declaredShape(context, e) {
  const entity = e.kind === "symbol" || e.kind === "constant" ? context.entities.get(e.name) : void 0;
  return entity?.kind === "variable" || entity?.kind === "constant" ? entity.type.shape : e.type.shape;
}
function reference(context, node, scope, span) {
  const name = node.name.text;
  const nameSpan = spanId(context, node.name.span);
  const entity = context.entities.get(name);
  if (isFunction(name)) {
    if (node.arguments !== void 0) return applyFunction(context, name, node, scope, span, infer);
    error(context, { kind: "not-a-value", name, what: "function", span: nameSpan });
    return failed(span);
  }
  if (node.arguments !== void 0) {
    for (const { value } of node.arguments) infer(context, value, scope);
    notAFunction(context, node, nameSpan);
    return failed(span);
  }
  if (name === IDENTITY) {
    if (node.indices.length > 0) {
      error(context, { kind: "indices-on-function", name, span });
      return failed(span);
    }
    const size2 = freshSize(context, span);
    return { kind: "identity", type: { domain: "covariance", shape: [size2, size2] }, span };
  }
  if (entity === void 0) {
    if (context.sizes.has(name) && node.indices.length === 0)
      return { kind: "size", size: { kind: "named", name }, type: { domain: "count", shape: [] }, span };
    if (DISTRIBUTIONS2.includes(name)) error(context, { kind: "not-a-value", name, what: "distribution", span: nameSpan });
    else unknownName(context, name, nameSpan);
    return failed(span);
  }
  switch (entity.kind) {
    case "plate":
      error(context, { kind: "not-a-value", name, what: "plate", span: nameSpan });
      return failed(span);
    case "constant":
      return constant(context, entity, node, scope, span);
    case "variable":
      return indexed(context, entity, entity.type, entity.typeSpan, node, scope, span);
    case "definition": {
      const definition = resolveDefinition(context, entity);
      return indexed(context, entity, definition?.type ?? UNKNOWN, entity.span, node, scope, span);
    }
  }
}
function notAFunction(context, node, span) {
  const name = node.name.text;
  const entity = context.entities.get(name);
  if (entity !== void 0) {
    const role = entity.kind === "plate" ? "plate" : entity.kind === "constant" ? "const" : entity.kind === "definition" ? "let" : entity.role;
    error(context, { kind: "called-symbol", name, role, declared: entity.span, span });
  } else if (DISTRIBUTIONS2.includes(name)) error(context, { kind: "distribution-in-expression", name, span });
  else if (Object.hasOwn(TYPES2, name)) error(context, { kind: "unknown-function", name, near: void 0, span });
  else error(context, { kind: "unknown-function", name, near: nearest(name, [...FUNCTIONS2, ...DISTRIBUTIONS2]), span });
}
function constant(context, entity, node, scope, span) {
  if (entity.isSize && node.indices.length === 0)
    return { kind: "size", size: { kind: "constant", name: entity.name }, type: { domain: "count", shape: [] }, span };
  if (entity.type.domain === "unknown") return failed(span);
  const found = coordinatesOf(context, entity.name, [], entity.type, entity.typeSpan, node, scope, span);
  if (found === void 0) return failed(span);
  const numbers = found.coordinates.flatMap((c) => c.kind === "number" ? [c.value] : []);
  return numbers.length === found.coordinates.length ? { kind: "constant", name: entity.name, coordinates: numbers, type: found.type, span } : { kind: "symbol", name: entity.name, indices: [], coordinates: found.coordinates, type: found.type, span };
}
function indexed(context, entity, type, declared, node, scope, span) {
  const found = coordinatesOf(context, entity.name, entity.plates, type, declared, node, scope, span);
  if (found === void 0) return failed(span);
  return { kind: "symbol", name: entity.name, indices: found.indices, coordinates: found.coordinates, type: found.type, span };
}
function coordinatesOf(context, name, plates, type, declared, node, scope, span) {
  const given = node.indices.length;
  const isTyped = type.domain !== "unknown" && !plates.includes(NO_PLATE);
  if (isTyped && !indexCount(context, name, plates, given, type.shape.length, declared, span)) {
    return void 0;
  }
  const place = { name, declared: context.entities.get(name).span };
  const found = resolveIndices(context, node.indices, plates, type.shape, place, scope);
  if (found === void 0 || !isTyped) return void 0;
  const { coordinates } = found;
  const left = type.shape.slice(coordinates.length);
  const [a, b] = coordinates;
  const isDiagonal = a?.kind === "number" && b?.kind === "number" ? a.value === b.value : a?.kind === "plate" && b?.kind === "plate" && a.plate === b.plate;
  const result = coordinates.length === 0 ? type : left.length === 0 ? entryType(type, isDiagonal) : { domain: type.domain === "positive" ? "positive" : "real", shape: left };
  return { indices: found.plates, coordinates, type: result };
}
function resolveDefinition(context, entity) {
  if (entity.state === "resolving") {
    const names = [...context.entities.values()].flatMap((e) => e.kind === "definition" && e.state === "resolving" ? [e.name] : []);
    error(context, { kind: "cyclic-definition", names, span: entity.span });
    return void 0;
  }
  if (entity.state !== "waiting") return entity.state;
  entity.state = "resolving";
  const { statement, plates } = entity;
  const value = infer(context, statement.value, { plates, free: void 0 });
  const definition = {
    role: "definition",
    name: entity.name,
    plates,
    type: value.type,
    ...statement.documentation === void 0 ? {} : { documentation: statement.documentation },
    span: entity.span,
    typeSpan: value.span,
    value
  };
  entity.state = definition;
  return definition;
}
function choice(context, node, scope, span) {
  const test = infer(context, node.condition, scope);
  const isTest = condition(context, test);
  const [a, b] = [infer(context, node.then, scope), infer(context, node.else, scope)];
  if (!isTest || isUnknown(a) || isUnknown(b)) return failed(span);
  for (const e of [a, b])
    if (!isOf(e, "numeric") && a.type.domain !== b.type.domain) {
      error(context, { kind: "not-a-number", operand: operand(context, e), span: e.span });
      return failed(span);
    }
  const shape2 = rankOf(a) >= rankOf(b) ? a.type.shape : b.type.shape;
  const [then, otherwise] = [toShape(context, a, shape2), toShape(context, b, shape2)];
  if (then === void 0 || otherwise === void 0) {
    if (rankOf(a) === rankOf(b)) sizesDiffer(context, b, a);
    else error(context, { kind: "shapes-differ", operation: "if", left: operand(context, a), right: operand(context, b), span });
    return failed(span);
  }
  const [p, q] = [a.type.scale, b.type.scale];
  if (p !== void 0 && q !== void 0 && p !== q) {
    error(context, { kind: "scale-kinds-mixed", operation: "if", left: operand(context, a), right: operand(context, b), span });
    return failed(span);
  }
  const type = withScale({ ...a.type, domain: join(a.type.domain, b.type.domain), shape: shape2 }, p ?? q);
  return { kind: "if", condition: test, then, else: otherwise, type, span };
}

// src/model/traverse.ts
function children(e) {
  switch (e.kind) {
    case "number":
    case "boolean":
    case "size":
    case "constant":
    case "symbol":
    case "identity":
    case "error":
      return [];
    case "vector":
      return e.elements;
    case "fill":
      return [e.value];
    case "add":
    case "subtract":
    case "multiply":
    case "divide":
    case "dot":
    case "compare":
    case "and":
    case "or":
      return [e.left, e.right];
    case "power":
      return [e.base, e.exponent];
    case "negate":
    case "transpose":
    case "diag":
    case "not":
      return [e.operand];
    case "function":
      return [e.argument];
    case "sum":
    case "softmax":
      return [e.body];
    case "if":
      return [e.condition, e.then, e.else];
    case "distribution":
      return Object.values(e.arguments);
  }
}
function* nodesOf(e) {
  yield e;
  for (const child of children(e)) yield* nodesOf(child);
}
function rewrite(e, change) {
  const go = (child) => rewrite(child, change);
  switch (e.kind) {
    case "number":
    case "boolean":
    case "size":
    case "constant":
    case "symbol":
    case "identity":
    case "error":
      return change(e);
    case "vector":
      return change({ ...e, elements: e.elements.map(go) });
    case "fill":
      return change({ ...e, value: go(e.value) });
    case "add":
    case "subtract":
    case "multiply":
    case "divide":
    case "dot":
    case "compare":
    case "and":
    case "or":
      return change({ ...e, left: go(e.left), right: go(e.right) });
    case "power":
      return change({ ...e, base: go(e.base), exponent: go(e.exponent) });
    case "negate":
    case "transpose":
    case "diag":
    case "not":
      return change({ ...e, operand: go(e.operand) });
    case "function":
      return change({ ...e, argument: go(e.argument) });
    case "sum":
    case "softmax":
      return change({ ...e, body: go(e.body) });
    case "if":
      return change({ ...e, condition: go(e.condition), then: go(e.then), else: go(e.else) });
    case "distribution":
      return change({ ...e, arguments: Object.fromEntries(Object.entries(e.arguments).map(([name, a]) => [name, go(a)])) });
  }
}

// src/model/constraints.ts
function resolveConstraints(context) {
  const statements = context.tree.statements.filter((s) => s.kind === "constrain");
  const constraints = statements.flatMap((s) => resolveConstraint(context, s));
  checkFacts(context, constraints);
  return constraints;
}
function resolveConstraint(context, statement) {
  const span = spanId(context, { start: statement.left.span.start, end: statement.right.span.end });
  const free = [];
  const scope = { plates: [], free };
  const a = infer(context, statement.left, scope);
  const b = infer(context, statement.right, scope);
  if (isUnknown(a) || isUnknown(b) || !areNumbers(context, a, b)) return [];
  const isAllowed2 = speaksOfParametersAlone(context, [a, b]);
  if (!isAllowed2) return [];
  if (![a, b].some((e) => mentions(context, e, "param"))) {
    error(context, { kind: "constraint-without-parameter", span });
    return [];
  }
  if (commonKind(context, "=", a, b, span) === void 0) return [];
  const sides = alike(context, "=", a, b, span);
  if (sides === void 0) return [];
  const [left, right] = sides;
  const base = { plates: free, span };
  switch (statement.relation) {
    case "=":
    case "<=":
    case "<":
      return [{ relation: statement.relation, left, right, ...base }];
    case ">=":
      return [{ relation: "<=", left: right, right: left, ...base }];
    case ">":
      return [{ relation: "<", left: right, right: left, ...base }];
  }
}
function observed(context, e) {
  for (const node of nodesOf(e)) {
    if (node.kind !== "symbol") continue;
    const entity = context.entities.get(node.name);
    if (entity?.kind === "variable" && entity.role !== "param") return { name: entity.name, at: node };
    const definition = entity?.kind === "definition" && typeof entity.state === "object" ? entity.state.value : void 0;
    const inside = definition === void 0 ? void 0 : observed(context, definition);
    if (inside !== void 0) return { name: inside.name, at: node };
    const chosen = [...node.indices, ...node.coordinates].find((i) => i.kind === "symbol");
    if (chosen?.kind === "symbol") return { name: chosen.symbol, at: node };
  }
  return void 0;
}
function speaksOfParametersAlone(context, sides) {
  for (const side of sides) {
    const found = observed(context, side);
    const entity = found === void 0 ? void 0 : context.entities.get(found.name);
    if (found === void 0 || entity?.kind !== "variable" || entity.role === "param") continue;
    error(context, { kind: "constraint-on", name: found.name, role: entity.role, declared: entity.span, span: found.at.span });
    return false;
  }
  return true;
}
function mentions(context, e, role) {
  return [...nodesOf(e)].some((node) => {
    const entity = node.kind === "symbol" ? context.entities.get(node.name) : void 0;
    if (entity?.kind === "definition" && typeof entity.state === "object") return mentions(context, entity.state.value, role);
    return entity?.kind === "variable" && entity.role === role;
  });
}

// src/model/constants.ts
function evaluateConstant(context, entity, node, declared) {
  if (node.kind === "missing") return void 0;
  const value = evaluate(node);
  const span = spanId(context, node.span);
  if (value === void 0) {
    error(context, { kind: "constant-not-written-out", name: entity.name, span });
    return void 0;
  }
  const type = { domain: domainOf(value), shape: shapeOf2(value) };
  if (declared === void 0 || declared.domain === "unknown") return { value, type };
  if (declared.shape.length !== type.shape.length || !unifyShapes(context, declared.shape, type.shape, span)) {
    error(context, {
      kind: "constant-shape",
      name: entity.name,
      type: settledType(context, declared),
      declared: entity.typeSpan,
      found: type,
      span
    });
    return void 0;
  }
  if (!isIn(value, declared)) {
    error(context, { kind: "constant-domain", name: entity.name, type: settledType(context, declared), span });
    return void 0;
  }
  return { value, type };
}
var isMatrix = (value) => Array.isArray(value) && Array.isArray(value[0]);
function evaluate(node) {
  if (node.kind !== "vector") return evaluateNumber(node);
  const elements = node.elements.map(evaluate);
  const numbers = elements.filter((e) => typeof e === "number");
  if (numbers.length === elements.length) return numbers;
  const rows = elements.filter((e) => Array.isArray(e) && !Array.isArray(e[0]));
  return rows.length === elements.length && rows.every((r) => r.length === rows[0].length) ? rows : void 0;
}
function evaluateNumber(node) {
  switch (node.kind) {
    case "number":
      return node.value;
    case "unary": {
      const of = evaluateNumber(node.operand);
      return of === void 0 || node.operator === "not" ? void 0 : -of;
    }
    case "binary": {
      const [a, b] = [evaluateNumber(node.left), evaluateNumber(node.right)];
      return a === void 0 || b === void 0 ? void 0 : arithmetic2(node.operator, a, b);
    }
    case "reference": {
      const [argument, ...more] = node.arguments ?? [];
      const of = argument === void 0 || more.length > 0 ? void 0 : evaluateNumber(argument.value);
      return of === void 0 || node.indices.length > 0 ? void 0 : scalarFunction2(node.name.text, of);
    }
    case "boolean":
    case "vector":
    case "transpose":
    case "if":
    case "missing":
      return void 0;
  }
}
function arithmetic2(operator, a, b) {
  const results = { "+": a + b, "-": a - b, "*": a * b, "/": a / b, "^": a ** b };
  const result = results[operator];
  return result !== void 0 && Number.isFinite(result) ? result : void 0;
}
function scalarFunction2(name, x) {
  const functions = {
    log: Math.log,
    exp: Math.exp,
    sqrt: Math.sqrt,
    logistic: (y) => 1 / (1 + Math.exp(-y))
  };
  const value = Object.hasOwn(functions, name) ? functions[name](x) : void 0;
  return value !== void 0 && Number.isFinite(value) ? value : void 0;
}
var flat = (value) => typeof value === "number" ? [value] : value.flat();
var domainOf = (value) => flat(value).every((x) => x > 0) ? "positive" : "real";
function shapeOf2(value) {
  if (typeof value === "number") return [];
  const outer2 = { kind: "number", value: value.length };
  return isMatrix(value) ? [outer2, { kind: "number", value: value[0].length }] : [outer2];
}
var near = (a, b) => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));
function isIn(value, type) {
  const numbers = flat(value);
  switch (type.domain) {
    case "real":
    case "unknown":
      return true;
    case "positive":
      return numbers.every((x) => x > 0);
    case "unit":
      return numbers.every((x) => x >= 0 && x <= 1);
    case "count":
      return numbers.every((x) => x >= 0 && Number.isInteger(x));
    case "simplex":
      return numbers.every((x) => x >= 0) && near(numbers.reduce((a, b) => a + b, 0), 1);
    case "shape":
      return numbers.every((x) => x > 0) && near(numbers.reduce((a, b) => a * b, 1), 1);
    case "covariance":
      return isMatrix(value) && isPositiveDefinite(value);
    case "orthogonal":
      return isMatrix(value) && value.every((a, i) => value.every((b, j) => Math.abs(dot3(a, b) - (i === j ? 1 : 0)) <= 1e-6));
    case "boolean":
    case "category":
    case "plate":
      return false;
  }
}
var dot3 = (a, b) => a.reduce((sum3, x, n) => sum3 + x * b[n], 0);
function isPositiveDefinite(matrix2) {
  const lower = [];
  for (const [i, row] of matrix2.entries()) {
    const factor = [];
    for (let j = 0; j <= i; j++) {
      if (!near(row[j], matrix2[j][i])) return false;
      const rest = row[j] - dot3(factor.slice(0, j), (i === j ? factor : lower[j]).slice(0, j));
      if (i === j && rest <= 0) return false;
      factor.push(i === j ? Math.sqrt(rest) : rest / lower[j][j]);
    }
    lower.push(factor);
  }
  return true;
}

// src/model/declared-types.ts
function resolveType(context, node) {
  const span = spanId(context, node.span);
  const name = node.name.text;
  if (name === "") return UNKNOWN;
  const entity = context.entities.get(name);
  const word2 = Object.hasOwn(TYPES2, name) ? TYPES2[name] : void 0;
  if (entity?.kind === "plate") {
    if (node.sizes.length > 0) {
      error(context, { kind: "type-sizes", type: name, given: node.sizes.length, spellings: [name], span });
      return UNKNOWN;
    }
    return { domain: "plate", shape: [], plate: entity.name };
  }
  if (word2 === void 0) {
    const plates = [...context.entities.values()].flatMap((e) => e.kind === "plate" ? [e.name] : []);
    const near2 = nearest(name, [...Object.keys(TYPES2), ...plates]);
    error(context, { kind: "unknown-type", name, near: near2, span: spanId(context, node.name.span) });
    return UNKNOWN;
  }
  const sizes = node.sizes.map((size2) => resolveSize(context, size2));
  if (!word2.sizes.includes(sizes.length)) {
    error(context, { kind: "type-sizes", type: name, given: sizes.length, spellings: word2.spellings, span });
    return UNKNOWN;
  }
  const scale = word2.scale === void 0 ? {} : { scale: word2.scale };
  if (name === "category") return { domain: "category", shape: [], categories: sizes[0] };
  if (word2.isSquare === true) return { domain: word2.domain, shape: [sizes[0], sizes[0]], ...scale };
  if (name === "precision" && sizes.length === 2) return squarePrecision(context, sizes, node, span);
  return { domain: word2.domain, shape: sizes, ...scale };
}
function squarePrecision(context, sizes, node, span) {
  if (!unify(context, sizes[0], sizes[1], spanId(context, node.sizes[1].span))) {
    error(context, { kind: "type-sizes", type: "precision", given: 2, spellings: ["precision[D, D]"], span });
    return UNKNOWN;
  }
  return { domain: "covariance", shape: sizes, scale: "precision" };
}
function resolveSize(context, node) {
  const span = spanId(context, node.span);
  if (node.kind === "missing") return { kind: "unknown" };
  if (node.kind === "number") {
    if (Number.isInteger(node.value) && node.value >= 1) return { kind: "number", value: node.value };
    error(context, { kind: "size-value", name: void 0, value: node.value, span });
    return { kind: "unknown" };
  }
  if (node.kind !== "reference" || node.indices.length > 0 || node.arguments !== void 0 || isFunction(node.name.text)) {
    error(context, { kind: "bad-size", span });
    return { kind: "unknown" };
  }
  const name = node.name.text;
  const entity = context.entities.get(name);
  if (entity === void 0) return namedSize(context, name, span);
  switch (entity.kind) {
    case "plate":
      return { kind: "plate", plate: entity.name };
    case "constant":
      entity.isSize = true;
      return { kind: "constant", name: entity.name };
    case "variable":
    case "definition":
      error(context, { kind: "size-name-taken", name, role: roleOf(entity), declared: entity.span, span });
      return { kind: "unknown" };
  }
}

// src/model/roles.ts
var AS_WORDS = ["weight"];
function checkRole(context, entity) {
  const { role, name, statement, type } = entity;
  if (type.domain !== "unknown" && !isAllowed(role, type))
    error(context, { kind: "role-type", role, name, type: settledType(context, type), span: entity.typeSpan });
  if (statement.from.length > 0 && role === "param")
    error(context, { kind: "role-word", role, word: "from", name, span: spanId(context, statement.from[0].span) });
  if (statement.as !== void 0) checkAs(context, entity);
  switch (role) {
    case "param":
      return;
    case "latent":
      if (statement.from.length > 1)
        error(context, { kind: "labels-columns", name, span: spanId(context, statement.from[1].span) });
      if (statement.distribution === void 0)
        error(context, { kind: "latent-without-distribution", name, type, span: spanId(context, statement.head) });
      return;
    case "data":
      checkRows(context, entity);
      checkColumns(context, entity);
  }
}
function isAllowed(role, type) {
  switch (role) {
    case "param":
      return !["boolean", "category", "plate", "count"].includes(type.domain);
    case "latent":
      return ["plate", "boolean"].includes(type.domain) || type.domain === "real" && type.shape.length <= 1 || type.domain === "positive" && type.shape.length === 0;
    case "data":
      return true;
  }
}
function checkAs(context, entity) {
  const { role, name, statement, type } = entity;
  const as = statement.as;
  const span = spanId(context, as.span);
  if (role !== "data") error(context, { kind: "role-word", role, word: "as", name, span });
  else if (!AS_WORDS.includes(as.text))
    error(context, { kind: "unknown-as", word: as.text, near: nearest(as.text, AS_WORDS), span });
  else {
    const isNumber2 = ["positive", "count", "unit", "unknown"].includes(type.domain) && type.shape.length === 0;
    const modelled = statement.distribution !== void 0;
    if (!isNumber2 || modelled) error(context, { kind: "weight-type", name, type: settledType(context, type), modelled, span: entity.typeSpan });
    const first = [...context.entities.values()].find((e) => e.kind === "variable" && e.statement.as?.text === "weight");
    if (first !== void 0 && first !== entity) error(context, { kind: "two-weights", first: first.span, span });
  }
}
function checkRows(context, entity) {
  const plates = entity.plates.map((p) => context.entities.get(p));
  const isOfTable = plates.some((p) => p === void 0 || p.kind === "plate" && p.range.kind !== "count");
  if (isOfTable) return;
  const rows = [...context.entities.values()].find((e) => e.kind === "plate" && e.range.kind === "rows");
  error(context, { kind: "data-without-rows", name: entity.name, rows: rows?.name, span: spanId(context, entity.statement.head) });
}
function checkColumns(context, entity) {
  const { statement, type } = entity;
  const columns = statement.from.length;
  if (columns === 0 || type.domain === "unknown" || type.shape.length > 1) return;
  const span = spanId(context, { start: statement.from[0].span.start, end: statement.from.at(-1).span.end });
  const [size2] = type.shape;
  const fits2 = size2 === void 0 ? columns === 1 : unify(context, size2, { kind: "number", value: columns }, span);
  if (!fits2)
    error(context, { kind: "columns-differ", name: entity.name, columns, type: settledType(context, type), declared: entity.typeSpan, span });
}

// src/model/declare.ts
function declareNames(context) {
  for (const statement of context.tree.statements) {
    if (statement.kind === "model" || statement.kind === "constrain" || statement.kind === "limit") continue;
    const name = statement.name.text;
    const span = spanId(context, statement.name.span);
    const what = isFunction(name) ? "function" : DISTRIBUTIONS2.includes(name) ? "distribution" : name === IDENTITY ? "identity" : void 0;
    if (what !== void 0) {
      error(context, { kind: "reserved-name", name, what, span });
      continue;
    }
    const known = context.entities.get(name);
    if (known === void 0) context.entities.set(name, entityOf(context, statement));
    else if (!isFirstLine(known, statement, context)) error(context, { kind: "duplicate-name", name, first: known.span, span });
  }
}
function entityOf(context, statement) {
  const base = { name: statement.name.text, span: spanId(context, statement.name.span) };
  switch (statement.kind) {
    case "plate":
      return { ...base, kind: "plate", statement, range: { kind: "count", upTo: { kind: "unknown" } } };
    case "const":
      return {
        ...base,
        kind: "constant",
        statement,
        type: UNKNOWN,
        typeSpan: base.span,
        value: void 0,
        isLimit: false,
        isSize: false
      };
    case "param":
    case "latent":
    case "data":
      return {
        ...base,
        kind: "variable",
        role: statement.kind,
        statement,
        first: void 0,
        plates: [],
        type: UNKNOWN,
        typeSpan: spanId(context, statement.type.span)
      };
    case "let":
      return { ...base, kind: "definition", statement, plates: [], state: "waiting" };
  }
}
var speaksOfFirst = (statement) => "indices" in statement && statement.indices.some((index) => index.kind === "number");
function isFirstLine(known, statement, context) {
  if (known.kind !== "variable" || statement.kind !== known.role || known.first !== void 0) return false;
  const [isKnownFirst, isFirst] = [speaksOfFirst(known.statement), speaksOfFirst(statement)];
  if (isKnownFirst === isFirst) return false;
  const [first, rest] = isFirst ? [statement, known.statement] : [known.statement, statement];
  context.entities.set(known.name, {
    ...known,
    span: spanId(context, rest.name.span),
    typeSpan: spanId(context, rest.type.span),
    statement: rest,
    first
  });
  return true;
}
function declarePlates(context) {
  for (const entity of context.entities.values()) if (entity.kind === "plate") entity.range = plateRange2(context, entity);
}
function plateRange2(context, { statement: { range } }) {
  switch (range.kind) {
    case "rows":
      return {
        kind: "rows",
        ...range.orderedBy === void 0 ? {} : { orderedBy: range.orderedBy.text },
        ...range.within === void 0 ? {} : { within: range.within.text }
      };
    case "distinct":
      return { kind: "distinct", column: range.column.text };
    case "count": {
      const { upTo } = range;
      const isSize = upTo.kind === "number" || upTo.kind === "missing" || upTo.kind === "reference" && upTo.indices.length === 0 && upTo.arguments === void 0;
      if (isSize) return { kind: "count", upTo: resolveSize(context, upTo) };
      error(context, { kind: "plate-range", span: spanId(context, upTo.span) });
      return { kind: "count", upTo: { kind: "unknown" } };
    }
  }
}
function declareConstants(context) {
  const limits = context.tree.statements.filter((s) => s.kind === "limit");
  for (const [n, limit] of limits.entries()) {
    const entity = context.entities.get(limit.name.text);
    const span = spanId(context, limit.name.span);
    if (n > 0) error(context, { kind: "two-limits", first: spanId(context, limits[0].name.span), span });
    if (entity?.kind === "constant") entity.isLimit = true;
    else
      error(context, {
        kind: "limit-of",
        name: limit.name.text,
        role: entity === void 0 ? void 0 : roleOf(entity),
        declared: entity?.span,
        span
      });
  }
  for (const entity of context.entities.values()) if (entity.kind === "constant") declareConstant(context, entity);
}
function declareConstant(context, entity) {
  const { type, value } = entity.statement;
  const declared = type === void 0 ? void 0 : resolveType(context, type);
  if (type !== void 0) entity.typeSpan = spanId(context, type.span);
  const known = value === void 0 ? void 0 : evaluateConstant(context, entity, value, declared);
  entity.value = known?.value;
  entity.type = declared ?? known?.type ?? { domain: "real", shape: [] };
  if (declared === void 0 && entity.isLimit) entity.type = { domain: "positive", shape: [], scale: "variance" };
}
function checkSizes(context) {
  for (const entity of context.entities.values()) {
    if (entity.kind !== "constant" || !entity.isSize || entity.statement.value === void 0 || entity.value === void 0) continue;
    const value = sizeValue(context, { kind: "constant", name: entity.name });
    if (value === void 0 || !Number.isInteger(value) || value < 1)
      error(context, { kind: "size-value", name: entity.name, value: value ?? Number.NaN, span: spanId(context, entity.statement.value.span) });
  }
}
function declareVariables(context) {
  for (const entity of context.entities.values()) {
    if (entity.kind === "variable") {
      entity.type = resolveType(context, entity.statement.type);
      entity.plates = declaredPlates(context, entity.statement);
    } else if (entity.kind === "definition") entity.plates = declaredPlates(context, entity.statement);
  }
  for (const entity of context.entities.values())
    if (entity.kind === "variable") {
      checkFirst(context, entity);
      checkRole(context, entity);
    }
}
function declaredPlates(context, statement) {
  const plates = [];
  for (const index of statement.indices) {
    const span = spanId(context, index.span);
    const name = index.kind === "reference" && index.indices.length === 0 && index.arguments === void 0 ? index.name.text : void 0;
    const entity = name === void 0 ? void 0 : context.entities.get(name);
    if (index.kind === "number" || index.kind === "missing") continue;
    if (entity?.kind !== "plate") {
      const all = [...context.entities.values()].flatMap((e) => e.kind === "plate" ? [e.name] : []);
      const near2 = name === void 0 || entity !== void 0 ? void 0 : nearest(name, all);
      error(context, {
        kind: "declared-over",
        name: name ?? "",
        role: entity === void 0 ? void 0 : roleOf(entity),
        near: near2,
        span
      });
      plates.push(NO_PLATE);
    } else if (plates.includes(entity.name)) error(context, { kind: "plate-twice", plate: entity.name, span });
    else {
      plates.push(entity.name);
    }
  }
  return plates;
}
function checkFirst(context, entity) {
  const ordered = [...context.entities.values()].find((e) => e.kind === "plate" && e.range.kind === "rows" && e.range.orderedBy !== void 0);
  const first = entity.first ?? (speaksOfFirst(entity.statement) ? entity.statement : void 0);
  if (first === void 0) return;
  const span = spanId(context, first.head);
  const last = entity.plates.at(-1);
  const plate = last === void 0 ? void 0 : context.entities.get(last);
  if (entity.first === void 0) error(context, { kind: "chain-without-rest", name: entity.name, plate: ordered?.name, span });
  else if (plate?.kind === "plate" && (plate.range.kind !== "rows" || plate.range.orderedBy === void 0))
    error(context, { kind: "first-needs-order", name: entity.name, plate: plate.name, span });
  else if (first.indices.some((index) => index.kind === "number" && index.value !== 1))
    error(context, { kind: "declared-over", name: "", role: void 0, near: void 0, span: spanId(context, first.indices[0].span) });
}

// src/model/finish.ts
function finish(context, factors, constraints) {
  const entities = [...context.entities.values()];
  const variables = entities.filter((e) => e.kind === "variable");
  const settle = (e) => rewrite(e, (x) => settledNode(context, x));
  const lineOf = (name) => factors.find((f) => f.symbol === name && f.first === void 0)?.line;
  const definitions = entities.flatMap((e) => e.kind === "definition" && typeof e.state === "object" ? [e.state] : []);
  checkSizesFixed(context);
  checkIdentities(context, [...factors.map((f) => f.distribution), ...definitions.map((d) => d.value), ...constraints.flatMap((c) => [c.left, c.right])]);
  const head = context.tree.statements.find((s) => s.kind === "model");
  const declared = (e) => ({
    name: e.name,
    plates: e.plates,
    type: settledType(context, e.type),
    ...documented(e.statement),
    span: e.span,
    typeSpan: e.typeSpan
  });
  return {
    name: head?.name.text ?? "Model",
    title: head?.title?.text,
    documentation: head?.documentation,
    plates: entities.flatMap((e) => e.kind === "plate" ? [{ name: e.name, range: settledRange(context, e.range), ...documented(e.statement), span: e.span }] : []),
    constants: entities.flatMap(
      (e) => e.kind !== "constant" ? [] : [
        {
          name: e.name,
          type: e.isSize && e.statement.type === void 0 ? { domain: "count", shape: [] } : settledType(context, e.type),
          untyped: e.statement.type === void 0,
          value: e.value,
          isSize: e.isSize,
          ...documented(e.statement),
          span: e.span
        }
      ]
    ),
    sizes: namedSizes(context),
    parameters: variables.filter((e) => e.role === "param").map((e) => ({ role: "parameter", ...declared(e), prior: lineOf(e.name) })),
    latents: variables.filter((e) => e.role === "latent").map((e) => ({ role: "latent", ...declared(e), line: lineOf(e.name), labels: e.statement.from[0]?.text })),
    data: variables.filter((e) => e.role === "data").map((e) => ({
      role: "data",
      ...declared(e),
      line: lineOf(e.name),
      from: e.statement.from.map((c) => c.text),
      as: e.statement.as?.text === "weight" ? "weight" : void 0
    })),
    definitions: definitions.map((d) => ({ ...d, type: settledType(context, d.type), value: settle(d.value) })),
    factors: factors.map((f) => ({ ...f, distribution: settle(f.distribution) })),
    constraints: constraints.map((c) => ({ ...c, left: settle(c.left), right: settle(c.right) })),
    limit: limitOf(context)
  };
}
var documented = (s) => s.documentation === void 0 ? {} : { documentation: s.documentation };
var settledRange = (context, range) => range.kind === "count" ? { ...range, upTo: settled(context, range.upTo) } : range;
function settledNode(context, e) {
  const type = settledType(context, e.type);
  return e.kind === "size" ? { ...e, type, size: settled(context, e.size) } : { ...e, type };
}
function namedSizes(context) {
  return [...context.sizes.values()].flatMap((s) => {
    const found = canonical(context, { kind: "named", name: s.name });
    if (isFresh({ kind: "named", name: s.name })) return [];
    if (found.kind === "number") return [{ name: s.name, value: found.value, span: s.span }];
    return found.kind === "named" && found.name === s.name ? [{ name: s.name, value: void 0, span: s.span }] : [];
  });
}
function limitOf(context) {
  const statement = context.tree.statements.find((s) => s.kind === "limit");
  const entity = statement === void 0 ? void 0 : context.entities.get(statement.name.text);
  return entity?.kind === "constant" ? { constant: entity.name, span: spanId(context, statement.span) } : void 0;
}
function checkSizesFixed(context) {
  if (context.isPartial) return;
  const open = /* @__PURE__ */ new Set();
  for (const s of context.sizes.values()) {
    const found = canonical(context, { kind: "named", name: s.name });
    if (found.kind === "named" && !isFresh(found)) open.add(found.name);
  }
  for (const entity of context.entities.values()) {
    const isGiven = entity.kind === "constant" || entity.kind === "variable" && entity.role === "data";
    if (!isGiven) continue;
    for (const size2 of [...entity.type.shape, ...entity.type.categories === void 0 ? [] : [entity.type.categories]]) {
      const found = canonical(context, size2);
      if (found.kind === "named") open.delete(found.name);
    }
  }
  for (const name of open) {
    const isPlate = [...context.entities.values()].some(
      (e) => e.kind === "plate" && e.range.kind === "count" && e.range.upTo.kind === "named" && e.range.upTo.name === name
    );
    error(context, { kind: "size-not-fixed", name, isPlate, span: context.sizes.get(name).span });
  }
}
function checkIdentities(context, expressions) {
  const seen = /* @__PURE__ */ new Set();
  for (const e of expressions.flatMap((x) => [...nodesOf(x)])) {
    if (e.kind !== "identity" || seen.has(e.span)) continue;
    seen.add(e.span);
    if (isFresh(canonical(context, e.type.shape[0]))) error(context, { kind: "identity-without-size", span: e.span });
  }
}

// src/model/arguments.ts
function matchArguments(context, signature, list, span) {
  const distribution2 = signature.name;
  const spelling = spellingOf(signature);
  const positional = signature.arguments.filter((a) => !a.named);
  const given = [];
  let isComplete = true;
  const fail2 = () => void (isComplete = false);
  let position2 = 0;
  for (const item of list) {
    const at2 = spanId(context, item.span);
    const found = item.name === void 0 ? { argument: positional[position2++], said: void 0 } : byName(signature, item.name.text);
    const { argument } = found;
    if (argument === void 0) {
      fail2();
      const mustBeNamed = signature.arguments.filter((a) => a.named && !given.some((g) => g.argument === a)).map((a) => a.name);
      if (item.name !== void 0) {
        const names = signature.arguments.flatMap((a) => [a.name, ...a.pattern.kind === "scale" ? SCALE_KINDS : []]);
        const near2 = nearest(item.name.text, names);
        error(context, { kind: "argument-unknown", distribution: distribution2, name: item.name.text, near: near2, spelling, span: spanId(context, item.name.span) });
      } else if (mustBeNamed.length > 0 && positional.length < signature.arguments.length && position2 <= positional.length + mustBeNamed.length)
        error(context, { kind: "argument-must-be-named", distribution: distribution2, names: mustBeNamed, span: at2 });
      else error(context, { kind: "argument-surplus", distribution: distribution2, spelling, span: at2 });
      continue;
    }
    const first = given.find((g) => g.argument === argument || argument.alternative !== void 0 && g.argument.alternative === argument.alternative);
    if (first !== void 0) {
      fail2();
      error(context, { kind: "argument-twice", distribution: distribution2, name: argument.name, first: first.span, span: at2 });
    } else given.push({ argument, node: item.value, said: found.said, span: at2 });
  }
  const missing = missingArguments(signature, given);
  if (missing.length > 0 && isComplete) error(context, { kind: "argument-missing", distribution: distribution2, arguments: missing, spelling, span });
  return { given, isComplete: isComplete && missing.length === 0 };
}
function byName(signature, name) {
  const argument = signature.arguments.find((a) => a.name === name);
  if (argument !== void 0 || !isScaleKind(name)) return { argument, said: void 0 };
  return { argument: signature.arguments.find((a) => a.pattern.kind === "scale"), said: name };
}
function missingArguments(signature, given) {
  const missing = [];
  for (const a of signature.arguments) {
    const group = a.alternative === void 0 ? [a] : signature.arguments.filter((b) => b.alternative === a.alternative);
    if (group[0] === a && !group.some((b) => given.some((g) => g.argument === b))) missing.push(group.map(nameOf2).join(" or "));
  }
  return missing;
}
var nameOf2 = (a) => a.named ? `${a.name}:` : a.name;
function spellingOf(signature) {
  const parts = [];
  for (const a of signature.arguments) {
    const group = a.alternative === void 0 ? [a] : signature.arguments.filter((b) => b.alternative === a.alternative);
    if (group[0] === a) parts.push(group.map(nameOf2).join(" or "));
  }
  return `${signature.name}(${parts.join(", ")})`;
}

// src/model/argument-types.ts
function checkArgument(context, distribution2, given, value) {
  const { pattern, name } = given.argument;
  const e = given.value;
  if (isUnknown(e)) return e;
  if (!isOf(e, "numeric")) {
    error(context, { kind: "not-a-number", operand: operand(context, e), span: e.span });
    return failed(e.span);
  }
  const here = { distribution: distribution2, name, value };
  switch (pattern.kind) {
    case "scale":
      return value.type.shape.length === 0 ? scalarScale(context, e, given.said, here) : matrixScale(context, e, given.said, here);
    case "like-value":
      return shaped(context, e, value.type.shape, pattern.domain, here);
    case "scalar":
      return shaped(context, e, [], pattern.domain, here);
    case "over-value":
      return shaped(context, e, [lengthOver(value.type)], pattern.domain, here);
    case "matrix":
      return matrix(context, e, here);
  }
}
function lengthOver(type) {
  if (type.plate !== void 0) return plateSize(type.plate);
  return type.categories ?? type.shape[0] ?? { kind: "unknown" };
}
var valueOperand = (context, value) => ({
  span: value.span,
  type: settledType(context, value.type),
  declared: value.declared
});
function shaped(context, e, shape2, domain, here) {
  const result = toShape(context, e, shape2);
  if (result === void 0) {
    wrongShape(context, e, shape2, here);
    return failed(e.span);
  }
  if (isIn2(context, result, domain)) return result;
  error(context, {
    kind: "argument-domain",
    distribution: here.distribution,
    argument: here.name,
    expected: domain,
    found: operand(context, e),
    span: e.span
  });
  return failed(e.span);
}
function wrongShape(context, e, shape2, here) {
  const { value } = here;
  if (rankOf(e) === shape2.length && rankOf(e) === value.type.shape.length) {
    const found = operand(context, e);
    const because = fixedNames(context, [...value.type.shape, ...e.type.shape]);
    const expected = settledType(context, { ...e.type, shape: shape2 });
    error(context, { kind: "sizes-differ", left: found, right: valueOperand(context, value), expected, because, span: e.span });
  } else
    error(context, {
      kind: "argument-shape",
      distribution: here.distribution,
      argument: here.name,
      expected: settledType(context, { domain: "real", shape: shape2 }),
      found: operand(context, e),
      span: e.span
    });
}
function isIn2(context, e, domain) {
  const scalar = knownValue(context, e);
  switch (domain) {
    case "real":
      return true;
    case "positive": {
      const known = rankOf(e) === 1 ? knownEntries(context, e) : void 0;
      if (known?.every((x) => x !== void 0) === true) return known.every((x) => x > 0);
      return scalar === void 0 ? isNotNegative(e.type.domain) : scalar > 0;
    }
    case "unit":
      return scalar === void 0 ? e.type.domain === "unit" || e.type.domain === "simplex" : scalar >= 0 && scalar <= 1;
    case "count":
      return scalar === void 0 ? e.type.domain === "count" : scalar >= 0 && Number.isInteger(scalar);
    case "simplex":
      return isSimplex(context, e);
  }
}
function isSimplex(context, e) {
  if (e.type.domain === "simplex") return true;
  const entries = knownEntries(context, e);
  if (entries?.every((x) => x !== void 0) === true) {
    const sum3 = entries.reduce((total, x) => total + x, 0);
    return Math.abs(sum3 - 1) <= 1e-6 && entries.every((x) => x >= 0);
  }
  if (e.kind === "fill") {
    const { value } = e;
    if (value.kind === "divide" && value.right.kind === "size" && knownValue(context, value.left) === 1)
      return unify(context, value.right.size, e.type.shape[0], e.span);
    return sizeValue(context, e.type.shape[0]) === void 0 && e.type.domain === "unit";
  }
  return e.type.domain === "unit";
}
function scalarScale(context, e, said, here) {
  const { distribution: distribution2 } = here;
  const found = operand(context, e);
  if (rankOf(e) !== 0) {
    error(context, { kind: "scale-shape", distribution: distribution2, value: valueOperand(context, here.value), found, span: e.span });
    return failed(e.span);
  }
  const kind = kindSaid(context, e, said);
  if (kind === "contradiction") return failed(e.span);
  const value = knownValue(context, e);
  if (value !== void 0 ? value <= 0 : kind !== void 0 && !isNotNegative(e.type.domain)) {
    error(context, { kind: "scale-not-positive", distribution: distribution2, found, value, span: e.span });
    return failed(e.span);
  }
  if (kind === void 0) {
    const constant2 = e.kind === "constant" ? e.name : void 0;
    error(context, { kind: "scale-without-kind", distribution: distribution2, constant: constant2, declared: declaredAt(context, e), span: e.span });
    return failed(e.span);
  }
  return { ...e, type: withScale({ domain: "positive", shape: [] }, kind) };
}
function matrixScale(context, e, said, here) {
  const { distribution: distribution2, value } = here;
  const found = operand(context, e);
  if (rankOf(e) !== 2) {
    error(context, { kind: "scale-shape", distribution: distribution2, value: valueOperand(context, value), found, span: e.span });
    return failed(e.span);
  }
  const [size2] = value.type.shape;
  if (!unifyShapes(context, e.type.shape, [size2, size2], e.span)) {
    const because = fixedNames(context, [...value.type.shape, ...e.type.shape]);
    const expected = settledType(context, { ...e.type, shape: [size2, size2] });
    error(context, { kind: "sizes-differ", left: operand(context, e), right: valueOperand(context, value), expected, because, span: e.span });
    return failed(e.span);
  }
  const kind = kindSaid(context, e, said);
  if (kind === "contradiction") return failed(e.span);
  const isNegative = e.kind === "negate" || e.kind === "multiply" && (knownValue(context, e.left) ?? 1) <= 0;
  if (isNegative) {
    error(context, { kind: "scale-not-positive", distribution: distribution2, found, value: void 0, span: e.span });
    return failed(e.span);
  }
  return { ...e, type: withScale({ domain: "covariance", shape: e.type.shape }, kind ?? "variance") };
}
function kindSaid(context, e, said) {
  const { scale } = e.type;
  if (said === void 0 || scale === void 0 || said === scale) return scale ?? said;
  error(context, { kind: "scale-kind-contradicts", said, found: operand(context, e), span: e.span });
  return "contradiction";
}
function matrix(context, e, here) {
  const { value } = here;
  if (rankOf(e) !== 2) {
    const shown = settledType(context, value.type);
    error(context, rankOf(e) === 0 ? { kind: "number-where-matrix", size: shown, span: e.span } : { kind: "argument-shape", distribution: here.distribution, argument: here.name, expected: shown, found: operand(context, e), span: e.span });
    return failed(e.span);
  }
  if (unifyShapes(context, e.type.shape, value.type.shape, e.span)) return e;
  wrongShape(context, e, value.type.shape, here);
  return failed(e.span);
}

// src/model/lines.ts
function resolveLine(context, node, value, scope) {
  const span = spanId(context, node.span);
  switch (node.kind) {
    case "missing":
      return failed(span);
    case "if": {
      const test = infer(context, node.condition, scope);
      const isTest = condition(context, test);
      const then = resolveLine(context, node.then, value, scope);
      const otherwise = resolveLine(context, node.else, value, scope);
      return isTest ? { kind: "if", condition: test, then, else: otherwise, type: value.type, span } : failed(span);
    }
    case "reference":
      return distribution(context, node, value, scope, span);
    case "number":
    case "boolean":
    case "vector":
    case "unary":
    case "transpose":
    case "binary":
      infer(context, node, scope);
      error(context, { kind: "not-a-distribution", name: "", span });
      return failed(span);
  }
}
function distribution(context, node, value, scope, span) {
  const name = node.name.text;
  const nameSpan = spanId(context, node.name.span);
  const signature = context.signatures.find((s) => s.name === name);
  if (signature === void 0) {
    for (const argument of node.arguments ?? []) infer(context, argument.value, scope);
    unknownDistribution(context, node, nameSpan, scope);
    return failed(span);
  }
  if (node.arguments === void 0 || node.indices.length > 0) {
    error(context, { kind: "not-a-distribution", name, span });
    return failed(span);
  }
  const isAccepted = acceptsValue(context, signature, value, nameSpan);
  const matched = matchArguments(context, signature, node.arguments, nameSpan);
  const inferred = matched.given.map((g) => ({ ...g, value: infer(context, g.node, scope) }));
  if (!isAccepted || value.type.domain === "unknown") return failed(span);
  const checked = inferred.map((g) => [g.argument.name, checkArgument(context, signature.name, g, value)]);
  if (!matched.isComplete) return failed(span);
  if (name === "Dirichlet") warnBelowOne(context, checked.map(([, e]) => e));
  return { kind: "distribution", name, arguments: Object.fromEntries(checked), type: value.type, span };
}
function unknownDistribution(context, node, span, scope) {
  const name = node.name.text;
  const supported = context.signatures.map((s) => s.name);
  if (DISTRIBUTIONS2.includes(name)) error(context, { kind: "distribution-not-supported", name, supported, span });
  else if (node.arguments === void 0) {
    const inferred = infer(context, node, scope);
    if (isOf(inferred, "numeric") && inferred.kind !== "error") error(context, { kind: "not-a-distribution", name: "", span: inferred.span });
  } else error(context, { kind: "unknown-distribution", name, near: nearest(name, [...supported, ...DISTRIBUTIONS2]), span });
}
function acceptsValue(context, signature, value, span) {
  const { domain, shape: shape2 } = value.type;
  if (domain === "unknown") return true;
  if (signature.values.some((v) => v.rank === shape2.length && v.domains.includes(domain))) return true;
  const accepted = signature.values.flatMap((v) => v.domains.map((d) => acceptedName(d, v.rank)));
  error(context, {
    kind: "value-type",
    distribution: signature.name,
    value: { span: value.span, type: value.type, declared: value.declared },
    accepted: [...new Set(accepted)],
    span
  });
  return false;
}
var acceptedName = (domain, rank2) => domain === "plate" ? "a plate" : domain === "category" ? "category[C]" : domain === "covariance" || rank2 === 0 ? `${domain}${rank2 === 0 ? "" : "[D]"}` : `${domain}[${rank2 === 1 ? domain === "simplex" ? "k" : "D" : "P, D"}]`;
function warnBelowOne(context, list) {
  for (const e of list) {
    const values = knownEntries(context, e) ?? (e.kind === "fill" ? knownEntries(context, { ...e, kind: "vector", elements: [e.value] }) : void 0);
    const low = values?.find((v) => v !== void 0 && v < 1 && v > 0);
    if (low !== void 0) warning(context, { kind: "concentration-below-one", value: low, span: e.span });
  }
}

// src/model/usage.ts
function usedNames(tree) {
  const used = /* @__PURE__ */ new Set();
  for (const statement of tree.statements) {
    const mentioned = /* @__PURE__ */ new Set();
    for (const e of expressionsOf(statement)) mention(e, mentioned);
    if ("type" in statement && statement.type !== void 0) mentioned.add(statement.type.name.text);
    if ("name" in statement) mentioned.delete(statement.name.text);
    for (const name of mentioned) used.add(name);
  }
  return used;
}
function expressionsOf(s) {
  switch (s.kind) {
    case "model":
    case "limit":
      return [];
    case "const":
      return [...s.type?.sizes ?? [], ...s.value === void 0 ? [] : [s.value]];
    case "plate":
      return s.range.kind === "count" ? [s.range.upTo] : [];
    case "param":
    case "latent":
    case "data":
      return [...s.indices, ...s.type.sizes, ...s.distribution === void 0 ? [] : [s.distribution]];
    case "let":
      return [...s.indices, s.value];
    case "constrain":
      return [s.left, s.right];
  }
}
function mention(e, into) {
  switch (e.kind) {
    case "number":
    case "boolean":
    case "missing":
      return;
    case "reference":
      into.add(e.name.text);
      for (const part of [...e.indices, ...(e.arguments ?? []).map((a) => a.value)]) mention(part, into);
      return;
    case "vector":
      for (const part of e.elements) mention(part, into);
      return;
    case "unary":
    case "transpose":
      mention(e.operand, into);
      return;
    case "binary":
      mention(e.left, into);
      mention(e.right, into);
      return;
    case "if":
      for (const part of [e.condition, e.then, e.else]) mention(part, into);
  }
}
function warnUnused(context) {
  if (context.isPartial) return;
  for (const entity of context.entities.values()) {
    if (context.used.has(entity.name)) continue;
    const isModelledData = entity.kind === "variable" && entity.role === "data" && (entity.statement.distribution !== void 0 || entity.statement.as !== void 0);
    if (!isModelledData) warning(context, { kind: "never-used", name: entity.name, role: roleOf(entity), span: entity.span });
  }
}
function warnCollapse(context, constraints) {
  const isConstrained = (name) => constraints.some((c) => [...nodesOf(c.left), ...nodesOf(c.right)].some((e) => e.kind === "symbol" && e.name === name));
  for (const entity of context.entities.values()) {
    if (entity.kind !== "variable" || entity.role !== "param" || entity.type.scale === void 0) continue;
    const plate = componentPlate(context, entity);
    const isFree = entity.statement.distribution === void 0 && !isConstrained(entity.name) && context.used.has(entity.name);
    if (plate !== void 0 && isFree) {
      const span = spanId(context, entity.statement.head);
      pedantry(context, { kind: "may-collapse", name: entity.name, plate, type: entity.type, span });
    }
  }
}
var componentPlate = (context, entity) => entity.plates.find(
  (plate) => [...context.entities.values()].some((e) => e.kind === "variable" && e.role === "latent" && e.type.plate === plate)
);

// src/model/resolve.ts
function resolve(tree, signatures2) {
  const context = {
    tree,
    signatures: signatures2,
    entities: /* @__PURE__ */ new Map(),
    sizes: /* @__PURE__ */ new Map(),
    spans: [],
    problems: [],
    used: usedNames(tree),
    isPartial: tree.statements.some((s) => s.isDamaged === true)
  };
  checkModels(context);
  declareNames(context);
  declarePlates(context);
  declareConstants(context);
  declareVariables(context);
  checkSizes(context);
  for (const entity of context.entities.values()) if (entity.kind === "definition") resolveDefinition(context, entity);
  const factors = resolveFactors(context);
  checkChains(context, factors);
  const constraints = resolveConstraints(context);
  const value = finish(context, factors, constraints);
  if (tree.statements.length > 0 && factors.every((f) => !isData(context, f)) && context.problems.length === 0 && !context.isPartial)
    error(context, { kind: "nothing-modelled", span: spanId(context, tree.statements[0]?.span ?? { start: 0, end: 0 }) });
  warnUnused(context);
  warnCollapse(context, constraints);
  const problems = context.problems.filter((p) => !tree.statements.some((s) => s.isDamaged === true && contains(s.span, context.spans[p.span]))).sort((a, b) => context.spans[a.span].start - context.spans[b.span].start);
  return { value: { ...value, spans: context.spans }, problems };
}
var contains = (outer2, inner) => outer2.start <= inner.start && inner.end <= outer2.end;
var isData = (context, factor) => {
  const entity = context.entities.get(factor.symbol);
  return entity?.kind === "variable" && entity.role === "data";
};
function checkModels(context) {
  const [first, ...more] = context.tree.statements.filter((s) => s.kind === "model");
  for (const extra of more) error(context, { kind: "two-models", first: spanId(context, first.name.span), span: spanId(context, extra.name.span) });
}
function resolveFactors(context) {
  const lines = [...context.entities.values()].flatMap(
    (entity) => entity.kind === "variable" ? [...entity.first === void 0 ? [] : [{ entity, statement: entity.first }], { entity, statement: entity.statement }] : []
  );
  lines.sort((a, b) => a.statement.span.start - b.statement.span.start);
  return lines.flatMap(({ entity, statement }) => resolveFactor(context, entity, statement)).map((f, n) => ({ ...f, line: n }));
}
function resolveFactor(context, entity, statement) {
  if (statement.distribution === void 0) return [];
  const isFirst = statement === entity.first;
  const plates = isFirst ? entity.plates.filter((_, n) => statement.indices[n]?.kind !== "number") : entity.plates;
  const first = entity.plates.find((_, n) => statement.indices[n]?.kind === "number");
  const value = { type: entity.type, span: spanId(context, statement.head), declared: entity.typeSpan };
  const distribution2 = resolveLine(context, statement.distribution, value, { plates, free: void 0 });
  const span = spanId(context, statement.span);
  return [{ symbol: entity.name, plates, distribution: distribution2, span, ...isFirst && first !== void 0 ? { first } : {} }];
}
function checkChains(context, factors) {
  for (const f of factors) {
    const entity = context.entities.get(f.symbol);
    if (entity?.kind !== "variable" || entity.role !== "latent" || entity.first !== void 0) continue;
    const plate = previousOf(f.distribution, f.symbol);
    if (plate !== void 0) error(context, { kind: "chain-without-start", name: entity.name, plate, span: entity.span });
  }
}
function previousOf(e, symbol3) {
  const within = (index) => {
    if (index.kind !== "symbol") return void 0;
    const before = index.indices.find((i) => i.kind === "previous");
    return index.symbol === symbol3 && before?.kind === "previous" ? before.plate : firstOf(index.indices.map(within));
  };
  return firstOf(
    [...nodesOf(e)].flatMap((node) => {
      if (node.kind !== "symbol") return [];
      const own = { kind: "symbol", symbol: node.name, indices: node.indices, plate: void 0 };
      return [own, ...node.indices, ...node.coordinates].map(within);
    })
  );
}
var firstOf = (list) => list.find((x) => x !== void 0);

// src/plan/affine.ts
function columnsOf(model) {
  const groups = [];
  const known = /* @__PURE__ */ new Map();
  return {
    groups,
    of: (e) => {
      const key = printKey(e);
      const found = known.get(key);
      if (found !== void 0) return found;
      groups.push(groupOf(e, model));
      known.set(key, groups.length - 1);
      return groups.length - 1;
    }
  };
}
function groupOf(e, model) {
  if (e.kind === "symbol") {
    const data = model.data.find((d) => d.name === e.name);
    if (data !== void 0) return { kind: "symbol", symbol: data.name, dim: e.shape[0] };
    const definition = model.definitions.find((d) => d.name === e.name);
    if (definition !== void 0) {
      const body = translate(definition.value, { model, problems: [], selectors: [] });
      return {
        kind: "derived",
        name: definition.name,
        elements: body.kind === "vector" ? body.elements : [body],
        isVector: body.kind === "vector"
      };
    }
  }
  return { kind: "derived", name: printText(e), elements: [e], isVector: false };
}
var isDataOnly = (e) => !some(e, (p) => p.kind === "symbol" && p.role !== "data" && p.role !== "constant");
function affine(e, rows, columns) {
  const shape2 = shapeOf(e);
  if (!dependsOn(e, rows)) return { shape: shape2, parts: [], offset: e };
  const part = (kind, group, coefficient) => ({
    shape: shape2,
    parts: [{ group: columns.of(group), kind, coefficient }],
    offset: ZERO
  });
  if (e.kind === "add") {
    const forms2 = e.terms.map((t) => affine(t, rows, columns));
    return { shape: shape2, parts: forms2.flatMap((f) => f.parts), offset: add(...forms2.map((f) => f.offset)) };
  }
  if (e.kind === "symbol") {
    return part("scaled", e, ONE);
  }
  if (e.kind === "multiply") {
    const varying = e.factors.filter((f) => dependsOn(f, rows));
    const others = e.factors.filter((f) => !dependsOn(f, rows));
    const only = varying[0];
    if (varying.length > 1) {
      if (varying.every(isDataOnly) && shapeOf(multiply(...varying)).length === 0)
        return scaleForm(part("scaled", multiply(...varying), ONE), multiply(...others), shape2);
      throw new Error(`not affine in the columns: ${printText(e)}`);
    }
    return scaleForm(affine(only, rows, columns), multiply(...others), shape2);
  }
  if (e.kind === "dot") {
    const [fixedSide, varyingSide] = dependsOn(e.left, rows) ? [e.right, e.left] : [e.left, e.right];
    if (dependsOn(fixedSide, rows)) return part("scaled", e, ONE);
    const inner = affine(varyingSide, rows, columns);
    return {
      shape: shape2,
      parts: inner.parts.map((p) => ({
        group: p.group,
        kind: "row",
        coefficient: p.kind === "scaled" ? multiply(p.coefficient, fixedSide) : dotMatrix(fixedSide, p)
      })),
      offset: inner.offset.kind === "number" ? ZERO : dot(fixedSide, inner.offset)
    };
  }
  if (e.kind === "product") {
    const last = e.factors[e.factors.length - 1];
    const matrix2 = product(...e.factors.slice(0, -1));
    const inner = affine(last, rows, columns);
    return {
      shape: shape2,
      parts: inner.parts.map((p) => ({
        group: p.group,
        kind: "matrix",
        coefficient: p.kind === "scaled" ? multiply(p.coefficient, matrix2) : product(matrix2, p.coefficient)
      })),
      offset: inner.offset.kind === "number" ? ZERO : product(matrix2, inner.offset)
    };
  }
  if (shape2.length === 0 && isDataOnly(e)) return part("scaled", e, ONE);
  throw new Error(`not affine in the columns: ${printText(e)}`);
}
var dotMatrix = (left, p) => product({ kind: "transpose", of: p.coefficient }, left);
function scaleForm(form, by, shape2) {
  const isVectorScale = shapeOf(by).length > 0;
  return {
    shape: shape2,
    parts: form.parts.map((p) => ({
      ...p,
      kind: isVectorScale ? "column" : p.kind,
      coefficient: multiply(p.coefficient, by)
    })),
    offset: form.offset.kind === "number" && form.offset.value === 0 ? ZERO : multiply(form.offset, by)
  };
}
var isPlain = (form) => form.parts.every((p) => p.kind === "scaled");

// src/plan/build.ts
function plan(derivation) {
  const { model, posterior, rows } = derivation;
  const columns = columnsOf(model);
  const rowIndex = rows?.index ?? "";
  const logits = logitTerms(derivation, rowIndex, columns);
  const statistics = derivation.statistics.map((s) => planned(s, rowIndex, columns));
  const component = posterior?.component;
  const priors = derivation.factors.filter((f) => f.role === "prior");
  const logPrior = derivation.limit === void 0 ? add(...priors.map((f) => sums(f.ranges, f.density))) : ZERO;
  const updates = derivation.updates.map((u) => ({
    parameter: u.parameter,
    ranges: u.ranges,
    value: u.value,
    held: u.held,
    divisor: u.divisor
  }));
  return {
    model,
    derivation,
    rows,
    component,
    latent: posterior?.latent,
    assignment: posterior?.assignment ?? "soft",
    groups: columns.groups,
    pairs: { statistics: pairsOfStatistics(statistics), logits: pairsOfLogits(logits) },
    pooledScatter: component !== void 0 && isPooled(statistics, derivation.updates, component),
    sharedQuadratic: component !== void 0 && logits.every((t) => t.kind !== "quadratic" || !variesWith(t, component.index)),
    logits,
    logPrior,
    hasPrior: priors.length > 0 && derivation.limit === void 0,
    statistics,
    updates
  };
}
function logitTerms(derivation, rows, columns) {
  const terms = derivation.posterior !== void 0 ? derivation.posterior.logits.flatMap((l) => l.terms) : derivation.factors.filter((f) => f.role === "data").flatMap((f) => normalForm(f.density, f.line));
  return terms.map((t) => logitTerm(t, derivation, rows, columns));
}
function logitTerm(t, derivation, rows, columns) {
  const line2 = derivation.model.factors.find((f) => f.line === t.line).line;
  const whole = sums(t.sums, multiply(number(t.coefficient), ...t.factors));
  if (!dependsOn(whole, rows)) return { kind: "constant", line: line2, value: whole };
  const varying = t.factors.filter((f) => dependsOn(f, rows));
  const others = multiply(number(t.coefficient), ...t.factors.filter((f) => !dependsOn(f, rows)));
  const only = varying[0];
  if (t.sums.length === 0 && varying.length === 1 && only.kind === "quadratic" && !dependsOn(only.matrix, rows))
    return {
      kind: "quadratic",
      line: line2,
      coefficient: others,
      residual: affine(only.vector, rows, columns),
      matrix: only.matrix
    };
  if (t.sums.length === 0 && varying.every((f) => shapeOf(f).length === 0)) {
    const form = affine(multiply(...varying), rows, columns);
    if (form.parts.length === 1 && form.parts[0].kind === "scaled")
      return {
        kind: "linear",
        line: line2,
        group: form.parts[0].group,
        coefficient: multiply(others, form.parts[0].coefficient)
      };
  }
  throw new Error(`no plan for the term ${printText(whole)}`);
}
var variesWith = (t, index) => dependsOn(t.coefficient, index) || dependsOn(t.matrix, index) || t.residual.parts.some((p) => dependsOn(p.coefficient, index));
function pairsOfLogits(logits) {
  const forms2 = logits.flatMap((t) => t.kind === "quadratic" ? [t] : []);
  if (forms2.length === 0) return "none";
  return forms2.every(
    (t) => isSquares(t.residual) && (isNumber(t.matrix) || t.matrix.kind === "identity" || t.matrix.kind === "diag")
  ) ? "squares" : "all";
}
var isSquares = (form) => isPlain(form) && form.parts.length === 1;
function planned(s, rows, columns) {
  return {
    name: s.name,
    ranges: s.ranges,
    definition: s.definition,
    reading: reading(s.definition, rows, columns)
  };
}
function reading(definition, rows, columns) {
  if (definition.kind !== "sum") throw new Error(`not a sum over rows: ${printText(definition)}`);
  const factors = definition.body.kind === "multiply" ? definition.body.factors : [definition.body];
  const content = factors.filter(
    (f) => !(f.kind === "symbol" && (f.role === "responsibility" || f.role === "weight"))
  );
  const form = (e) => affine(e, rows, columns);
  const only = content[0];
  if (only === void 0) return { kind: "weight" };
  if (content.length === 1) {
    if (only.kind === "outer") {
      const left = form(only.left);
      const right = printText(only.left) === printText(only.right) ? left : form(only.right);
      return { kind: "second", left, right, as: "matrix" };
    }
    if (only.kind === "quadratic") {
      const vector3 = form(only.vector);
      return { kind: "second", left: vector3, right: vector3, as: "trace", matrix: only.matrix };
    }
    if (only.kind === "power" && only.exponent === 2) {
      const base = form(only.base);
      return shapeOf(only.base).length === 1 ? { kind: "second", left: base, right: base, as: "diagonal" } : { kind: "second", left: base, right: base, as: "trace", matrix: ONE };
    }
    return { kind: "first", form: form(only) };
  }
  const varying = content.filter((f) => dependsOn(f, rows));
  if (varying.length === 2 && varying.length === content.length) {
    const [a, b] = varying;
    const [left, right] = shapeOf(a).length >= shapeOf(b).length ? [a, b] : [b, a];
    const isScalar = shapeOf(left).length === 0;
    return isScalar ? { kind: "second", left: form(left), right: form(right), as: "trace", matrix: ONE } : { kind: "second", left: form(left), right: form(right), as: "matrix" };
  }
  return { kind: "first", form: form(multiply(...content)) };
}
function pairsOfStatistics(statistics) {
  const seconds = statistics.flatMap((s) => s.reading.kind === "second" ? [s.reading] : []);
  if (seconds.length === 0) return "none";
  const squares = seconds.every(
    (r) => isSquares(r.left) && isSquares(r.right) && r.left.parts[0].group === r.right.parts[0].group && (r.as === "diagonal" || r.as === "trace" && (isNumber(r.matrix) || r.matrix.kind === "identity"))
  );
  return squares ? "squares" : "all";
}
function isPooled(statistics, updates, component) {
  const seconds = statistics.filter(
    (s) => s.reading.kind === "second" && s.ranges.some((r) => r.index === component.index)
  );
  const coefficientsFixed = seconds.every(
    (s) => s.reading.kind === "second" && [...s.reading.left.parts, ...s.reading.right.parts].every(
      (p) => !dependsOn(p.coefficient, component.index)
    ) && (s.reading.as !== "trace" || !dependsOn(s.reading.matrix, component.index))
  );
  const names = new Set(seconds.map((s) => s.name));
  return coefficientsFixed && updates.every((u) => !standsOutsideSum(u.value, names, component.index));
}
function standsOutsideSum(e, names, index) {
  if (e.kind === "symbol") return names.has(e.name);
  if (e.kind === "sum" && e.range.index === index && e.body.kind === "symbol" && names.has(e.body.name))
    return false;
  return partsOf(e).some((part) => standsOutsideSum(part, names, index));
}

// src/compile.ts
function compileSource(text, options = {}) {
  const syntax = parse(text);
  const resolved = resolve(syntax.value, signatures);
  const meaning = syntax.problems.length > 0 ? resolved.problems.filter((p) => p.severity === "error") : resolved.problems;
  const spoken = meaning.filter((p) => p.severity !== "pedantic" || options.pedantic === true);
  const { spans } = resolved.value;
  const early = [...describeSyntax(syntax.problems, text), ...describeModel(spoken, { text, spans })];
  const isSound = !early.some((d) => d.severity === "error");
  const derived = isSound ? derive(resolved.value) : void 0;
  const late = derived === void 0 ? [] : describeDerive(derived.problems, { text, spans });
  const derivation = derived?.value;
  return {
    tree: syntax.value,
    model: isSound ? resolved.value : void 0,
    derivation,
    plan: derivation === void 0 ? void 0 : plan(derivation),
    diagnostics: [...early, ...late].sort((a, b) => a.span.start - b.span.start)
  };
}

// src/linear-algebra/axes.ts
var SWEEPS = 200;
var SMALL = 1e-15;
function axes2(list, n, start) {
  if (list.length === 1) return eigenAxes(list[0], n);
  const q = start === void 0 ? identity2(n) : Float64Array.from(start);
  const turned = list.map(({ matrix: matrix2 }) => congruence(matrix2, q, n));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let largest2 = 0;
    for (let a = 0; a < n; a++)
      for (let b = a + 1; b < n; b++) {
        let x = 0;
        let y = 0;
        list.forEach(({ weights }, k) => {
          const m = turned[k];
          const gap = weights[a] - weights[b];
          x += gap * (m[a * n + a] - m[b * n + b]) / 2;
          y += gap * m[a * n + b];
        });
        const size2 = Math.hypot(x, y);
        if (!(size2 > 0)) continue;
        const angle = Math.atan2(-y, -x) / 2;
        const t = angle > Math.PI / 2 ? angle - Math.PI : angle;
        if (Math.abs(t) < SMALL) continue;
        largest2 = Math.max(largest2, Math.abs(t));
        rotateColumns(q, a, b, t, n);
        for (const m of turned) rotateBoth(m, a, b, t, n);
      }
    if (largest2 < 1e-12) break;
  }
  return q;
}
function eigenAxes({ weights, matrix: matrix2 }, n) {
  const q = identity2(n);
  const m = Float64Array.from(matrix2);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let off = 0;
    for (let a = 0; a < n; a++)
      for (let b = a + 1; b < n; b++) {
        const h = m[a * n + b];
        const scale = Math.sqrt(Math.abs(m[a * n + a] * m[b * n + b]));
        if (Math.abs(h) <= SMALL * scale || h === 0) continue;
        off = Math.max(off, Math.abs(h) / (scale || 1));
        const t = Math.atan2(2 * h, m[a * n + a] - m[b * n + b]) / 2;
        rotateColumns(q, a, b, t, n);
        rotateBoth(m, a, b, t, n);
      }
    if (off < 1e-15) break;
  }
  const byValue = Array.from({ length: n }, (_, i) => i).sort((i, j) => m[j * n + j] - m[i * n + i] || i - j);
  const byWeight = Array.from({ length: n }, (_, i) => i).sort((i, j) => weights[i] - weights[j] || i - j);
  const ordered = new Float64Array(n * n);
  byWeight.forEach((to, rank2) => {
    for (let row = 0; row < n; row++) ordered[row * n + to] = q[row * n + byValue[rank2]];
  });
  return ordered;
}
function identity2(n) {
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  return q;
}
function congruence(s, q, n) {
  const sq = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) for (let t = 0; t < n; t++) sq[i * n + j] += s[i * n + t] * q[t * n + j];
  const m = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) for (let t = 0; t < n; t++) m[i * n + j] += q[t * n + i] * sq[t * n + j];
  return m;
}
function rotateColumns(q, a, b, t, n) {
  const [c, s] = [Math.cos(t), Math.sin(t)];
  for (let i = 0; i < n; i++) {
    const [x, y] = [q[i * n + a], q[i * n + b]];
    q[i * n + a] = c * x + s * y;
    q[i * n + b] = c * y - s * x;
  }
}
function rotateBoth(m, a, b, t, n) {
  rotateColumns(m, a, b, t, n);
  const [c, s] = [Math.cos(t), Math.sin(t)];
  for (let j = 0; j < n; j++) {
    const [x, y] = [m[a * n + j], m[b * n + j]];
    m[a * n + j] = c * x + s * y;
    m[b * n + j] = c * y - s * x;
  }
}

// src/algebra/evaluate.ts
function sizeOf(dim, sizes) {
  if (typeof dim === "number") return dim;
  const value = sizes[dim];
  if (value === void 0) throw new Error(`the size ${dim} has no value`);
  return value;
}
function evaluate2(e, env) {
  const f = env.field;
  const scalar = (value) => ({ shape: [], data: [value] });
  const one = (part) => evaluate2(part, env).data[0];
  switch (e.kind) {
    case "number":
      return scalar(f.of(e.value));
    case "circle":
      return scalar(f.of(Math.PI));
    case "size":
      return scalar(f.of(sizeOf(e.dim, env.sizes)));
    case "symbol":
      return slice(env.values(e.name), e.indices, env);
    case "element":
      return slice(evaluate2(e.of, env), e.coordinates, env);
    case "indicator":
      return scalar(
        f.of(
          env.indicator(
            e.latent,
            e.at.map((i) => position(i, env)),
            position(e.value, env)
          )
        )
      );
    case "add":
      return e.terms.map((t) => evaluate2(t, env)).reduce((a, b) => elementwise3(a, b, f.add));
    case "multiply":
      return e.factors.map((t) => evaluate2(t, env)).reduce((a, b) => elementwise3(a, b, f.multiply));
    case "power":
      return map(evaluate2(e.base, env), (a) => f.power(a, e.exponent));
    case "function": {
      const argument = evaluate2(e.argument, env);
      const logistic = (a) => f.divide(f.of(1), f.add(f.of(1), f.exp(f.multiply(f.of(-1), a))));
      return map(argument, e.name === "logistic" ? logistic : f[e.name]);
    }
    case "sum": {
      let total;
      for (const inner of over(e.range, env)) {
        const value = evaluate2(e.body, inner);
        total = total === void 0 ? value : elementwise3(total, value, f.add);
      }
      return total ?? scalar(f.of(0));
    }
    case "logsumexp": {
      const values = over(e.range, env).map((inner) => evaluate2(e.body, inner).data[0]);
      const top = f.of(Math.max(...values.map(f.real)));
      const minus = f.multiply(f.of(-1), top);
      const total = values.reduce((sum3, v) => f.add(sum3, f.exp(f.add(v, minus))), f.of(0));
      return scalar(f.add(top, f.log(total)));
    }
    case "largest": {
      const values = over(e.range, env).map((inner) => evaluate2(e.body, inner).data[0]);
      return scalar(values.reduce((a, b) => f.real(b) > f.real(a) ? b : a, values[0]));
    }
    case "maximum":
      return elementwise3(
        evaluate2(e.left, env),
        evaluate2(e.right, env),
        (a, b) => f.real(a) >= f.real(b) ? a : b
      );
    case "vector":
      return { shape: [e.elements.length], data: e.elements.map(one) };
    case "fill": {
      const value = one(e.value);
      const n = sizeOf(e.dim, env.sizes);
      return { shape: [n], data: Array.from({ length: n }, () => value) };
    }
    case "identity":
      return diagonalMatrix(
        Array.from({ length: sizeOf(e.dim, env.sizes) }, () => f.of(1)),
        f
      );
    case "diag":
      return diagonalMatrix(evaluate2(e.of, env).data, f);
    case "diagonal": {
      const m = evaluate2(e.of, env);
      const n = m.shape[0];
      return { shape: [n], data: Array.from({ length: n }, (_, i) => m.data[i * n + i]) };
    }
    case "product":
      return e.factors.map((t) => evaluate2(t, env)).reduce((a, b) => matrixProduct(a, b, f));
    case "transpose": {
      const m = evaluate2(e.of, env);
      const [rows = 1, columns = 1] = m.shape;
      return build([columns, rows], (i, j) => m.data[j * columns + i]);
    }
    case "inverse": {
      const m = evaluate2(e.of, env);
      const n = m.shape[0];
      return gauss(
        m,
        diagonalMatrix(
          Array.from({ length: n }, () => f.of(1)),
          f
        ),
        f
      ).solution;
    }
    case "logdet": {
      const m = evaluate2(e.of, env);
      return scalar(gauss(m, { shape: [m.shape[0], 0], data: [] }, f).logDeterminant);
    }
    case "trace": {
      const m = evaluate2(e.of, env);
      const n = m.shape[0];
      return scalar(Array.from({ length: n }, (_, i) => m.data[i * n + i]).reduce(f.add, f.of(0)));
    }
    case "dot":
      return scalar(dotProduct(evaluate2(e.left, env).data, evaluate2(e.right, env).data, f));
    case "outer": {
      const left = evaluate2(e.left, env).data;
      const right = evaluate2(e.right, env).data;
      return build([left.length, right.length], (i, j) => f.multiply(left[i], right[j]));
    }
    case "quadratic": {
      const v = evaluate2(e.vector, env);
      const m = evaluate2(e.matrix, env);
      if (v.shape.length === 0) return scalar(f.multiply(f.multiply(v.data[0], v.data[0]), m.data[0]));
      return scalar(dotProduct(v.data, matrixProduct(m, v, f).data, f));
    }
    case "axes": {
      const places = e.range === void 0 ? [env] : over(e.range, env);
      const reals = (part, at2) => evaluate2(part, at2).data.map(f.real);
      const start = evaluate2(e.start, env);
      const list = places.map((at2) => ({ weights: reals(e.weights, at2), matrix: reals(e.matrix, at2) }));
      return {
        shape: start.shape,
        data: Array.from(axes2(list, start.shape[0], start.data.map(f.real)), f.of)
      };
    }
    case "solve": {
      const m = evaluate2(e.matrix, env);
      const b = evaluate2(e.right, env);
      if (m.shape.length === 0) return map(b, (x2) => f.divide(x2, m.data[0]));
      const columns = b.shape[1] ?? 1;
      const x = gauss(m, { shape: [b.shape[0], columns], data: b.data }, f).solution;
      return { shape: b.shape, data: x.data };
    }
  }
}
var position = (index, env) => {
  if (index.kind === "fixed") return index.value - 1;
  const value = env.indices[index.index];
  if (value === void 0) throw new Error(`the index ${index.index} has no value`);
  return value;
};
function slice(whole, indices, env) {
  let offset = 0;
  let length = whole.data.length;
  indices.forEach((index, axis) => {
    length /= whole.shape[axis];
    offset += position(index, env) * length;
  });
  if (indices.length === 0) return whole;
  return { shape: whole.shape.slice(indices.length), data: whole.data.slice(offset, offset + length) };
}
var over = (range, env) => Array.from({ length: sizeOf(range.dim, env.sizes) }, (_, value) => ({
  ...env,
  indices: { ...env.indices, [range.index]: value }
}));
var map = (a, f) => ({ shape: a.shape, data: a.data.map(f) });
function elementwise3(a, b, f) {
  if (a.shape.length === 0) return map(b, (y) => f(a.data[0], y));
  if (b.shape.length === 0) return map(a, (x) => f(x, b.data[0]));
  if (a.data.length !== b.data.length)
    throw new Error(`sizes differ: ${a.shape.join("\xD7")} and ${b.shape.join("\xD7")}`);
  return { shape: a.shape, data: a.data.map((x, i) => f(x, b.data[i])) };
}
var build = (shape2, entry) => ({
  shape: shape2,
  data: Array.from(
    { length: shape2[0] * shape2[1] },
    (_, at2) => entry(Math.floor(at2 / shape2[1]), at2 % shape2[1])
  )
});
var diagonalMatrix = (values, f) => build([values.length, values.length], (i, j) => i === j ? values[i] : f.of(0));
var dotProduct = (a, b, f) => a.map((x, i) => f.multiply(x, b[i])).reduce(f.add, f.of(0));
function matrixProduct(a, b, f) {
  if (a.shape.length === 0 || b.shape.length === 0) return elementwise3(a, b, f.multiply);
  const [rows = 1, inner = 1] = a.shape;
  const columns = b.shape[1] ?? 1;
  const result = build([rows, columns], (i, j) => {
    let total = f.of(0);
    for (let t = 0; t < inner; t++)
      total = f.add(total, f.multiply(a.data[i * inner + t], b.data[t * columns + j]));
    return total;
  });
  return b.shape.length === 1 ? { shape: [rows], data: result.data } : result;
}
function gauss(a, b, f) {
  const n = a.shape[0];
  const columns = b.shape[1] ?? 0;
  const rows = Array.from({ length: n }, (_, i) => [
    ...a.data.slice(i * n, i * n + n),
    ...b.data.slice(i * columns, i * columns + columns)
  ]);
  let logDeterminant2 = f.of(0);
  const minusOne = f.of(-1);
  for (let c = 0; c < n; c++) {
    let best = c;
    for (let r = c + 1; r < n; r++)
      if (Math.abs(f.real(rows[r][c])) > Math.abs(f.real(rows[best][c]))) best = r;
    [rows[c], rows[best]] = [rows[best], rows[c]];
    const pivotRow = rows[c];
    const pivot = pivotRow[c];
    logDeterminant2 = f.add(logDeterminant2, f.log(f.real(pivot) < 0 ? f.multiply(minusOne, pivot) : pivot));
    rows[c] = pivotRow.map((x) => f.divide(x, pivot));
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = f.multiply(minusOne, rows[r][c]);
      rows[r] = rows[r].map((x, j) => f.add(x, f.multiply(factor, rows[c][j])));
    }
  }
  return { solution: { shape: [n, columns], data: rows.flatMap((row) => row.slice(n)) }, logDeterminant: logDeterminant2 };
}

// src/algebra/fields.ts
import digamma from "@stdlib/math-base-special-digamma";
import gammaln from "@stdlib/math-base-special-gammaln";
var float64 = {
  of: (value) => value,
  real: (a) => a,
  add: (a, b) => a + b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  power: (a, exponent) => a ** exponent,
  log: Math.log,
  exp: Math.exp,
  lgamma: (a) => gammaln(a)
};
var dual = (value, derivative) => ({ value, derivative });
var duals = {
  of: (value) => dual(value, 0),
  real: (a) => a.value,
  add: (a, b) => dual(a.value + b.value, a.derivative + b.derivative),
  multiply: (a, b) => dual(a.value * b.value, a.derivative * b.value + a.value * b.derivative),
  divide: (a, b) => dual(a.value / b.value, (a.derivative * b.value - a.value * b.derivative) / (b.value * b.value)),
  power: (a, exponent) => dual(a.value ** exponent, exponent * a.value ** (exponent - 1) * a.derivative),
  log: (a) => dual(Math.log(a.value), a.derivative / a.value),
  exp: (a) => dual(Math.exp(a.value), Math.exp(a.value) * a.derivative),
  lgamma: (a) => dual(gammaln(a.value), digamma(a.value) * a.derivative)
};

// src/derive/instance.ts
var COMPONENTS = 3;
var COORDINATES = 2;
function instanceRows(model) {
  const longest = Math.max(COORDINATES, ...model.sizes.map((s) => s.value ?? 0), ...allDims(model));
  return 5 + 2 * longest;
}
var allDims = (model) => [...model.parameters, ...model.data, ...model.definitions].flatMap(
  (s) => s.type.shape.map((d) => d.kind === "number" ? d.value : 0)
);
function randomInstance(model, random, rows = instanceRows(model)) {
  const sizes = instanceSizes(model, rows);
  const latents = new Map(
    model.latents.map((l) => {
      const k = l.type.plate === void 0 ? 2 : sizeOf(plateDim(l.type.plate, model), sizes);
      return [
        l.name,
        Array.from({ length: rows }, (_, i) => i < k ? i : Math.floor(random.uniform() * k))
      ];
    })
  );
  const constants = new Map(
    model.constants.map((c) => [c.name, constantTensor(c, model, sizes, random)])
  );
  const data = /* @__PURE__ */ new Map();
  for (const d of model.data) {
    const shape2 = shapeDims(d.type, model).map((dim) => sizeOf(dim, sizes));
    data.set(d.name, draw(d.as === "weight" ? "positive" : d.type.domain, [rows], shape2, random));
  }
  return { sizes, constants, data, latents, parameters: randomParameters(model, sizes, random) };
}
function randomParameters(model, sizes, random) {
  return new Map(
    model.parameters.map((p) => {
      const plates = p.plates.map((plate) => sizeOf(plateDim(plate, model), sizes));
      const shape2 = shapeDims(p.type, model).map((dim) => sizeOf(dim, sizes));
      return [p.name, draw(p.type.domain, plates, shape2, random)];
    })
  );
}
function instanceSizes(model, rows) {
  const sizes = { [rowsDim(model)]: rows };
  for (const s of model.sizes) sizes[s.name] = s.value ?? COORDINATES;
  for (const c of model.constants) if (typeof c.value === "number") sizes[c.name] = c.value;
  for (const c of model.constants)
    if (c.isSize) sizes[c.name] = typeof c.value === "number" && c.value <= 4 ? c.value : COMPONENTS;
  return sizes;
}
function constantTensor(c, model, sizes, random) {
  if (c.isSize) return { shape: [], data: [sizes[c.name]] };
  const isModerate = typeof c.value === "number" && Math.abs(c.value) >= 0.05 && Math.abs(c.value) <= 5;
  if (isModerate && c.type.shape.length === 0) return { shape: [], data: [c.value] };
  if (Array.isArray(c.value)) {
    const rows = c.value;
    const flat2 = rows.flatMap((row) => typeof row === "number" ? [row] : [...row]);
    return {
      shape: Array.isArray(rows[0]) ? [rows.length, flat2.length / rows.length] : [rows.length],
      data: flat2
    };
  }
  return draw(
    c.type.domain === "real" || c.untyped ? "positive" : c.type.domain,
    [],
    shapeDims(c.type, model).map((d) => sizeOf(d, sizes)),
    random
  );
}
function draw(domain, plates, shape2, random) {
  const copies = plates.reduce((a, b) => a * b, 1);
  const data = Array.from({ length: copies }, () => drawOne(domain, shape2, random)).flat();
  return { shape: [...plates, ...shape2], data };
}
function drawOne(domain, shape2, random) {
  const length = shape2.reduce((a, b) => a * b, 1);
  const fill3 = (f) => Array.from({ length }, f);
  switch (domain) {
    case "positive":
      return fill3(() => 0.3 + 2 * random.uniform());
    case "unit":
      return fill3(() => 0.1 + 0.8 * random.uniform());
    case "simplex": {
      const raw = fill3(() => 0.2 + random.uniform());
      const total = raw.reduce((a, b) => a + b, 0);
      return raw.map((x) => x / total);
    }
    case "shape": {
      const logs = fill3(() => random.normal() / 2);
      const mean = logs.reduce((a, b) => a + b, 0) / length;
      return logs.map((x) => Math.exp(x - mean));
    }
    case "covariance": {
      const n = shape2[0] ?? 1;
      const a = fill3(() => random.normal());
      return Array.from({ length }, (_, at2) => {
        const [i, j] = [Math.floor(at2 / n), at2 % n];
        let s = i === j ? 0.7 : 0;
        for (let t = 0; t < n; t++) s += a[i * n + t] * a[j * n + t];
        return s;
      });
    }
    case "orthogonal": {
      const n = shape2[0] ?? 1;
      return givensProduct(n, random);
    }
    case "count":
      return fill3(() => Math.floor(5 * random.uniform()));
    case "boolean":
      return fill3(() => random.uniform() < 0.5 ? 0 : 1);
    case "real":
    case "category":
    case "plate":
    case "unknown":
      return fill3(() => 1.5 * random.normal() + 0.3);
  }
}
function givensProduct(n, random) {
  const q = Array.from({ length: n * n }, (_, at2) => at2 % (n + 1) === 0 ? 1 : 0);
  for (let a = 0; a < n; a++)
    for (let b = a + 1; b < n; b++) {
      const angle = random.normal();
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let i = 0; i < n; i++) {
        const [x, y] = [q[i * n + a], q[i * n + b]];
        q[i * n + a] = c * x - s * y;
        q[i * n + b] = s * x + c * y;
      }
    }
  return q;
}
function tangentDirection(domain, shape2, held, random, values) {
  const length = shape2.reduce((a, b) => a * b, 1);
  const raw = Array.from({ length }, () => random.normal());
  if (domain === "simplex") {
    const free = raw.map((_, at2) => !held.includes(at2 + 1));
    const count = free.filter(Boolean).length;
    const mean = raw.reduce((s, x, at2) => s + (free[at2] ? x : 0), 0) / count;
    return raw.map((x, at2) => free[at2] ? x - mean : 0);
  }
  if (domain === "covariance") {
    const n = shape2[0] ?? 1;
    return raw.map((_, at2) => (raw[at2] + raw[at2 % n * n + Math.floor(at2 / n)]) / 2);
  }
  if (domain === "shape") {
    const mean = raw.reduce((a, b) => a + b, 0) / length;
    return raw.map((x, at2) => (x - mean) * values[at2]);
  }
  if (domain === "orthogonal") {
    const n = shape2[0] ?? 1;
    const k = raw.map((_, at2) => raw[at2] - raw[at2 % n * n + Math.floor(at2 / n)]);
    return raw.map((_, at2) => {
      let s = 0;
      for (let t = 0; t < n; t++) s += values[Math.floor(at2 / n) * n + t] * k[t * n + at2 % n];
      return s;
    });
  }
  return raw;
}

// src/derive/point.ts
var lift = (t, field) => ({
  shape: t.shape,
  data: t.data.map(field.of)
});
function environment(point) {
  const { derivation, instance, field } = point;
  const cache = /* @__PURE__ */ new Map();
  const posterior = derivation.posterior;
  const env = {
    field,
    sizes: instance.sizes,
    indices: {},
    indicator: point.indicator ?? ((_, at2, value) => responsibilityAt(point.responsibilities, at2[0], value)),
    values: (name) => {
      const direct = point.parameters.get(name) ?? point.extra?.get(name) ?? cache.get(name);
      if (direct !== void 0) return direct;
      const made = make(name);
      cache.set(name, made);
      return made;
    }
  };
  const make = (name) => {
    const known = instance.constants.get(name) ?? instance.data.get(name);
    if (known !== void 0) return lift(known, field);
    if (posterior?.name === name && point.responsibilities !== void 0)
      return lift(point.responsibilities, field);
    const statistic = derivation.statistics.find((s) => s.name === name);
    if (statistic !== void 0) return tabulate(statistic.definition, statistic.ranges, env);
    const definition = derivation.model.definitions.find((d) => d.name === name);
    if (definition === void 0) throw new Error(`${name} has no value`);
    const body = translate(definition.value, { model: derivation.model, problems: [], selectors: [] });
    const ranges = definition.plates.map((plate) => ({ index: plate, dim: derivation.rows.dim }));
    return tabulate(body, ranges, env);
  };
  return env;
}
var responsibilityAt = (r, row, component) => r === void 0 ? 1 : r.data[row * r.shape[1] + component];
function tabulate(e, ranges, env) {
  const [first, ...rest] = ranges;
  if (first === void 0) return evaluate2(e, env);
  const parts = Array.from(
    { length: sizeOf(first.dim, env.sizes) },
    (_, value) => tabulate(e, rest, { ...env, indices: { ...env.indices, [first.index]: value } })
  );
  return { shape: [parts.length, ...parts[0].shape], data: parts.flatMap((p) => p.data) };
}
function posteriorAt(derivation, instance, parameters, field) {
  const { posterior } = derivation;
  if (posterior === void 0) return void 0;
  const env = environment({ derivation, instance, field, parameters, responsibilities: void 0 });
  const soft = tabulate(responsibilityExpr(posterior), [posterior.rows, posterior.component], env);
  if (posterior.assignment === "soft") return soft;
  const k = soft.shape[1];
  const data = soft.data.map((_, at2) => {
    const row = soft.data.slice(Math.floor(at2 / k) * k, Math.floor(at2 / k) * k + k);
    return row.indexOf(Math.max(...row)) === at2 % k ? 1 : 0;
  });
  return { shape: soft.shape, data };
}
function assigned(derivation, instance) {
  const { latent, component } = derivation.posterior;
  const owners = instance.latents.get(latent);
  const k = sizeOf(component.dim, instance.sizes);
  return {
    shape: [owners.length, k],
    data: owners.flatMap((owner) => Array.from({ length: k }, (_, j) => j === owner ? 1 : 0))
  };
}

// src/derive/certificate.ts
var STATIONARY = 1e-8;
var PERTURBATIONS = 100;
var STEPS = 20;
function certify(derivation, random) {
  const instance = randomInstance(derivation.model, random);
  const r = derivation.limit === void 0 ? posteriorAt(derivation, instance, instance.parameters, float64) : assigned(derivation, instance);
  const checks = [];
  let parameters = instance.parameters;
  for (const update of derivation.updates) {
    parameters = new Map([
      ...parameters,
      [update.parameter, updated(update, derivation, instance, parameters, r)]
    ]);
    checks.push(feasible(update, derivation, parameters));
    checks.push(stationary(update, derivation, instance, parameters, r, random));
    checks.push(unbeaten(update, derivation, instance, parameters, r, random));
  }
  if (derivation.posterior !== void 0) checks.push(posteriorIsRight(derivation, random));
  checks.push(climbs(derivation, instance));
  return checks;
}
function updated(update, derivation, instance, parameters, r) {
  const env = environment({ derivation, instance, field: float64, parameters, responsibilities: r });
  const before = parameters.get(update.parameter);
  const declared = derivation.model.parameters.find((p) => p.name === update.parameter);
  const isSimplex2 = declared.type.domain === "simplex";
  const index = derivation.posterior?.component.index ?? "k";
  const ranges = isSimplex2 ? [...update.ranges, { index, dim: before.shape[before.shape.length - 1] }] : update.ranges;
  const lengths = ranges.map((range) => sizeOf(range.dim, instance.sizes));
  const whole = tabulate(update.value, ranges, env);
  const each = before.data.length / lengths.reduce((a, b) => a * b, 1);
  const data = whole.data.length === before.data.length ? [...whole.data] : before.data.map(() => whole.data[0]);
  if (derivation.limit !== void 0)
    data.forEach((x, n) => data[n] = Number.isFinite(x) ? x : before.data[n]);
  for (const held of update.held) {
    const at2 = held.at.reduce((offset, v, axis) => offset * lengths[axis] + v - 1, 0);
    const value = evaluate2(held.value, env).data;
    for (let n = 0; n < each; n++) data[at2 * each + n] = value.length === 1 ? value[0] : value[n];
  }
  return { shape: before.shape, data };
}
function expectedLogJoint(derivation, env) {
  return evaluate2(add(...derivation.factors.map((f) => factorExpr(f, derivation.model))), env).data[0];
}
function copiesOf(update, derivation, tensor) {
  const declared = derivation.model.parameters.find((p) => p.name === update.parameter);
  const shape2 = tensor.shape.slice(declared.plates.length);
  const length = shape2.reduce((a, b) => a * b, 1);
  return Array.from({ length: tensor.data.length / length }, (_, copy) => {
    const at2 = unravel(copy, tensor.shape.slice(0, declared.plates.length));
    const matching = update.held.filter((h) => at2.every((v, axis) => h.at[axis] === v + 1));
    return {
      offset: copy * length,
      length,
      shape: shape2,
      held: matching.filter((h) => h.at.length > at2.length).map((h) => h.at[at2.length]),
      isHeld: matching.some((h) => h.at.length === at2.length)
    };
  });
}
function unravel(flat2, shape2) {
  const at2 = [];
  let rest = flat2;
  for (let axis = shape2.length - 1; axis >= 0; axis--) {
    at2.unshift(rest % shape2[axis]);
    rest = Math.floor(rest / shape2[axis]);
  }
  return at2;
}
function stationary(update, derivation, instance, parameters, r, random) {
  const tensor = parameters.get(update.parameter);
  const declared = derivation.model.parameters.find((p) => p.name === update.parameter);
  const floor = floorOf(update, derivation, instance, parameters);
  let worst = 0;
  for (const copy of copiesOf(update, derivation, tensor)) {
    if (copy.isHeld) continue;
    for (let n = 0; n < copy.length; n++) {
      const at2 = copy.offset + n;
      const onFloor = floor !== void 0 && tensor.data[at2] <= floor;
      const direction = floor === void 0 ? tangentDirection(
        declared.type.domain,
        copy.shape,
        copy.held,
        random,
        tensor.data.slice(copy.offset, copy.offset + copy.length)
      ) : tensor.data.slice(copy.offset, copy.offset + copy.length).map((_, m) => m === n ? 1 : 0);
      const moving = tensor.data.map((value2, m) => ({
        value: value2,
        derivative: inCopy(m, copy) ? direction[m - copy.offset] : 0
      }));
      const env = environment({
        derivation,
        instance,
        field: duals,
        parameters: new Map([
          ...[...parameters].map(
            ([name, t]) => [name, { shape: t.shape, data: t.data.map(duals.of) }]
          ),
          [update.parameter, { shape: tensor.shape, data: moving }]
        ]),
        responsibilities: r
      });
      const value = expectedLogJoint(derivation, env);
      const length = Math.hypot(...direction) || 1;
      const scale = Math.max(
        ...tensor.data.slice(copy.offset, copy.offset + copy.length).map(Math.abs),
        1e-3
      );
      const slope = value.derivative / length * (scale / (1 + Math.abs(value.value)));
      worst = Math.max(worst, onFloor ? slope : Math.abs(slope));
    }
  }
  return {
    name: "the derivative of the expected log joint vanishes",
    parameter: update.parameter,
    passed: worst <= STATIONARY,
    detail: `largest relative slope ${worst.toExponential(1)}`
  };
}
var inCopy = (at2, copy) => at2 >= copy.offset && at2 < copy.offset + copy.length;
function floorOf(update, derivation, instance, parameters) {
  const floors = constraintsOf(derivation.model).byParameter.get(update.parameter)?.floors ?? [];
  if (floors.length === 0) return void 0;
  const env = environment({ derivation, instance, field: float64, parameters, responsibilities: void 0 });
  return Math.max(...floors.map((f) => evaluate2(f.value, env).data[0]));
}
function unbeaten(update, derivation, instance, parameters, r, random) {
  const tensor = parameters.get(update.parameter);
  const declared = derivation.model.parameters.find((p) => p.name === update.parameter);
  const valueAt = (data) => expectedLogJoint(
    derivation,
    environment({
      derivation,
      instance,
      field: float64,
      parameters: new Map([...parameters, [update.parameter, { shape: tensor.shape, data }]]),
      responsibilities: r
    })
  );
  const here = valueAt(tensor.data);
  const floorValue = floorOf(update, derivation, instance, parameters) ?? -Infinity;
  let best = -Infinity;
  for (let n = 0; n < PERTURBATIONS; n++) {
    const size2 = 10 ** (-4 * random.uniform());
    const data = [...tensor.data];
    for (const copy of copiesOf(update, derivation, tensor)) {
      if (copy.isHeld) continue;
      const moved = perturbed(
        declared.type.domain,
        tensor.data.slice(copy.offset, copy.offset + copy.length),
        copy,
        size2,
        random
      );
      moved.forEach(
        (x, at2) => data[copy.offset + at2] = Math.max(
          x,
          declared.type.domain === "positive" ? floorValue : -Infinity
        )
      );
    }
    best = Math.max(best, valueAt(data) - here);
  }
  return {
    name: `no feasible perturbation raises the expected log joint (${String(PERTURBATIONS)} tried)`,
    parameter: update.parameter,
    passed: best <= 1e-9 * (1 + Math.abs(here)),
    detail: `largest change ${best.toExponential(1)}`
  };
}
function perturbed(domain, values, copy, size2, random) {
  if (domain === "positive") return values.map((x) => x * Math.exp(size2 * random.normal()));
  if (domain === "simplex") {
    const free = values.map((_, at2) => !copy.held.includes(at2 + 1));
    const mass = values.reduce((s, x, at2) => s + (free[at2] ? x : 0), 0);
    const moved = values.map((x, at2) => free[at2] ? x * Math.exp(size2 * random.normal()) : x);
    const total = moved.reduce((s, x, at2) => s + (free[at2] ? x : 0), 0);
    return moved.map((x, at2) => free[at2] ? x * mass / total : x);
  }
  if (domain === "shape") {
    const logs = values.map((x) => Math.log(x) + size2 * random.normal());
    const mean = logs.reduce((a, b) => a + b, 0) / logs.length;
    return logs.map((x) => Math.exp(x - mean));
  }
  if (domain === "orthogonal") return rotated(values, copy.shape[0], size2, random);
  if (domain === "covariance") {
    const n = copy.shape[0];
    const a = Array.from({ length: n * n }, (_, at2) => (at2 % (n + 1) === 0 ? 1 : 0) + size2 * random.normal());
    return multiplyThree(a, values, n);
  }
  return values.map((x) => x + size2 * random.normal());
}
function rotated(values, n, size2, random) {
  const q = [...values];
  for (let a = 0; a < n; a++)
    for (let b = a + 1; b < n; b++) {
      const angle = size2 * random.normal();
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let i = 0; i < n; i++) {
        const [x, y] = [q[i * n + a], q[i * n + b]];
        q[i * n + a] = c * x + s * y;
        q[i * n + b] = c * y - s * x;
      }
    }
  return q;
}
function multiplyThree(a, m, n) {
  const am = Array.from({ length: n * n }, (_, at2) => {
    let s = 0;
    for (let t = 0; t < n; t++) s += a[Math.floor(at2 / n) * n + t] * m[t * n + at2 % n];
    return s;
  });
  return Array.from({ length: n * n }, (_, at2) => {
    let s = 0;
    for (let t = 0; t < n; t++) s += am[Math.floor(at2 / n) * n + t] * a[at2 % n * n + t];
    return s;
  });
}
function feasible(update, derivation, parameters) {
  const tensor = parameters.get(update.parameter);
  const declared = derivation.model.parameters.find((p) => p.name === update.parameter);
  const problems = [];
  if (tensor.data.some((x) => !Number.isFinite(x))) problems.push("a value is not finite");
  for (const copy of copiesOf(update, derivation, tensor)) {
    const values = tensor.data.slice(copy.offset, copy.offset + copy.length);
    const { domain } = declared.type;
    if (domain === "simplex" && (values.some((x) => x < 0) || Math.abs(values.reduce((a, b) => a + b, 0) - 1) > 1e-10))
      problems.push("a simplex does not sum to 1");
    if (domain === "positive" && values.some((x) => !(x > 0))) problems.push("a value is not positive");
    if (domain === "shape" && Math.abs(values.reduce((a, x) => a + Math.log(x), 0)) > 1e-9)
      problems.push("the product of a shape is not one");
    if (domain === "orthogonal" && !isOrthogonal2(values, copy.shape[0]))
      problems.push("a matrix is not orthogonal");
    if (domain === "covariance" && !isPositiveDefinite2(values, copy.shape[0]))
      problems.push("a matrix is not symmetric positive definite");
  }
  return {
    name: "feasible",
    parameter: update.parameter,
    passed: problems.length === 0,
    detail: problems[0] ?? "in its domain"
  };
}
var isOrthogonal2 = (q, n) => multiplyThree(
  q,
  Array.from({ length: n * n }, (_, at2) => at2 % (n + 1) === 0 ? 1 : 0),
  n
).every((x, at2) => Math.abs(x - (at2 % (n + 1) === 0 ? 1 : 0)) < 1e-9);
function isPositiveDefinite2(m, n) {
  const isSymmetric = m.every(
    (x, at2) => Math.abs(x - m[at2 % n * n + Math.floor(at2 / n)]) <= 1e-9 * (1 + Math.abs(x))
  );
  return isSymmetric && pivots(m, n).every((x) => x > 0);
}
function pivots(m, n) {
  const a = [...m];
  for (let c = 0; c < n; c++)
    for (let i = c + 1; i < n; i++) {
      const factor = a[i * n + c] / a[c * n + c];
      for (let j = c; j < n; j++) a[i * n + j] -= factor * a[c * n + j];
    }
  return Array.from({ length: n }, (_, i) => a[i * n + i]);
}
function posteriorIsRight(derivation, random) {
  const posterior = derivation.posterior;
  const rows = 3;
  const full = randomInstance(derivation.model, random, rows);
  const weight = derivation.model.data.find((d) => d.as === "weight");
  const instance = {
    ...full,
    data: weight === void 0 ? full.data : new Map([
      ...full.data,
      [weight.name, { shape: [rows], data: Array.from({ length: rows }, () => 1) }]
    ]),
    constants: derivation.limit === void 0 ? full.constants : new Map([...full.constants, [derivation.limit.constant, { shape: [], data: [1e-5] }]])
  };
  const r = posteriorAt(derivation, instance, instance.parameters, float64);
  const k = r.shape[1];
  const totals = Array.from({ length: k ** rows }, (_, code2) => {
    const owner = Array.from({ length: rows }, (__, i) => Math.floor(code2 / k ** i) % k);
    const env = environment({
      derivation,
      instance,
      field: float64,
      parameters: instance.parameters,
      responsibilities: void 0,
      indicator: (_latent, at2, value) => owner[at2[0]] === value ? 1 : 0
    });
    return { owner, value: expectedLogJoint(derivation, env) };
  });
  const top = Math.max(...totals.map((t) => t.value));
  const total = totals.reduce((s, t) => s + Math.exp(t.value - top), 0);
  let worst = 0;
  for (let i = 0; i < rows; i++) {
    let sum3 = 0;
    for (let j = 0; j < k; j++) {
      const brute = totals.filter((t) => t.owner[i] === j).reduce((s, t) => s + Math.exp(t.value - top), 0) / total;
      worst = Math.max(worst, Math.abs(brute - r.data[i * k + j]));
      sum3 += r.data[i * k + j];
    }
    worst = Math.max(worst, Math.abs(sum3 - 1));
  }
  return {
    name: `the posterior of ${posterior.latent} equals enumeration (${String(totals.length)} assignments)`,
    parameter: void 0,
    passed: worst <= 1e-10,
    detail: `largest difference ${worst.toExponential(1)}`
  };
}
function hasCollapsed(derivation, parameters) {
  const isExtreme = (x) => !(x > 1e-6 && x < 1e6);
  return derivation.model.parameters.some((p) => {
    const { data, shape: shape2 } = parameters.get(p.name);
    if (p.type.domain === "positive") return data.some(isExtreme);
    if (p.type.domain !== "covariance") return false;
    const n = shape2[shape2.length - 1];
    return Array.from(
      { length: data.length / (n * n) },
      (_, k) => pivots(data.slice(k * n * n, (k + 1) * n * n), n)
    ).flat().some(isExtreme);
  });
}
function climbs(derivation, instance) {
  const priors = derivation.limit === void 0 ? derivation.factors.filter((f) => f.role === "prior") : [];
  const objective = (parameters2) => {
    const env = environment({
      derivation,
      instance,
      field: float64,
      parameters: parameters2,
      responsibilities: void 0
    });
    if (derivation.limit !== void 0) return -evaluate2(derivation.limit.objective, env).data[0];
    const data = derivation.posterior === void 0 ? add(
      ...derivation.factors.filter((f) => f.role === "data").map((f) => factorExpr(f, derivation.model))
    ) : marginal(derivation.posterior, derivation.model);
    return evaluate2(add(data, ...priors.map((f) => factorExpr(f, derivation.model))), env).data[0];
  };
  let parameters = instance.parameters;
  let before = derivation.updates.some(
    (u) => u.held.length > 0 || floorOf(u, derivation, instance, parameters) !== void 0
  ) ? -Infinity : objective(parameters);
  let worst = 0;
  let steps2 = 0;
  for (; steps2 < STEPS; steps2++) {
    const r = posteriorAt(derivation, instance, parameters, float64);
    let next = parameters;
    for (const update of derivation.updates)
      next = new Map([...next, [update.parameter, updated(update, derivation, instance, next, r)]]);
    const after = objective(next);
    if (!Number.isFinite(after) || hasCollapsed(derivation, next)) break;
    worst = Math.max(worst, (before - after) / (1 + Math.abs(after)));
    before = after;
    parameters = next;
  }
  return {
    name: `${String(STEPS)} EM steps never lower the objective`,
    parameter: void 0,
    passed: worst <= 1e-10,
    detail: `largest fall ${worst.toExponential(1)}, ${String(steps2)} steps`
  };
}

// src/derive/replay.ts
function replay(derivation, random) {
  const steps2 = derivation.sections.flatMap(
    (s) => s.blocks.flatMap((b) => b.kind === "steps" ? b.steps : [])
  );
  return steps2.map((step) => replayStep(step, derivation, random));
}
function replayStep(step, derivation, random) {
  const again = RULES[step.rule](step, derivation);
  if (again !== void 0 && printText(again) !== printText(step.after))
    return { step, passed: false, detail: `the rule gives ${printText(again)}` };
  const gap = relationGap(step, derivation, random);
  return { step, passed: gap <= 1e-8, detail: `relation ${step.relation}, gap ${gap.toExponential(1)}` };
}
var RULES = {
  "write the densities": (_, d) => add(...d.factors.map((f) => factorExpr(f, d.model))),
  "normal form": (_, d) => toExpr(d.factors.flatMap((f) => normalForm(factorExpr(f, d.model), f.line))),
  "sum over the latent": (_, d) => marginal(d.posterior, d.model),
  posterior: (_, d) => responsibilityExpr(d.posterior),
  bound: () => void 0,
  expect: (_, d) => toExpr(expectation(d.joint, d.posterior)),
  "terms of the parameter": (step, d) => toExpr(leadingOf(step, d).leading),
  collect: () => void 0,
  "add the multiplier": () => void 0,
  differentiate: () => void 0,
  solve: () => void 0,
  "name the statistics": () => void 0,
  "apply the floor": () => void 0,
  "let the constant go to zero": (_, d) => d.limit.objective
};
function relationGap(step, derivation, random) {
  let worst = 0;
  for (let n = 0; n < 3; n++) worst = Math.max(worst, gapAt(step, derivation, random));
  return worst;
}
var relative = (a, b) => Math.abs(a - b) / (1 + Math.abs(a) + Math.abs(b));
function gapAt(step, derivation, random) {
  const instance = randomInstance(derivation.model, random);
  const elsewhere = randomParameters(derivation.model, instance.sizes, random);
  const r = derivation.limit === void 0 ? posteriorAt(derivation, instance, elsewhere, float64) : assigned(derivation, instance);
  const base = {
    derivation,
    instance,
    field: float64,
    parameters: instance.parameters,
    responsibilities: r,
    extra: /* @__PURE__ */ new Map([["\u03BB", { shape: [], data: [random.normal()] }]])
  };
  const value = (e, point = base) => evaluate2(e, environment(point)).data[0];
  switch (step.relation) {
    case "equal":
      return relative(value(step.before), value(step.after));
    case "definition":
      return definitionGap(step, base);
    case "at most": {
      const touching = {
        ...base,
        responsibilities: posteriorAt(derivation, instance, instance.parameters, float64)
      };
      const above = value(step.before) - value(step.after);
      return Math.max(
        relative(value(step.before, touching), value(step.after, touching)),
        above < 0 ? -above : 0
      );
    }
    case "expectation":
      return relative(value(step.before), value(step.after));
    case "up to a constant":
      return constantGap(step, base, elsewhere);
    case "derivative":
      return derivativeGap(step, base, random);
    case "root":
      return rootGap(step, base);
    case "limit":
      return limitGap(step, base);
  }
}
function definitionGap(step, point) {
  const { derivation, instance } = point;
  const env = environment(point);
  if (step.rule === "write the densities")
    return relative(evaluate2(step.after, env).data[0], evaluate2(toExpr(derivation.joint), env).data[0]);
  if (step.rule === "posterior") {
    const { rows, component } = derivation.posterior;
    const table = tabulate(step.after, [rows, component], env);
    const k = sizeOf(component.dim, instance.sizes);
    let worst = 0;
    for (let i = 0; i < table.data.length; i += k)
      worst = Math.max(worst, Math.abs(table.data.slice(i, i + k).reduce((a, b) => a + b, 0) - 1));
    return worst;
  }
  if (step.rule === "sum over the latent") return marginalGap(step, point);
  if (step.rule === "apply the floor") {
    const update = derivation.updates.find((u) => u.parameter === step.parameter);
    const before = tabulate(step.before, update.ranges, env);
    const after = tabulate(step.after, update.ranges, env);
    return Math.max(...after.data.map((x, n) => Math.max(0, before.data[n] - x)));
  }
  return 0;
}
function marginalGap(step, point) {
  const { derivation, instance } = point;
  const { posterior, model } = derivation;
  const weight = model.data.find((d) => d.as === "weight");
  const rows = instance.data.values().next().value.shape[0];
  const ones = { shape: [rows], data: Array.from({ length: rows }, () => 1) };
  const unweighted = weight === void 0 ? instance : { ...instance, data: new Map([...instance.data, [weight.name, ones]]) };
  const k = sizeOf(posterior.component.dim, instance.sizes);
  const joint = add(...derivation.factors.filter((f) => f.role !== "prior").map((f) => factorExpr(f, model)));
  const owners = instance.latents.get(posterior.latent);
  const at2 = (row, component) => evaluate2(
    joint,
    environment({
      ...point,
      instance: unweighted,
      indicator: (_l, where, v) => (where[0] === row ? component : owners[where[0]]) === v ? 1 : 0
    })
  ).data[0];
  const values = Array.from({ length: k }, (_, c) => at2(0, c));
  const top = Math.max(...values);
  const brute = top + Math.log(values.reduce((s, v) => s + Math.exp(v - top), 0)) - values[owners[0]];
  const body = step.after.kind === "sum" ? step.after.body : step.after;
  const logsumexp2 = body.kind === "multiply" ? body.factors[body.factors.length - 1] : body;
  if (logsumexp2.kind !== "logsumexp") return Infinity;
  const env = environment({ ...point, instance: unweighted });
  const first = { ...env, indices: { [posterior.rows.index]: 0 } };
  const own = evaluate2(logsumexp2.body, {
    ...first,
    indices: { ...first.indices, [posterior.component.index]: owners[0] }
  }).data[0];
  return relative(brute, evaluate2(logsumexp2, first).data[0] - own);
}
function constantGap(step, point, elsewhere) {
  const name = step.parameter;
  const moved = { ...point, parameters: new Map([...point.parameters, [name, elsewhere.get(name)]]) };
  const difference = (e) => evaluate2(e, environment(point)).data[0] - evaluate2(e, environment(moved)).data[0];
  const { derivation, instance } = point;
  if (derivation.limit === void 0) return relative(difference(step.before), difference(step.after));
  const tiny = 1e-6;
  const constants = new Map([
    ...instance.constants,
    [derivation.limit.constant, { shape: [], data: [tiny] }]
  ]);
  const near2 = { ...point, instance: { ...instance, constants } };
  const nearMoved = { ...near2, parameters: moved.parameters };
  const whole = evaluate2(step.before, environment(near2)).data[0] - evaluate2(step.before, environment(nearMoved)).data[0];
  return Math.max(
    0,
    relative(whole * tiny ** -leadingOf(step, derivation).order, difference(step.after)) - 1e-6
  );
}
function leadingOf(step, derivation) {
  const terms = termsOf(derivation.q, step.parameter);
  if (derivation.limit === void 0) return { leading: terms, order: 0 };
  return leadingTerms(terms, derivation.limit.constant) ?? { leading: [], order: 0 };
}
function derivativeGap(step, point, random) {
  const { derivation } = point;
  const name = step.parameter;
  const declared = derivation.model.parameters.find((p) => p.name === name);
  const update = derivation.updates.find((u) => u.parameter === name);
  const tensor = point.parameters.get(name);
  const plates = declared.plates.length;
  const shape2 = tensor.shape.slice(plates);
  const length = shape2.reduce((a, b) => a * b, 1);
  const copies = tensor.data.length / length;
  const held = update.held.flatMap((h) => h.at.length > plates ? [h.at[plates]] : []);
  const direction = Array.from(
    { length: copies },
    (_, copy) => tangentDirection(
      declared.type.domain,
      shape2,
      held,
      random,
      tensor.data.slice(copy * length, (copy + 1) * length)
    )
  ).flat();
  const moving = {
    ...point,
    field: duals,
    extra: /* @__PURE__ */ new Map(),
    parameters: new Map(
      [...point.parameters].map(([key, t]) => [
        key,
        {
          shape: t.shape,
          data: t.data.map((x, n) => ({ value: x, derivative: key === name ? direction[n] : 0 }))
        }
      ])
    )
  };
  const slope = evaluate2(step.before, environment(moving)).data[0].derivative;
  const isSimplex2 = declared.type.domain === "simplex";
  const index = derivation.posterior?.component.index ?? "k";
  const ranges = isSimplex2 ? [...update.ranges, { index, dim: shape2[0] }] : update.ranges;
  const gradient = tabulate(step.after, ranges, environment(point));
  const inner = gradient.data.reduce((s, g, n) => s + g * direction[n], 0);
  return relative(slope, inner);
}
function rootGap(step, point) {
  const { derivation } = point;
  const name = step.parameter;
  const declared = derivation.model.parameters.find((p) => p.name === name);
  const update = derivation.updates.find((u) => u.parameter === name);
  const tensor = point.parameters.get(name);
  const isSimplex2 = declared.type.domain === "simplex";
  const index = derivation.posterior?.component.index ?? "k";
  const last = tensor.shape[tensor.shape.length - 1];
  const ranges = isSimplex2 ? [...update.ranges, { index, dim: last }] : update.ranges;
  const env = environment(point);
  const solved2 = tabulate(step.after, ranges, env);
  const data = solved2.data.length === tensor.data.length ? [...solved2.data] : tensor.data.map(() => solved2.data[0]);
  for (const h of update.held)
    if (isSimplex2 && h.at.length === 1) data[h.at[0] - 1] = evaluate2(h.value, env).data[0];
  const at2 = { ...point, parameters: new Map([...point.parameters, [name, { shape: tensor.shape, data }]]) };
  const gradient = tabulate(step.before, ranges, environment(at2));
  const before = tabulate(step.before, ranges, env);
  const size2 = Math.max(1, ...before.data.map(Math.abs));
  const isHeld = (n) => isSimplex2 && update.held.some((h) => h.at[h.at.length - 1] === n % last + 1);
  return Math.max(...gradient.data.map((g, n) => isHeld(n) ? 0 : Math.abs(g) / size2));
}
function limitGap(step, point) {
  const constant2 = point.derivation.limit.constant;
  const at2 = (eps) => ({
    ...point,
    instance: {
      ...point.instance,
      constants: new Map([...point.instance.constants, [constant2, { shape: [], data: [eps] }]])
    }
  });
  const target = evaluate2(step.after, environment(point)).data[0];
  const errors = [0.01, 1e-4, 1e-6].map(
    (eps) => Math.abs(evaluate2(step.before, environment(at2(eps))).data[0] - target)
  );
  const shrinks = errors[1] < 0.1 * errors[0] + 1e-9 && errors[2] < 0.1 * errors[1] + 1e-9;
  return shrinks && errors[2] < 1e-3 * (1 + Math.abs(target)) ? 0 : Infinity;
}

// src/report/derivation-text.ts
var WIDTH = 100;
var LABEL = 17;
var plainStyle = { title: (t) => t, label: (t) => t, note: (t) => t };
function derivationText(derivation, style = plainStyle) {
  const { model } = derivation;
  const heading = model.title === void 0 ? model.name : `${model.name}: ${model.title}`;
  const sections = derivation.sections.map(
    (section, n) => [
      style.title(`${String(n + 1)}  ${section.title}`),
      ...section.blocks.map((b) => blockText(b, style))
    ].join("\n\n")
  );
  return `${[style.title(heading), ...sections].join("\n\n")}
`;
}
function blockText(block, style) {
  switch (block.kind) {
    case "prose":
      return wrap(block.text, WIDTH - 3).map((line2) => `   ${line2}`).join("\n");
    case "steps":
      return block.steps.map((s) => stepText(s, style)).join("\n");
    case "definitions":
      return block.entries.map((e) => line(printText(e.left), e.note, `= ${printText(e.right)}`, style)).join("\n");
    case "equations":
      return block.entries.map((e) => equationText(e, style)).join("\n");
  }
}
var sideText = (side) => typeof side === "string" ? side : printText(side);
function stepText(step, style) {
  const left = step.left === void 0 ? "" : `${sideText(step.left.expr)} ${step.left.sign} `;
  return line(step.label, step.because, `${left.trimStart()}${printText(step.after)}`, style);
}
function equationText(e, style) {
  return line(
    e.label === sideText(e.left) ? "" : e.label,
    e.note,
    `${sideText(e.left)} ${e.relation} ${printText(e.right)}`,
    style
  );
}
function line(label, note, mathematics, style) {
  const pad = " ".repeat(3 + LABEL);
  const lines = breakMathematics(mathematics, WIDTH - 3 - LABEL);
  const head = `   ${style.label(label)}${" ".repeat(Math.max(1, LABEL - [...label].length))}`;
  const body = lines.map((l, n) => n === 0 ? head + l : pad + l);
  if (note === "") return body.join("\n");
  const last = lines[lines.length - 1];
  const used = 3 + LABEL + [...last].length;
  if (lines.length === 1 && used + 4 + [...note].length <= WIDTH + 10) {
    const gap = " ".repeat(Math.max(3, 44 - [...last].length));
    if (used + gap.length + [...note].length <= WIDTH + 10) return `${body[0]}${gap}${style.note(note)}`;
  }
  return [...body, ...wrap(note, WIDTH - 3 - LABEL).map((l) => pad + style.note(l))].join("\n");
}
function breakMathematics(text, width) {
  if ([...text].length <= width) return [text];
  const pieces = [];
  let depth = 0;
  let current = "";
  for (const c of text) {
    if (c === "(" || c === "[" || c === "\u2016") depth += 1;
    if (c === ")" || c === "]") depth -= 1;
    if (depth === 0 && (c === "+" || c === "\u2212") && current.endsWith(" ") && current.trim() !== "" && !current.trimEnd().endsWith("=")) {
      pieces.push(current.trimEnd());
      current = "";
    }
    current += c;
  }
  pieces.push(current);
  if (pieces.length === 1) return splitInside(text, width);
  const lines = [];
  for (const p of pieces) {
    const last = lines[lines.length - 1];
    if (last !== void 0 && [...last].length + 1 + [...p].length <= width)
      lines[lines.length - 1] = `${last} ${p}`;
    else lines.push(lines.length === 0 ? p : `  ${p}`);
  }
  return lines;
}
function splitInside(text, width) {
  const open = text.indexOf("(");
  if (open < 0 || !text.endsWith(")")) return [text];
  const inner = breakMathematics(text.slice(open + 1, -1), width - open - 2);
  if (inner.length === 1) return [text];
  return inner.map(
    (l, n) => (n === 0 ? text.slice(0, open + 1) + l : " ".repeat(open + 1) + l) + (n === inner.length - 1 ? ")" : "")
  );
}
function wrap(text, width) {
  const lines = [];
  for (const word2 of text.split(/\s+/)) {
    const last = lines[lines.length - 1];
    if (last === void 0 || [...last].length + 1 + [...word2].length > width) lines.push(word2);
    else lines[lines.length - 1] = `${last} ${word2}`;
  }
  return lines;
}

// src/random.ts
import seedrandom from "seedrandom";
function stream(seed, ...purpose) {
  const generator = seedrandom.alea([seed, ...purpose].join("/"));
  const uniform = () => generator.double();
  let spare;
  const normal2 = () => {
    if (spare !== void 0) {
      const kept = spare;
      spare = void 0;
      return kept;
    }
    for (; ; ) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const s = x * x + y * y;
      if (s > 0 && s < 1) {
        const factor = Math.sqrt(-2 * Math.log(s) / s);
        spare = y * factor;
        return x * factor;
      }
    }
  };
  return { uniform, below: (n) => Math.min(n - 1, Math.floor(uniform() * n)), normal: normal2 };
}

// try.mts
for (const f of process.argv.slice(2).filter((x) => !x.startsWith("-"))) {
  const text = readFileSync(f, "utf8");
  try {
    const c0 = compileSource(text);
    console.log("##", f, c0.diagnostics.map((d2) => d2.code + " " + d2.message + " " + d2.helps));
    const d = c0.derivation;
    if (!d) continue;
    if (process.argv.includes("--text")) console.log(derivationText(d));
    const c = certify(d, stream("1", "c"));
    for (const x of c) if (!x.passed) console.log("  CERT FAIL", x.parameter, x.name, x.detail);
    const r = replay(d, stream("1", "r"));
    for (const x of r) if (!x.passed) console.log("  REPLAY FAIL", x.step.rule, x.step.parameter, x.detail, "\n     ", printText(x.step.after).slice(0, 300));
    console.log("   ok", c.length, r.length, JSON.stringify([c0.plan.pairs, c0.plan.pooledScatter, c0.plan.sharedQuadratic]), d.conditional);
  } catch (e) {
    console.log("  THROW", e.stack?.split("\n").slice(0, 4).join("\n"));
  }
}
