/** Why EM. */
import { add } from '../algebra/build.js';
import { toExpr } from '../algebra/normal.js';
import { latexName } from '../algebra/notation-latex.js';
import { printLatex, printText } from '../algebra/print.js';
import type { Expr } from '../algebra/types.js';
import {
  indicatorWords,
  latentsWords,
  multiplierSymbol,
  observedName,
  prose,
  quantity,
  softMarginal,
  steps,
  valuesWords,
} from './document-parts.js';
import type { DocumentParts } from './document-parts.js';
import { shortLogit } from './document-posterior.js';
import { entry } from './document-update.js';
import type { Maximised } from './maximise.js';
import { entropyTerm, marginal, responsibility } from './posterior.js';
import type { Block, Notation, Posterior, Section, Words } from './types.js';
import { listed, named, notation, words } from './words.js';

export function whySection(parts: DocumentParts): Section {
  const { posterior, model } = parts;
  if (posterior === undefined) return nothingHidden(parts);
  if (parts.limit !== undefined) return whyLimitSection(parts);
  const r = responsibility(posterior);
  const index = valuesWords(posterior);
  const short = shortLogit(posterior, parts);
  const left = observedName(parts);
  const simplex = parts.maximised.find((m) => m.solution.multiplier !== undefined);
  const solved = parts.maximised.filter(
    (m) => m.solution.iteration === undefined && m.minorant === undefined,
  );
  const others = parts.maximised.filter((m) => m.solution.iteration !== undefined);
  const below = parts.maximised.filter((m) => m.minorant !== undefined);
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
      ...(solved.length === 0 ? [] : solvedBlocks(solved, parts, r)),
      ...(others.length === 0
        ? []
        : [
            prose(
              words`The equation of ${listed(
                others.map((m) => named(m.parameter.name)),
                ', ',
                ' and ',
              )} has no closed form even with the weights known; its M-step takes Newton steps towards the solution.`,
            ),
          ]),
      ...(below.length === 0
        ? []
        : [
            prose(
              words`The equation of ${listed(
                below.map((m) => named(m.parameter.name)),
                ', ',
                ' and ',
              )} has no closed form even with the weights known; its M-step maximises what lies below Q and touches it, which raises Q.`,
            ),
          ]),
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

/** The solutions, all together, as equations that contain r. */
const solvedBlocks = (solved: readonly Maximised[], parts: DocumentParts, r: Expr): readonly Block[] => [
  prose(
    words`Solved so, the equations are these; the sums over rows in them, each weighted with ${r}, are defined in the section on Q, and each solution is derived in its M-step:`,
  ),
  {
    kind: 'equations',
    entries: solved.map((m) => ({
      label: '',
      left: entry(m),
      relation: '=' as const,
      right: parts.name(m.solution.value),
      note: [],
    })),
  },
];

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
