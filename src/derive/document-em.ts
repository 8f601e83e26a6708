/** Why EM, the E-step and Q. */
import { add, apply, divide, exp, multiply, running, sum, sums, symbol } from '../algebra/build.js';
import { toExpr } from '../algebra/normal.js';
import { latexName } from '../algebra/notation-latex.js';
import { printLatex, printText } from '../algebra/print.js';
import { reindex } from '../algebra/traverse.js';
import type { Expr, Range } from '../algebra/types.js';
import {
  indicatorWords,
  latentsWords,
  multiplierSymbol,
  observedName,
  ownWords,
  prose,
  quantity,
  softMarginal,
  steps,
  valuesWords,
} from './document-parts.js';
import type { DocumentParts } from './document-parts.js';
import { entry } from './document-update.js';
import { freshName, namesOf, weightOf } from './joint.js';
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
import type { Block, Notation, Posterior, Section, Statistic, Step, Words } from './types.js';
import { listed, named, notation, words } from './words.js';

// ------------------------------------------------------------------------------------------------ why EM

export function whySection(parts: DocumentParts): Section {
  const { posterior, model } = parts;
  if (posterior === undefined) return nothingHidden(parts);
  if (parts.limit !== undefined) return whyLimitSection(parts);
  const r = responsibility(posterior);
  const index = valuesWords(posterior);
  const short = shortLogit(posterior, parts);
  const left = observedName(parts);
  const simplex = parts.maximised.find((m) => m.solution.multiplier !== undefined);
  return {
    id: 'why-em',
    title: ['Why EM'],
    blocks: [
      prose(
        words`What is observed has the marginal log-likelihood, in which the sum over the values of ${latentsWords(posterior)} stands inside the logarithm:`,
      ),
      steps({
        rule: 'sum over the latent',
        label: 'marginal',
        before: quantity(left.text),
        after: marginal(posterior, model),
        ...(short === undefined ? {} : { shown: { ...short, expr: short.marginal } }),
        relation: 'definition',
        because: words`the values of ${latentsWords(posterior)} exclude each other, so their densities add`,
        left: { expr: left, sign: '=' },
      }),
      prose(shareWords(parts, posterior, r)),
      ...(simplex === undefined ? [] : [prose(lagrangePrinciple(simplex, parts))]),
      prose(
        words`Solved so, the equations are these; the sums over rows in them, each weighted with ${r}, are defined in the section on Q, and each solution is derived in its M-step:`,
      ),
      {
        kind: 'equations',
        entries: parts.maximised.map((m) => ({
          label: '',
          left: entry(m),
          relation: '=' as const,
          right: parts.name(m.solution.value),
          note: [],
        })),
      },
      prose(
        words`EM solves them by turns: hold the parameters, compute ${r} (E-step); hold ${r}, solve for the parameters (M-step). That this climbs is seen from a lower bound. It holds for any weights ${r} that sum to one over ${index}, and it touches where they are the posterior:`,
      ),
      steps({
        rule: 'bound',
        label: 'lower bound',
        before: marginal(posterior, model),
        after: add(toExpr(dataTerms(parts)), entropyTerm(posterior, model)),
        relation: 'at most',
        because: [
          'the logarithm is concave (Jensen’s inequality): the logarithm of a weighted mean is at least the weighted mean of the logarithms',
        ],
        left: { expr: left, sign: '≥' },
      }),
      prose(
        words`The E-step makes the bound touch the likelihood. The M-step raises the bound: its last sum does not contain the parameters, and the rest is what Q is made of. The likelihood, which lies above the bound, rises at least as much, so no round of EM lowers it.`,
      ),
      prose([
        'The alternative is gradient ascent on the marginal log-likelihood: the same derivatives, a step of some learning rate along them, again and again. It needs the rate to be chosen and the constraints (weights that sum to one, covariances that stay positive definite) to be parametrised away; the EM step needs neither and never lowers the objective.',
      ]),
    ],
  };
}

const nothingHidden = (parts: DocumentParts): Section => ({
  id: 'why-em',
  title: ['Why no iteration is needed'],
  blocks: [
    prose([
      parts.conditional
        ? 'Nothing is hidden, so the log joint is maximised as it stands. The solutions below contain each other and are cycled, each a conditional maximisation.'
        : 'EM is for models with hidden values. Nothing is hidden here, so the log joint is maximised as it stands: setting its derivatives to zero gives the estimates below in closed form, in a single step. They are what an M-step would be whose Q is the log joint itself.',
    ]),
  ],
});

/** In a limit the argument is that of the mixture it is the limit of; only its start is shown. */
function whyLimitSection(parts: DocumentParts): Section {
  const constant = named(parts.limit!.constant);
  const simplex = parts.maximised.find((m) => m.solution.multiplier !== undefined);
  return {
    id: 'why-em',
    title: ['Why EM'],
    blocks: [
      prose(
        words`For every ${notation(`${constant.text} > 0`, `${constant.latex} > 0`)} this is a model whose marginal log-likelihood has a sum inside the logarithm:`,
      ),
      {
        kind: 'equations',
        entries: [
          {
            label: 'marginal',
            left: observedName(parts),
            relation: '=',
            right: softMarginal(parts),
            note: words`the values of ${latentsWords(parts.posterior!)} exclude each other, so their densities add`,
          },
        ],
      },
      prose(
        words`Setting its derivative in a parameter to zero gives no closed form: the equations contain the posterior of ${latentsWords(parts.posterior!)}, which contains the parameters. They are solved by turns: the posterior at the parameters held (E-step), the parameters at the posterior held (M-step). No turn lowers the likelihood. Both steps have a limit as ${constant} goes to zero, and the limit of the algorithm is derived here.`,
      ),
      ...(simplex === undefined ? [] : [prose(lagrangePrinciple(simplex, parts))]),
    ],
  };
}

function shareWords(parts: DocumentParts, posterior: Posterior, r: Expr): Words {
  const index = posterior.latents.map((h) => h.value.index).join(',');
  const tex = posterior.latents.map((h) => latexName(h.value.index)).join(',');
  const a: Notation = notation(`a_${index}`, `a_{${tex}}`);
  const logSum = notation(`log Σ_${index} exp(a_${index})`, `\\log \\sum_{${tex}} \\exp(a_{${tex}})`);
  const share = notation(`Σ_${index} ${printText(r)}`, `\\sum_{${tex}} ${printLatex(r)}`);
  return words`Setting its derivative in a parameter to zero does not give a closed form, since the logarithm does not reach the densities behind the sum. The derivative of ${logSum} is ${share} times the derivative of ${a}, where ${r} is the share of ${valuesWords(posterior)} in the sum: the posterior probability of ${indicatorWords(parts)}. So the equations read as if ${r} were known weights, and with known weights they can be solved for each parameter; but ${r} itself contains the parameters. The solution is a fixed point.`;
}

/** The general principle, once; each M-step that needs it works its own multiplier out. */
function lagrangePrinciple(m: Maximised, parts: DocumentParts): Words {
  const { constraint, bound } = m.solution.multiplier!;
  const multiplier = multiplierSymbol(parts.model);
  const { name } = multiplier;
  const tex = printLatex(multiplier);
  return words`Where a parameter is bound by an equation ${notation('g(θ) = c', 'g(\\theta) = c')}, its derivative need not vanish at a maximum of ${notation('f')}: only moves along the surface ${notation('g(θ) = c', 'g(\\theta) = c')} are allowed, and along it ${notation('f')} must not change to first order. So the gradients are parallel, ${notation(`∇f = ${name} ∇g`, `\\nabla f = ${tex}\\,\\nabla g`)}, which is to say that the derivative of the Lagrangian ${notation(`f + ${name} (c − g)`, `f + ${tex}\\,(c - g)`)} vanishes. The number ${multiplier} is the Lagrange multiplier; it is found from the equation itself. Here ${named(m.parameter.name)} is bound by ${equation(constraint, bound)}.`;
}

const equation = (left: Expr, right: Expr): Notation =>
  notation(`${printText(left)} = ${printText(right)}`, `${printLatex(left)} = ${printLatex(right)}`);

/** The terms of Q that are not priors. */
const dataTerms = (parts: DocumentParts) =>
  parts.q.filter((t) => !parts.factors.some((f) => f.line === t.line && f.role === 'prior'));

// ------------------------------------------------------------------------------------------------ a name for the logit

interface ShortLogit {
  /** a[i,k] */
  readonly name: Expr;
  readonly meaning: Expr;
  /** Σ_i log Σ_k exp(a[i,k]) */
  readonly marginal: Expr;
  /** exp(a[i,k]) / Σ_j exp(a[i,j]) */
  readonly share: Expr;
}

/** The logarithm of a row's density with its latents' values gets a name, so that a softmax fits on a line. */
function shortLogit(p: Posterior, parts: DocumentParts): ShortLogit | undefined {
  if (p.grouping !== undefined || p.assignment === 'hard') return undefined;
  const taken = new Set([...namesOf(parts.model), p.name, 'n', 's', 'S']);
  const name = symbol(freshName(['a', 'logit'], taken), 'constant', [
    running(p.rows.index),
    ...p.latents.map((h) => running(h.value.index)),
  ]);
  const ranges = p.latents.map((h) => h.value);
  const other: Range[] = [];
  for (const range of ranges) {
    const used = new Set([...taken, ...other.map((o) => o.index)]);
    other.push({ ...range, index: freshName(['j', 'l', 'h', 'm'], used) });
  }
  const elsewhere = ranges.reduce<Expr>(
    (e, range, n) => reindex(e, range.index, running(other[n].index)),
    name,
  );
  return {
    name,
    meaning: logitExpr(p),
    marginal: sum(
      p.rows,
      multiply(...weightOf(parts.model, [p.rows]), apply('log', sums(ranges, exp(name)))),
    ),
    share: divide(exp(name), sums(other, exp(elsewhere))),
  };
}

// ------------------------------------------------------------------------------------------------ E-step

/** Which latents share a posterior, and why. */
function structureWords(p: Posterior): Words {
  const ofGroups = latentsOfGroups(p);
  const ofRows = listed(
    latentsOfRows(p).map((h) => named(h.latent)),
    ' and ',
  );
  const parts: Words[] = [];
  if (latentsOfRows(p).length > 1)
    parts.push(
      words` ${ofRows} of a row share factors, so their posterior is one over all combinations of their values.`,
    );
  if (p.grouping !== undefined) {
    const { range, symbol: name } = p.grouping;
    const group = notation(
      `${name}[${p.rows.index}] = ${range.index}`,
      `${latexName(name)}_{${latexName(p.rows.index)}} = ${latexName(range.index)}`,
    );
    const shared = listed(
      ofGroups.map((h) => symbol(h.latent, 'data', [running(range.index)])),
      ' and ',
    );
    parts.push(
      words` The rows with ${group} share ${shared}: given its value they are independent, so their densities multiply and the logarithms add.`,
    );
    if (latentsOfRows(p).length > 0)
      parts.push(
        words` A row’s own ${ofRows} is summed out of its density first; its posterior is that given the group’s, times the group’s.`,
      );
  }
  return parts.flat();
}

export function expectationSection(parts: DocumentParts): Section {
  const posterior = parts.posterior!;
  return {
    id: 'e-step',
    title: ['E-step'],
    blocks: posterior.assignment === 'hard' ? hardBlocks(parts, posterior) : softBlocks(parts, posterior),
  };
}

function softBlocks(parts: DocumentParts, posterior: Posterior): readonly Block[] {
  const short = shortLogit(posterior, parts);
  return [
    prose(
      words`The posterior of ${ownWords(posterior)}: the factors that contain ${posterior.latents.length === 1 ? 'it' : 'any of them'}, divided by their sum over ${valuesWords(posterior)}.${structureWords(posterior)}`,
    ),
    steps(
      ...stages(posterior, parts.model).map((stage): Step => ({
        rule: 'posterior',
        label: 'responsibility',
        before: stage.left,
        after: stage.right,
        ...(short === undefined ? {} : { shown: { ...short, expr: short.share } }),
        relation: 'definition',
        because: ['Bayes’ rule'],
        left: { expr: stage.left, sign: '=' },
      })),
    ),
    prose([
      'It is computed from the logarithms with the largest taken out, so that no exponential overflows; the logarithm of the divisor, summed over rows, is the log-likelihood, so that one pass gives both.',
    ]),
  ];
}

function hardBlocks(parts: DocumentParts, posterior: Posterior): readonly Block[] {
  const value = valuesWords(posterior);
  const logit = logitExpr(posterior);
  const [text, tex] = [
    posterior.latents.map((h) => h.value.index).join(', '),
    posterior.latents.map((h) => latexName(h.value.index)).join(', '),
  ];
  return [
    prose(
      words`Of the factors that contain ${ownWords(posterior)} those of the leading order in ${named(parts.limit!.constant)} decide: the posterior puts all its weight on the ${value} for which they are largest (the section on the limit shows why).`,
    ),
    {
      kind: 'equations',
      entries: [
        {
          label: 'assignment',
          left: responsibility(posterior),
          relation: '=',
          right: notation(
            `1 where ${text} is the largest of ${printText(logit)}, else 0`,
            `\\begin{cases}1 & \\text{where } ${tex} \\text{ has the largest } ${printLatex(logit)} \\\\ 0 & \\text{else}\\end{cases}`,
          ),
          note: words`ties go to the lowest ${value}`,
        },
      ],
    },
  ];
}

// ------------------------------------------------------------------------------------------------ Q

export function qSection(parts: DocumentParts, statistics: readonly Statistic[]): Section {
  const { posterior } = parts;
  const blocks: Block[] = [];
  if (posterior !== undefined) {
    const r = responsibility(posterior);
    blocks.push(
      prose(
        words`Q is the expectation of the log joint over ${latentsWords(posterior)}, the parameters in the posterior held where they are. The log joint is linear in ${indicatorWords(parts)}, and the expectation of what is 1 or 0 is the probability of 1.`,
      ),
      steps({
        rule: 'expect',
        label: 'Q',
        before: toExpr(parts.joint),
        after: toExpr(parts.q),
        relation: 'expectation',
        because: words`the expectation of ${indicatorWords(parts)} is ${r}`,
        left: { expr: notation('Q'), sign: '=' },
      }),
    );
  }
  if (statistics.length > 0)
    blocks.push(prose(['All that the M-step needs of the rows are these sums, the sufficient statistics:']), {
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
        })),
    });
  return {
    id: 'q',
    title: [posterior === undefined ? 'Sufficient statistics' : 'Q and its sufficient statistics'],
    blocks,
  };
}
