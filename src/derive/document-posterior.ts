/** The E-step and Q. */
import { apply, divide, exp, multiply, running, sum, sums, symbol } from '../algebra/build.js';
import { toExpr } from '../algebra/normal.js';
import { latexName } from '../algebra/notation-latex.js';
import { printLatex, printText } from '../algebra/print.js';
import { reindex } from '../algebra/traverse.js';
import type { Expr, Range } from '../algebra/types.js';
import { indicatorWords, latentsWords, ownWords, prose, steps, valuesWords } from './document-parts.js';
import type { DocumentParts } from './document-parts.js';
import { freshName, namesOf, weightOf } from './joint.js';
import { latentsOfGroups, latentsOfRows, logitExpr, responsibility, stages } from './posterior.js';
import type { Block, Posterior, Section, Statistic, Step, Words } from './types.js';
import { listed, named, notation, words } from './words.js';

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
export function shortLogit(p: Posterior, parts: DocumentParts): ShortLogit | undefined {
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
