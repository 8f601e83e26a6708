/** The M-step of one parameter: its terms of Q, the equation, the solution, each with its reason. */
import { add, multiply, ONE, power, running, subtract, sums, symbol } from '../algebra/build.js';
import { toExpr } from '../algebra/normal.js';
import { latexName } from '../algebra/notation-latex.js';
import { printLatex, printText } from '../algebra/print.js';
import { containsSymbol, partsOf, some } from '../algebra/traverse.js';
import type { Expr } from '../algebra/types.js';
import { conditionsAt, placesText } from './copies.js';
import type { Place } from './copies.js';
import { multiplierSymbol, prose, steps } from './document-parts.js';
import type { DocumentParts } from './document-parts.js';
import type { Maximised } from './maximise.js';
import { minorantExpr, withWeights } from './minorant.js';
import type { Minorant } from './minorant.js';
import type { Equation, Notation, Section, Step, Words } from './types.js';
import { listed, named, notation, sideText, words } from './words.js';

export function updateSection(m: Maximised, parts: DocumentParts): Section {
  const { solution, target, parameter } = m;
  const { multiplier } = solution;
  const own = toExpr(m.terms);
  const collected =
    solution.collected === undefined || m.minorant !== undefined
      ? undefined
      : parts.name(sums(target.ranges, multiply(...onlyLeaders(target), solution.collected)));
  const intro: Words[] = [
    ...(multiplier === undefined
      ? []
      : [
          words`${named(parameter.name)} is ${multiplier.what}, ${equal(multiplier.constraint, multiplier.bound)}: a Lagrange multiplier.`,
        ]),
    ...target.held.map((h) => words`${placed(m, h.at)} is held at ${h.value} by a constraint.`),
    ...target.ties.map(
      (tie) =>
        words`${listed(
          tie.map((places) => placed(m, places)),
          ' and ',
        )} are one by a constraint: ${
          tie[0].length > target.ranges.length
            ? 'each has the mean of their masses'
            : 'each has the terms of all of them'
        }.`,
    ),
  ];
  const before = termSteps(m, parts, own, collected);
  const worked = workedMultiplier(m, parts);
  const after = solutionSteps(m, parts, own);
  return {
    id: 'm-step',
    title: words`M-step · ${named(parameter.name)}`,
    parameter: parameter.name,
    blocks: [
      ...(intro.length === 0 ? [] : [prose(listed(intro, ' '))]),
      ...(worked.length === 0
        ? [steps(...before, ...after)]
        : [steps(...before), { kind: 'equations' as const, entries: worked }, steps(...after)]),
    ],
  };
}

/** 1 − [k = 2] for each copy whose terms stand with those of the one it is tied to. */
const onlyLeaders = ({ ties, ranges }: Maximised['target']): readonly Expr[] =>
  ties
    .filter((tie) => tie[0].length === ranges.length)
    .flatMap((tie) =>
      tie.slice(1).map((places) =>
        subtract(
          ONE,
          multiply(
            ...conditionsAt(
              places,
              ranges.map((r) => r.index),
            ),
          ),
        ),
      ),
    );

/** Which terms of Q count, how they read with their sums named, and the Lagrangian. */
function termSteps(
  m: Maximised,
  parts: DocumentParts,
  own: Expr,
  collected: Expr | undefined,
): readonly Step[] {
  const { solution, target, parameter } = m;
  const { multiplier } = solution;
  const name = named(parameter.name);
  const list: Step[] = [
    {
      rule: 'terms of the parameter',
      label: 'terms of Q',
      before: toExpr(parts.q),
      after: own,
      relation: 'up to a constant',
      because:
        parts.limit === undefined
          ? words`the other terms do not contain ${name}`
          : words`the other terms do not contain ${name}, or are of lower order in ${named(parts.limit.constant)}; a common power of it does not move the maximum`,
      parameter: parameter.name,
    },
  ];
  if (collected !== undefined)
    list.push({
      rule: 'collect',
      label: 'that is',
      before: own,
      after: collected,
      relation: 'equal',
      because: hasTrace(collected)
        ? words`sums over rows written by their names, with ${notation('eᵀ P e = tr(P e eᵀ)', 'e^{\\top} P\\, e = \\operatorname{tr}(P\\, e\\, e^{\\top})')}`
        : ['sums over rows written by their names'],
      parameter: parameter.name,
    });
  if (multiplier !== undefined) {
    const before = collected ?? own;
    list.push({
      rule: 'add the multiplier',
      label: 'Lagrangian',
      before,
      after: add(
        before,
        sums(
          target.ranges,
          multiply(multiplierSymbol(parts.model), subtract(multiplier.bound, multiplier.constraint)),
        ),
      ),
      relation: 'equal',
      because: words`the added term is zero where ${equal(multiplier.constraint, multiplier.bound)}${
        target.ranges.length === 0
          ? ''
          : words`; each ${listed(target.ranges.map((r) => named(r.index)))} has a ${multiplierSymbol(parts.model)} of its own`
      }`,
      parameter: parameter.name,
    });
  }
  return list;
}

/** How λ is found, line by line, where the form says it. */
function workedMultiplier(m: Maximised, parts: DocumentParts): readonly Equation[] {
  const lines = m.solution.multiplier?.worked?.(multiplierSymbol(parts.model)) ?? [];
  return lines.map((line): Equation => ({
    label: line.label === 'derivative' ? `∂/∂${sideText(entry(m))} = 0` : line.label,
    left: parts.name(line.left),
    relation: line.relation,
    right: parts.name(line.right),
    note: line.note,
  }));
}

function solutionSteps(m: Maximised, parts: DocumentParts, own: Expr): readonly Step[] {
  const { solution, parameter, target, minorant } = m;
  const { multiplier } = solution;
  const isWorked = multiplier?.worked !== undefined;
  // sums with weights in them stay as they stand: their names are for what the weights are
  const name = minorant === undefined ? parts.name : unnamed;
  const weights = minorant === undefined ? {} : { weights: minorant.weights };
  const gradient = (solution.crossing ? unnamed : name)(solution.gradient);
  const solveStep: Step = {
    rule: 'solve',
    label: 'update',
    before: gradient,
    after: name(solution.value),
    relation: solution.crossing ? 'crossing' : 'root',
    because: solution.secondOrder.map((r) => (typeof r === 'string' ? r : name(r))),
    parameter: parameter.name,
    left: { expr: entry(m), sign: '←' },
    ...weights,
  };
  const list: Step[] = [
    ...(minorant === undefined ? [] : [tangentStep(m, minorant, own)]),
    {
      rule: 'differentiate',
      label: isWorked ? 'with it' : `∂/∂${sideText(entry(m))} = 0`,
      before: minorant === undefined ? own : minorantExpr(minorant),
      after: gradient,
      relation: 'derivative',
      because:
        multiplier === undefined
          ? derivativeWords(m)
          : isWorked
            ? ['the multiplier put in its place']
            : words`with ${multiplierSymbol(parts.model)} = ${parts.name(multiplier.lambda)}, ${multiplier.how}`,
      parameter: parameter.name,
      left: { expr: notation('0'), sign: '=' },
      ...weights,
    },
    ...(solution.iteration === undefined ? [solveStep] : newtonSteps(m, parts, solution.iteration.hessian)),
  ];
  if (m.bounds.length > 0)
    list.push({
      rule: 'apply the bounds',
      label: m.bounds.every((b) => b.side === 'floor')
        ? 'with the floor'
        : m.bounds.every((b) => b.side === 'cap')
          ? 'with the cap'
          : 'with the bounds',
      before: parts.name(withWeights(solution.value, minorant?.weights ?? [])),
      after: parts.name(m.value),
      relation: 'definition',
      because: [
        'the terms rise up to the solution and fall after it, so ',
        ...(m.bounds.some((b) => b.side === 'floor')
          ? ['above a floor the best value is the larger of the two']
          : []),
        ...(new Set(m.bounds.map((b) => b.side)).size > 1 ? [', and '] : []),
        ...(m.bounds.some((b) => b.side === 'cap')
          ? ['below a cap the best value is the smaller of the two']
          : []),
      ],
      parameter: parameter.name,
      left: { expr: target.symbol, sign: '←' },
    });
  return list;
}

const unnamed = (e: Expr): Expr => e;

/** Logarithms replaced by their tangents. */
function tangentStep(m: Maximised, minorant: Minorant, own: Expr): Step {
  const list = minorant.weights.map(
    (w) =>
      words`${symbol(
        w.name,
        'weight',
        w.ranges.map((r) => running(r.index)),
      )} = ${power(w.of, -1)}`,
  );
  return {
    rule: 'take the tangent',
    label: 'below it',
    before: own,
    after: minorantExpr(minorant),
    relation: 'tangent',
    because: words`a logarithm lies below its tangent, ${notation('log A ≤ log A₀ + (A − A₀) / A₀', '\\log A \\le \\log A_0 + (A - A_0) / A_0')}, so with ${listed(list, ' and ')} at the parameters of before this lies below the terms, up to a constant, and touches them there: what raises it raises Q`,
    parameter: m.parameter.name,
    weights: minorant.weights,
  };
}

const reasonWords = ({ solution }: Maximised, parts: DocumentParts): Words =>
  solution.secondOrder.map((r) => (typeof r === 'string' ? r : parts.name(r)));

/** Where no rule solves the equation: the second derivative, and the step that it gives. */
function newtonSteps(m: Maximised, parts: DocumentParts, hessian: Expr): readonly Step[] {
  const before = parts.name(m.solution.gradient);
  return [
    {
      rule: 'differentiate again',
      label: `∂²/∂${sideText(entry(m))}²`,
      before,
      after: parts.name(hessian),
      relation: 'second derivative',
      because: [
        'the second derivative; sums over rows that hold the parameter are computed anew in every step',
      ],
      parameter: m.parameter.name,
    },
    {
      rule: 'take a Newton step',
      label: 'update',
      before,
      after: parts.name(m.solution.value),
      relation: 'definition',
      because: reasonWords(m, parts),
      parameter: m.parameter.name,
      left: { expr: entry(m), sign: '←' },
    },
  ];
}

/** Derivatives that a reader may not have at hand, of the matrix functions that stand in the terms. */
function derivativeWords(m: Maximised): Words {
  const { target, terms, solution } = m;
  const whole = solution.collected ?? toExpr(terms);
  const isIn = (e: Expr): boolean => containsSymbol(e, target.name);
  const theta = printLatex(target.symbol);
  const text = printText(target.symbol);
  const d = `\\partial`;
  const used: Notation[] = [];
  if (target.shape.length === 2) {
    if (some(whole, (e) => e.kind === 'logdet' && isIn(e)))
      used.push(
        notation(
          `∂ log|${text}| = ${text}⁻¹`,
          `${d} \\log\\lvert ${theta}\\rvert / ${d} ${theta} = {${theta}}^{-1}`,
        ),
      );
    if (some(whole, (e) => e.kind === 'trace' && some(e, (x) => x.kind === 'inverse' && isIn(x))))
      used.push(
        notation(
          `∂ tr(${text}⁻¹ A) = −${text}⁻¹ A ${text}⁻¹`,
          `${d} \\operatorname{tr}({${theta}}^{-1} A) / ${d} ${theta} = -{${theta}}^{-1} A\\, {${theta}}^{-1}`,
        ),
      );
  }
  const isQuadratic = some(
    whole,
    (e) =>
      e.kind === 'quadratic' && target.shape.length === 1 && e.matrix.kind !== 'number' && isIn(e.vector),
  );
  if (isQuadratic) used.push(notation('∂ eᵀ P e = 2 P e', `${d} (e^{\\top} P\\, e) / ${d} e = 2 P\\, e`));
  return used.length === 0
    ? words`the derivative in ${named(target.name)}`
    : words`the derivative in ${named(target.name)}, by ${listed(used, ' and ')}`;
}

const hasTrace = (e: Expr): boolean => e.kind === 'trace' || partsOf(e).some(hasTrace);

/** What is solved at a time: `pi[k]` for a simplex, whose entries are solved one by one, else the parameter itself. */
export function entry({ target, solution, parameter }: Maximised): Expr {
  const index = solution.multiplier?.index;
  return symbol(parameter.name, 'parameter', [
    ...target.ranges.map((r) => running(r.index)),
    ...(index === undefined ? [] : [running(index)]),
  ]);
}

const equal = (left: Expr, right: Expr): Notation =>
  notation(`${printText(left)} = ${printText(right)}`, `${printLatex(left)} = ${printLatex(right)}`);

/** `A[k,3]` */
function placed({ parameter: { name }, target }: Maximised, places: readonly Place[]): Notation {
  const at = placesText(
    places,
    target.ranges.map((r) => r.index),
  );
  return notation(`${name}[${at}]`, `${latexName(name)}_{${at}}`);
}
