/** The derivation as a document: sections of prose, replayable steps and definitions, in the order in which one reads. */
import { add, logsumexp, multiply, number, running, subtract, sum, sums, symbol } from '../algebra/build.js';
import { toExpr } from '../algebra/normal.js';
import { printText } from '../algebra/print.js';
import type { Expr } from '../algebra/types.js';
import { weightOf } from './joint.js';
import type { Maximised } from './maximise.js';
import {
  entropyTerm,
  latentsOfGroups,
  latentsOfRows,
  logitExpr,
  marginal,
  responsibility,
  stages,
} from './posterior.js';
import type { Block, Derivation, Posterior, Section, Statistic, Step } from './types.js';

export interface DocumentParts extends Omit<Derivation, 'statistics' | 'sections'> {
  readonly jointExpr: Expr;
  readonly maximised: readonly Maximised[];
  /** gives sums over rows their names */
  readonly name: (e: Expr) => Expr;
}

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

const prose = (text: string): Block => ({ kind: 'prose', text });
const steps = (...list: readonly Step[]): Block => ({ kind: 'steps', steps: list });
const quantity = (name: string): Expr => symbol(name, 'constant', []);

/** What the log joint is called in the user's names: `log p(x, z)`. */
function jointName(parts: DocumentParts): string {
  const names = parts.model.factors.map((f) => f.symbol);
  return `log p(${[...new Set(names)].reverse().join(', ')})`;
}

function observedName(parts: DocumentParts): string {
  const data = parts.model.factors
    .map((f) => f.symbol)
    .filter((s) => parts.model.data.some((d) => d.name === s));
  return `log p(${[...new Set(data)].join(', ')})`;
}

function jointSection(parts: DocumentParts): Section {
  const { model } = parts;
  const described = [...model.parameters, ...model.latents, ...model.data].filter(
    (s) => s.documentation !== undefined,
  );
  const hidden = model.latents.map((l) => `\`${l.name}\``).join(', ');
  const first = parts.joint.length;
  return {
    id: 'joint',
    title: 'The log joint',
    blocks: [
      ...(model.documentation === undefined ? [] : [prose(model.documentation)]),
      ...described.map((s) => prose(`\`${s.name}\`: ${s.documentation!}`)),
      prose(
        `Every \`~\` line contributes its log density, summed over its plates.${
          hidden === ''
            ? ' Nothing is hidden.'
            : ` ${hidden} is hidden: a value that depends on it is written as a sum over the values it may take, each with the factor [z = k], which is 1 for the value it has and 0 for the others.`.replace(
                '[z = k]',
                indicatorText(parts),
              )
        }`,
      ),
      steps(
        {
          rule: 'write the densities',
          label: 'densities',
          before: quantity(jointName(parts)),
          after: parts.jointExpr,
          relation: 'definition',
          because: 'the log of a product of densities is the sum of their logs',
          left: { expr: jointName(parts), sign: '=' },
        },
        {
          rule: 'normal form',
          label: 'multiplied out',
          before: parts.jointExpr,
          after: toExpr(parts.joint),
          relation: 'equal',
          because: `logarithms of products and determinants opened, ${first} terms`,
          left: { expr: '', sign: '=' },
        },
      ),
    ],
  };
}

const indicatorText = (parts: DocumentParts): string => {
  const p = parts.posterior;
  if (p === undefined) return '[z = k]';
  return p.latents.map((h) => `[${h.latent}[${h.at.index}] = ${h.value.index}]`).join(' ');
};

/** The values of the latents, as they stand under a sum: `k`, or `k, l`. */
const valuesText = (p: Posterior): string => p.latents.map((h) => h.value.index).join(', ');
const latentsText = (p: Posterior): string => p.latents.map((h) => `\`${h.latent}\``).join(' and ');
const ownText = (p: Posterior): string =>
  p.latents.map((h) => `\`${h.latent}[${h.at.index}]\``).join(' and ');

function whySection(parts: DocumentParts): Section {
  const { posterior, model } = parts;
  if (posterior === undefined)
    return {
      id: 'why-em',
      title: 'Why no iteration is needed',
      blocks: [
        prose(
          parts.conditional
            ? 'Nothing is hidden, so the log joint is maximised as it stands. The solutions below contain each other and are cycled, each a conditional maximisation.'
            : 'Nothing is hidden, so the log joint is maximised as it stands: setting its derivatives to zero gives the estimates below in closed form, in a single step.',
        ),
      ],
    };
  if (parts.limit !== undefined) return whyLimitSection(parts);
  const r = printText(responsibility(posterior));
  const index = valuesText(posterior);
  const simplex = parts.maximised.find((m) => m.solution.multiplier !== undefined);
  const fixedPoints = parts.maximised.map((m) => ({
    label: printText(m.target.symbol),
    left: printText(m.target.symbol),
    relation: '=' as const,
    right: parts.name(m.solution.value),
    note: '',
  }));
  return {
    id: 'why-em',
    title: 'Why EM',
    blocks: [
      prose(
        `What is observed has the marginal log-likelihood, in which the sum over ${indicatorText(parts)} stands inside the logarithm:`,
      ),
      steps({
        rule: 'sum over the latent',
        label: 'marginal',
        before: quantity(observedName(parts)),
        after: marginal(posterior, model),
        relation: 'definition',
        because: `the values of ${latentsText(posterior)} exclude each other, so their densities add`,
        left: { expr: observedName(parts), sign: '=' },
      }),
      prose(
        `Setting its derivative in a parameter to zero does not give a closed form. The derivative of log Σ_${index} exp(a_${index}) is Σ_${index} ${r} times the derivative of a_${index}, where ${r} is the share of ${index} in the sum, the posterior probability of ${indicatorText(parts)}. So the equations read as if ${r} were known weights, and they can be solved for each parameter, but ${r} itself contains the parameters: the solution is a fixed point.`,
      ),
      ...(simplex === undefined ? [] : [prose(lagrangePrinciple(simplex))]),
      { kind: 'equations', entries: fixedPoints },
      prose(
        `EM solves these equations by turns: hold ${r}, solve for the parameters (M-step); hold the parameters, compute ${r} (E-step). That this climbs is seen from a lower bound, which holds for any weights that sum to one over ${index} and touches where they are the posterior:`,
      ),
      steps({
        rule: 'bound',
        label: 'lower bound',
        before: marginal(posterior, model),
        after: add(toExpr(dataTerms(parts)), entropyTerm(posterior, model)),
        relation: 'at most',
        because:
          'the logarithm is concave (Jensen); the E-step makes it touch, the M-step raises the first sum, called Q',
        left: { expr: observedName(parts), sign: '≥' },
      }),
      prose(
        'The alternative is gradient ascent on the marginal log-likelihood: the same derivatives, a step of some learning rate along them, again and again. It needs the rate to be chosen and the constraints (weights that sum to one, covariances that stay positive definite) to be parametrised away; the EM step needs neither and never lowers the objective.',
      ),
    ],
  };
}

/** In a limit the argument is that of the mixture it is the limit of; only its start is shown. */
function whyLimitSection(parts: DocumentParts): Section {
  const { constant } = parts.limit!;
  const simplex = parts.maximised.find((m) => m.solution.multiplier !== undefined);
  return {
    id: 'why-em',
    title: 'Why EM',
    blocks: [
      prose(
        `For every ${constant} > 0 this is a model whose marginal log-likelihood has a sum inside the logarithm:`,
      ),
      {
        kind: 'equations',
        entries: [
          {
            label: 'marginal',
            left: observedName(parts),
            relation: '=',
            right: softMarginal(parts),
            note: '',
          },
        ],
      },
      prose(
        `Its derivatives vanish at a fixed point that EM finds by turns (E-step: the posterior of the latent; M-step: the parameters given it). Both steps have a limit as ${constant} goes to zero, and the limit of the algorithm is derived here.`,
      ),
      ...(simplex === undefined ? [] : [prose(lagrangePrinciple(simplex))]),
    ],
  };
}

/** Which latents share a posterior, and why. */
function structureText(p: Posterior): string {
  const ofGroups = latentsOfGroups(p);
  const ofRows = latentsOfRows(p);
  const texts: string[] = [];
  if (ofRows.length > 1)
    texts.push(
      ` ${ofRows.map((h) => `\`${h.latent}\``).join(' and ')} of a row share factors, so their posterior is one over all combinations of their values.`,
    );
  if (p.grouping !== undefined) {
    const { range, symbol: name } = p.grouping;
    texts.push(
      ` The rows with ${name}[${p.rows.index}] = ${range.index} share ${ofGroups.map((h) => `\`${h.latent}[${range.index}]\``).join(' and ')}: given its value they are independent, so their densities multiply and the logarithms add.`,
    );
    if (ofRows.length > 0)
      texts.push(
        ` A row's own ${ofRows.map((h) => `\`${h.latent}\``).join(' and ')} is summed out of its density first; its posterior is that given the group's, times the group's.`,
      );
  }
  return texts.join('');
}

/** The terms of Q that are not priors. */
const dataTerms = (parts: DocumentParts) =>
  parts.q.filter((t) => !parts.factors.some((f) => f.line === t.line && f.role === 'prior'));

function lagrangePrinciple(m: Maximised): string {
  const { constraint, bound } = m.solution.multiplier!;
  return `Where a parameter is bound by an equation g(θ) = c, a maximum lies where the gradients are parallel, ∇f = λ ∇g: along the surface f does not change to first order. The number λ is the Lagrange multiplier; it is found from the equation itself. Here \`${m.parameter.name}\` is bound by ${printText(constraint)} = ${printText(bound)}.`;
}

function expectationSection(parts: DocumentParts): Section {
  const posterior = parts.posterior!;
  const r = responsibility(posterior);
  const hard = posterior.assignment === 'hard';
  return {
    id: 'e-step',
    title: 'E-step',
    blocks: [
      prose(
        hard
          ? `The factors that contain ${ownText(posterior)}, of the leading order in \`${parts.limit!.constant}\`: the posterior puts all its weight on the value that has the largest.`
          : `The posterior of ${ownText(posterior)}: the factors that contain ${posterior.latents.length === 1 ? 'it' : 'any of them'}, divided by their sum over ${valuesText(posterior)}.${structureText(posterior)} It is computed in the log domain with the largest taken out; the logarithm of the normaliser, summed over rows, is the log-likelihood, so that one pass gives both.`,
      ),
      hard
        ? {
            kind: 'equations',
            entries: [
              {
                label: 'assignment',
                left: r,
                relation: '=',
                right: symbol(
                  `1 where ${valuesText(posterior)} is the largest of ${printText(logitExpr(posterior))}, else 0`,
                  'constant',
                  [],
                ),
                note: `ties go to the lowest ${valuesText(posterior)}`,
              },
            ],
          }
        : steps(
            ...stages(posterior, parts.model).map((stage): Step => ({
              rule: 'posterior',
              label: 'responsibility',
              before: stage.left,
              after: stage.right,
              relation: 'definition',
              because: 'Bayes’ rule',
              left: { expr: stage.left, sign: '=' },
            })),
          ),
    ],
  };
}

function qSection(parts: DocumentParts, statistics: readonly Statistic[]): Section {
  const { posterior } = parts;
  const blocks: Block[] = [];
  if (posterior !== undefined)
    blocks.push(
      prose(
        `Q is the expectation of the log joint over ${latentsText(posterior)}, the parameters in the posterior held where they are. The log joint is linear in ${indicatorText(parts)}, whose expectation is ${printText(responsibility(posterior))}.`,
      ),
      steps({
        rule: 'expect',
        label: 'Q',
        before: toExpr(parts.joint),
        after: toExpr(parts.q),
        relation: 'expectation',
        because: `the expectation of ${indicatorText(parts)} is ${printText(responsibility(posterior))}`,
        left: { expr: 'Q', sign: '=' },
      }),
    );
  if (statistics.length > 0)
    blocks.push(prose('All that the M-step needs of the rows are these sums, the sufficient statistics:'), {
      kind: 'definitions',
      entries: statistics
        .filter((s) => s.shown)
        .map((s) => ({
          name: s.name,
          left: symbol(
            s.name,
            'statistic',
            s.ranges.map((range) => running(range.index)),
            s.shape,
          ),
          right: s.definition,
          note: '',
        })),
    });
  return {
    id: 'q',
    title: posterior === undefined ? 'Sufficient statistics' : 'Q and its sufficient statistics',
    blocks,
  };
}

function updateSection(m: Maximised, parts: DocumentParts): Section {
  const { solution, target, parameter } = m;
  const q = toExpr(parts.q);
  const own = toExpr(m.terms);
  const list: Step[] = [
    {
      rule: 'terms of the parameter',
      label: 'terms of Q',
      before: q,
      after: own,
      relation: 'up to a constant',
      because: `the other terms do not contain \`${parameter.name}\`${parts.limit === undefined ? '' : ', or are of lower order'}`,
      parameter: parameter.name,
    },
  ];
  if (solution.collected !== undefined)
    list.push({
      rule: 'collect',
      label: 'that is',
      before: own,
      after: parts.name(sums(target.ranges, solution.collected)),
      relation: 'equal',
      because: 'sums over rows written by their names',
      parameter: parameter.name,
    });
  const before = list[list.length - 1].after;
  const { multiplier } = solution;
  if (multiplier !== undefined) {
    const lagrange = symbol('λ', 'constant', []);
    list.push({
      rule: 'add the multiplier',
      label: 'Lagrangian',
      before,
      after: add(
        before,
        sums(target.ranges, multiply(lagrange, subtract(multiplier.bound, multiplier.constraint))),
      ),
      relation: 'equal',
      because: `the added term is zero where ${printText(multiplier.constraint)} = ${printText(multiplier.bound)}`,
      parameter: parameter.name,
    });
  }
  list.push({
    rule: 'differentiate',
    label: `∂/∂${entryText(m)} = 0`,
    before: own,
    after: parts.name(solution.gradient),
    relation: 'derivative',
    because:
      multiplier === undefined
        ? `the derivative in \`${parameter.name}\``
        : `with λ = ${printText(parts.name(multiplier.lambda))}, ${multiplier.how}`,
    parameter: parameter.name,
    left: { expr: '0', sign: '=' },
  });
  if (solution.iteration !== undefined)
    list.push(
      {
        rule: 'differentiate again',
        label: `∂²/∂${entryText(m)}²`,
        before: parts.name(solution.gradient),
        after: parts.name(solution.iteration.hessian),
        relation: 'second derivative',
        because:
          'the second derivative; sums over rows that hold the parameter are computed anew in every step',
        parameter: parameter.name,
      },
      {
        rule: 'take a Newton step',
        label: 'update',
        before: parts.name(solution.gradient),
        after: parts.name(solution.value),
        relation: 'definition',
        because: reasonText(solution.secondOrder, parts.name),
        parameter: parameter.name,
        left: { expr: entryText(m), sign: '←' },
      },
    );
  else
    list.push({
      rule: 'solve',
      label: 'update',
      before: parts.name(solution.gradient),
      after: parts.name(solution.value),
      relation: 'root',
      because: reasonText(solution.secondOrder, parts.name),
      parameter: parameter.name,
      left: {
        expr: entryText(m),
        sign: '←',
      },
    });
  if (m.floors.length > 0)
    list.push({
      rule: 'apply the floor',
      label: 'with the floor',
      before: parts.name(solution.value),
      after: parts.name(m.value),
      relation: 'definition',
      because:
        'the terms rise up to the solution and fall after it, so under a floor the best value is the larger of the two',
      parameter: parameter.name,
      left: { expr: target.symbol, sign: '←' },
    });
  const held = target.held
    .map((h) => `\`${parameter.name}[${h.at.join(', ')}]\` is held at ${printText(h.value)}.`)
    .join(' ');
  const why =
    multiplier === undefined
      ? undefined
      : `\`${parameter.name}\` is ${multiplier.what}, ${printText(multiplier.constraint)} = ${printText(multiplier.bound)}: a Lagrange multiplier.`;
  return {
    id: 'm-step',
    title: `M-step · ${parameter.name}`,
    blocks: [
      ...[why, held === '' ? undefined : held].flatMap((text) => (text === undefined ? [] : [prose(text)])),
      steps(...list),
    ],
  };
}

/** Parameters that are moved together: what their Newton step needs beside their own derivatives. */
function jointSections(parts: DocumentParts): readonly Section[] {
  const joints = [...new Set(parts.updates.flatMap((u) => u.joint ?? []))];
  return joints.map((joint) => {
    const at = joint.ranges.map((r) => r.index).join(',');
    const entry = (name: string): string => (at === '' ? name : `${name}[${at}]`);
    const list = joint.parameters.flatMap((name, i) =>
      joint.parameters.slice(0, i).map((other, j): Step => ({
        rule: 'differentiate across',
        label: `∂²/∂${entry(name)}∂${entry(other)}`,
        before: joint.gradient[i],
        after: joint.hessian[i][j],
        relation: 'cross derivative',
        because: `how the derivative in \`${name}\` changes with \`${other}\``,
        parameter: name,
        other,
      })),
    );
    const names = joint.parameters.map((n) => `\`${n}\``).join(' and ');
    return {
      id: 'm-step',
      title: `M-step · ${joint.parameters.join(', ')} together`,
      blocks: [
        prose(
          `${names} stand in each other's equations, and one of them has no closed form. By turns they would climb a ridge in small steps, so one Newton step moves them together; it needs their mixed derivatives too:`,
        ),
        steps(...list),
      ],
    };
  });
}

function limitSection(parts: DocumentParts): Section {
  const limit = parts.limit!;
  const posterior = parts.posterior!;
  const dropped = limit.dropped.map((d) => `\`${d}\``).join(', ');
  return {
    id: 'limit',
    title: `The limit ${limit.constant} → 0+`,
    blocks: [
      prose(
        `The logits are (g + ${limit.constant} h) / ${limit.constant} with g of the leading order. As ${limit.constant} goes to zero their softmax tends to the indicator of the largest g${dropped === '' ? '' : `; ${dropped} is of the order of ${limit.constant} beside it and drops out of the E-step (it is still estimated)`}. The objective, times −2 ${limit.constant}, tends to the inertia:`,
      ),
      steps({
        rule: 'let the constant go to zero',
        label: 'inertia',
        before: multiply(
          number(-2),
          symbol(limit.constant, 'constant', [], [], 'positive'),
          softMarginal(parts),
        ),
        after: limit.objective,
        relation: 'limit',
        because: `${limit.constant} log Σ exp(g / ${limit.constant}) tends to the largest g; ${limit.constant} log ${limit.constant} tends to zero`,
        left: { expr: 'inertia', sign: '=' },
      }),
      prose(
        `Conditions: ties go to the lowest ${valuesText(posterior)}; a component that owns no row keeps its parameters.`,
      ),
    ],
  };
}

/** The marginal of the model before the limit, whose logits still hold the constant. */
function softMarginal(parts: DocumentParts): Expr {
  const posterior = parts.posterior!;
  const logits = parts.factors.filter((f) => f.role !== 'prior').map((f) => f.density);
  const { rows, latents } = posterior;
  return sum(
    rows,
    multiply(
      ...weightOf(parts.model, [rows]),
      latents.reduceRight((inner, h) => logsumexp(h.value, inner), add(...logits)),
    ),
  );
}

function algorithmSection(parts: DocumentParts): Section {
  const order = parts.maximised.map((m) => `\`${m.parameter.name}\``).join(', then ');
  const how =
    parts.posterior === undefined
      ? parts.conditional
        ? `Repeat until they settle: ${order}, each with the others held (ECM).`
        : `One step: ${order}.`
      : `Repeat until the objective stops changing: E-step; then ${order}.${parts.conditional ? ' Where solutions contain each other they are repeated until they settle, each a conditional maximisation (ECM): Q rises in every round.' : ' Each solution contains only what was computed before it, so together they are the maximum of Q.'}${generalised(parts)}`;
  return {
    id: 'algorithm',
    title: 'The algorithm',
    blocks: [
      prose(how),
      {
        kind: 'equations',
        entries: [
          ...parts.updates.map((u) => ({
            label: '',
            left: symbolText(u, parts),
            relation: '←' as const,
            right: u.value,
            note: '',
          })),
          {
            label: 'degrees of freedom',
            left: 'df',
            relation: '=' as const,
            right: parts.degreesOfFreedom,
            note: '',
          },
        ],
      },
    ],
  };
}

/** What is said of updates that only raise Q. */
function generalised(parts: DocumentParts): string {
  const names = parts.updates.flatMap((u) =>
    u.iteration === undefined && u.joint === undefined ? [] : [`\`${u.parameter}\``],
  );
  return names.length === 0
    ? ''
    : ` ${names.join(', ')} ${names.length === 1 ? 'has' : 'have'} no closed form: Newton steps that raise Q stand in its place${parts.posterior === undefined ? '.' : ', which makes this a generalised EM: the objective still never falls.'}`;
}

const symbolText = (update: DocumentParts['updates'][number], parts: DocumentParts): string =>
  entryText(parts.maximised.find((m) => m.parameter.name === update.parameter)!);

/** What is solved at a time: `pi[k]` for a simplex, whose entries are solved one by one, else the parameter itself. */
function entryText({ target, solution, parameter }: Maximised): string {
  const indices = [
    ...target.ranges.map((r) => r.index),
    ...(solution.multiplier?.index === undefined ? [] : [solution.multiplier.index]),
  ];
  return indices.length === 0 ? parameter.name : `${parameter.name}[${indices.join(',')}]`;
}
