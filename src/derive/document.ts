/** The derivation as a document: sections of prose, replayable steps and definitions, in the order in which one reads. */
import { isZero, multiply, number, symbol, ZERO } from '../algebra/build.js';
import { toExpr } from '../algebra/normal.js';
import { latexName } from '../algebra/notation-latex.js';
import { printText } from '../algebra/print.js';
import type { Expr } from '../algebra/types.js';
import { whySection } from './document-em.js';
import {
  indicatorWords,
  jointName,
  prose,
  quantity,
  softMarginal,
  steps,
  valuesWords,
} from './document-parts.js';
import type { DocumentParts } from './document-parts.js';
import { expectationSection, qSection } from './document-posterior.js';
import { entry, updateSection } from './document-update.js';
import type { Block, Section, Statistic, Step, Words } from './types.js';
import { listed, named, notation, sideText, words } from './words.js';

export type { DocumentParts } from './document-parts.js';

/** Builds the sections; the statistics are known only when every update has been named, hence the second call. */
export function document(parts: DocumentParts): (statistics: readonly Statistic[]) => readonly Section[] {
  const updates = parts.maximised.map((m) => updateSection(m, parts));
  return (statistics) => [
    jointSection(parts),
    whySection(parts),
    ...(parts.posterior === undefined ? [] : [expectationSection(parts)]),
    qSection(parts, statistics),
    ...updates,
    ...jointSections(parts),
    ...(parts.limit === undefined ? [] : [limitSection(parts)]),
    algorithmSection(parts),
  ];
}

/** A reason whose expressions are printed with the statistics by their names. */
export const reasonText = (reason: readonly (string | Expr)[], name: (e: Expr) => Expr): string =>
  reason.map((r) => (typeof r === 'string' ? r : printText(name(r)))).join('');

function jointSection(parts: DocumentParts): Section {
  const { model } = parts;
  const described = [...model.parameters, ...model.latents, ...model.data].filter(
    (s) => s.documentation !== undefined,
  );
  const left = jointName(parts);
  const count = parts.joint.length;
  return {
    id: 'joint',
    title: ['The log joint'],
    blocks: [
      ...(model.documentation === undefined ? [] : [prose([model.documentation])]),
      ...described.map((s) => prose([`\`${s.name}\`: ${s.documentation!}`])),
      prose([
        'Every `~` line of the model contributes its log density, summed over its plates.',
        ...(model.latents.length === 0
          ? [' Nothing is hidden.']
          : words` ${listed(
              model.latents.map((l) => named(l.name)),
              ', ',
              ' and ',
            )} ${model.latents.length === 1 ? 'is' : 'are'} hidden: a value that depends on ${model.latents.length === 1 ? 'it' : 'them'} is written as a sum over the values that may be taken, each with the factor ${indicatorWords(parts)}, which is 1 for the value taken and 0 for the others.`),
      ]),
      steps(
        {
          rule: 'write the densities',
          label: 'densities',
          before: quantity(left.text),
          after: parts.jointExpr,
          relation: 'definition',
          because: ['the log of a product of densities is the sum of their logs'],
          left: { expr: left, sign: '=' },
        },
        {
          rule: 'normal form',
          label: 'multiplied out',
          before: parts.jointExpr,
          after: toExpr(parts.joint),
          relation: 'equal',
          because: [
            `logarithms of products and determinants opened, ${String(count)} ${count === 1 ? 'term' : 'terms'}`,
          ],
          left: { expr: notation(''), sign: '=' },
        },
      ),
    ],
  };
}

/** Parameters that are solved together: the blocks of their system, and the equations that bind them. */
function jointSections(parts: DocumentParts): readonly Section[] {
  const joints = [...new Set(parts.updates.flatMap((u) => u.joint ?? []))];
  return joints.map((joint): Section => {
    const { parameters, constraints, isQuadratic } = joint;
    const names = listed(
      parameters.map((n) => named(n)),
      ', ',
      ' and ',
    );
    const label = (n: number): string =>
      sideText(entry(parts.maximised.find((m) => m.parameter.name === parameters[n])!));
    const blocks = parameters.flatMap((name, i) =>
      parameters.slice(0, i + 1).flatMap((other, j): readonly Step[] => {
        if (isZero(joint.hessian[i][j])) return [];
        return [
          {
            rule: i === j ? 'differentiate again' : 'differentiate across',
            label: i === j ? `∂²/∂${label(i)}²` : `∂²/∂${label(i)}∂${label(j)}`,
            before: joint.gradient[i],
            after: joint.hessian[i][j],
            relation: i === j ? 'second derivative' : 'cross derivative',
            because:
              i === j
                ? words`how the derivative in ${named(name)} changes with ${named(name)}`
                : words`how the derivative in ${named(name)} changes with ${named(other)}`,
            parameter: name,
            other,
          },
        ];
      }),
    );
    const why =
      constraints.length > 0
        ? words`${names} ${parameters.length === 1 ? 'is' : 'are'} bound by equations, so all of ${parameters.length === 1 ? 'its copies' : 'their copies'} are solved together:`
        : isQuadratic
          ? words`${names} stand in the same residuals. Their equations are linear in all of them together and are solved as one system, the normal equations.`
          : words`${names} stand in each other's equations, and not all have a closed form. By turns they would climb a ridge in small steps, so a Newton step moves them together.`;
    const theta = notation('θ', '\\theta');
    const system = notation(
      'H δ + Cᵀ λ = −g,  C δ = d − C θ',
      'H\\,\\delta + C^{\\top}\\lambda = -g,\\quad C\\,\\delta = d - C\\,\\theta',
    );
    const how =
      constraints.length > 0
        ? words`Written as C ${theta} = d with ${theta} all the numbers stacked, each equation has a Lagrange multiplier λ of its own. At the maximum the derivatives g of Q are a combination of the rows of C, and the equations hold: ${system}, with H the second derivatives. ${isQuadratic ? 'Q is quadratic in them, so that one step δ is the solution.' : 'Steps δ are repeated, and halved until Q rises.'} The blocks of H:`
        : words`With g the derivatives of Q and H the second derivatives, whose blocks follow, ${isQuadratic ? 'the solution is one step' : 'each step is'} −H⁻¹ g${isQuadratic ? '.' : ', halved until Q rises.'}`;
    return {
      id: 'm-step',
      title: words`M-step · ${names} together`,
      blocks: [
        prose(why),
        ...(constraints.length === 0
          ? []
          : [
              {
                kind: 'equations' as const,
                entries: constraints.map((c) => ({
                  label: 'equation',
                  left: c.value,
                  relation: '=' as const,
                  right: ZERO,
                  note: [],
                })),
              },
            ]),
        prose(how),
        steps(...blocks),
      ],
    };
  });
}

function limitSection(parts: DocumentParts): Section {
  const limit = parts.limit!;
  const posterior = parts.posterior!;
  const constant = symbol(limit.constant, 'constant', [], [], 'positive');
  const g = notation('g');
  const eps = limit.constant;
  const tex = latexName(eps);
  const dropped = listed(
    limit.dropped.map((d) => named(d)),
    ', ',
    ' and ',
  );
  const many = limit.dropped.length > 1;
  return {
    id: 'limit',
    title: words`The limit ${constant} ${notation('→ 0+', '\\to 0^{+}')}`,
    blocks: [
      prose(
        words`The logarithms in the E-step are ${notation(`(g + ${eps} h) / ${eps}`, `(g + ${tex}\\,h) / ${tex}`)}, where ${g} is what grows fastest as ${constant} goes to zero. Divided by an ever smaller ${constant}, even a small lead in ${g} outweighs all the rest, so the posterior tends to 1 for the largest ${g} and to 0 for the others${
          limit.dropped.length === 0
            ? ''
            : words`; ${dropped} ${many ? 'are' : 'is'} of the order of ${constant} beside it and ${many ? 'drop' : 'drops'} out of the E-step (${many ? 'they are' : 'it is'} still estimated)`
        }. The objective, times ${notation(`−2 ${eps}`, `-2\\,${tex}`)}, tends to the inertia:`,
      ),
      steps({
        rule: 'let the constant go to zero',
        label: 'inertia',
        before: multiply(number(-2), constant, softMarginal(parts)),
        after: limit.objective,
        relation: 'limit',
        because: words`${notation(`${eps} log Σ exp(g / ${eps})`, `${tex} \\log \\textstyle\\sum \\exp(g / ${tex})`)} tends to the largest ${g}; ${notation(`${eps} log ${eps}`, `${tex} \\log ${tex}`)} tends to zero`,
        left: { expr: notation('inertia', '\\text{inertia}'), sign: '=' },
      }),
      prose(
        words`Conditions: between equal distances the lowest ${valuesWords(posterior)} is taken; a component that owns no row keeps its parameters, since its sums are empty.`,
      ),
    ],
  };
}

function algorithmSection(parts: DocumentParts): Section {
  const order = listed(
    parts.maximised.map((m) => named(m.parameter.name)),
    ', then ',
  );
  const together =
    parts.maximised.length === 1
      ? ''
      : parts.conditional
        ? ' Where solutions contain each other they are repeated until they settle, each a conditional maximisation (ECM): Q rises in every round.'
        : parts.updates.some((u) => u.minorised)
          ? ' Each solution contains only what was computed before it, and the weights.'
          : ' Each solution contains only what was computed before it, so together they are the maximum of Q.';
  const how =
    parts.posterior !== undefined
      ? words`Repeat until the objective stops changing: E-step; then ${order}.${together}${generalised(parts)}`
      : parts.conditional
        ? words`Repeat until they settle: ${order}, each with the others held (ECM).`
        : words`One step: ${order}.`;
  return {
    id: 'algorithm',
    title: ['The algorithm'],
    blocks: [
      prose(how),
      ...(parts.updates.every((u) => u.joint !== undefined)
        ? []
        : [
            {
              kind: 'equations',
              // what is solved together has its system in its own section
              entries: parts.updates
                .filter((u) => u.joint === undefined)
                .map((u) => ({
                  label: '',
                  left: entry(parts.maximised.find((m) => m.parameter.name === u.parameter)!),
                  relation: '←' as const,
                  right: u.value,
                  note: [],
                })),
            } satisfies Block,
          ]),
      prose(['For the criteria that compare models, the number of free parameters (degrees of freedom):']),
      {
        kind: 'equations',
        entries: [
          {
            label: 'free parameters',
            left: notation('df', '\\mathrm{df}'),
            relation: '=' as const,
            right: parts.degreesOfFreedom,
            note: [],
          },
        ],
      },
    ],
  };
}

/** What is said of updates that only raise Q. */
function generalised(parts: DocumentParts): Words {
  const open = parts.updates.filter(
    (u) => (u.joint === undefined && u.iteration !== undefined) || u.joint?.isQuadratic === false,
  );
  const below = parts.updates.filter((u) => u.minorised);
  if (open.length + below.length === 0) return [];
  const of = (list: typeof open): Words =>
    words`${listed(list.map((u) => named(u.parameter)))} ${list.length === 1 ? 'has' : 'have'} no closed form`;
  const said = [
    ...(open.length === 0 ? [] : [words`${of(open)}: Newton steps that raise Q stand in its place`]),
    ...(below.length === 0
      ? []
      : [words`${of(below)}: the maximum of what lies below Q and touches it stands in its place`]),
  ];
  return words` ${listed(said, '; ')}${parts.posterior === undefined ? '.' : ', which makes this a generalised EM: the objective still never falls.'}`;
}
