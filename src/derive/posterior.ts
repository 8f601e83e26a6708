/**
 * Station 3: the posterior of the latents. Factors that contain z[i], divided by their sum over k. Latents that share a
 * factor have one posterior over their combinations; a latent of a group has the product over the group's rows.
 */
import {
  add,
  datum,
  divide,
  exp,
  indicator,
  largest,
  logsumexp,
  multiply,
  number,
  running,
  subtract,
  sum,
  sums,
  symbol,
} from '../algebra/build.js';
import { apart, normalForm, toExpr } from '../algebra/normal.js';
import { replace } from '../algebra/traverse.js';
import type { Expr, Index, NormalForm, Range, Term } from '../algebra/types.js';
import type { Latent, Model } from '../model/types.js';
import { freshName, namesOf, observedSelectors, weightOf } from './joint.js';
import { leadingTerms } from './limit.js';
import { latentRange, plateRange } from './translate.js';
import type { DeriveProblem, Grouping, Hidden, JointFactor, Logits, Posterior } from './types.js';

interface Result {
  readonly value: Posterior | undefined;
  readonly problems: readonly DeriveProblem[];
}

/** Finds the posterior of all latents; those that hang together in a way that is not enumerated are refused by name. */
export function posteriorOf(model: Model, factors: readonly JointFactor[]): Result {
  const refuse = (...problems: readonly DeriveProblem[]): Result => ({ value: undefined, problems });
  if (model.latents.length === 0) return { value: undefined, problems: [] };
  const rowsPlate = model.plates.find((p) => p.range.kind === 'rows');
  const odd = model.latents.find((l) => !isPerRowOrGroup(l, model));
  if (rowsPlate === undefined || odd !== undefined) {
    const latent = odd ?? model.latents[0];
    const what = `the latent \`${latent.name}\`, which is not one of several values per row or per group of rows,`;
    return refuse({ kind: 'not-derivable-yet', what, span: latent.span });
  }
  const rows = plateRange(rowsPlate.name, model);
  const grouped = model.latents.filter((l) => l.plates[0] !== rowsPlate.name);
  const other = grouped.find((l) => l.plates[0] !== grouped[0].plates[0]);
  if (other !== undefined)
    return refuse({
      kind: 'several-latents',
      latents: [grouped[0].name, other.name],
      span: other.span,
    });
  const grouping = grouped.length === 0 ? undefined : groupingOf(grouped[0], model, factors);
  if (grouped.length > 0 && grouping === undefined) {
    const what = `the latent \`${grouped[0].name}\`, whose group no line of the data names as \`${grouped[0].name}[id[i]]\`,`;
    return refuse({ kind: 'not-derivable-yet', what, span: grouped[0].span });
  }
  const hidden = (l: Latent): Hidden => ({
    latent: l.name,
    at: plateRange(l.plates[0], model),
    value: latentRange(l.name, model),
  });
  const latents = [...grouped, ...model.latents.filter((l) => !grouped.includes(l))].map(hidden);
  const problems: DeriveProblem[] = [];
  const logits: Logits[] = [];
  for (const factor of factors) {
    if (factor.role === 'prior') continue;
    const per =
      factor.ranges.length !== 1
        ? undefined
        : factor.ranges[0].index === rows.index
          ? 'row'
          : factor.ranges[0].index === grouping?.range.index
            ? 'group'
            : undefined;
    const readsOtherGroup = factor.selectors.some(
      (s) =>
        s.role === 'latent' &&
        !isItsOwn(
          s.at,
          grouped.some((l) => l.name === s.symbol),
          per,
          rows,
          grouping,
        ),
    );
    if (per === undefined || readsOtherGroup) {
      const span = model.factors.find((f) => f.line === factor.line)!.span;
      const what = readsOtherGroup
        ? `\`${factor.symbol}\`, which looks at the latent of another row or group,`
        : `\`${factor.symbol}\`, which is not one value per row${grouping === undefined ? '' : ' or per group'},`;
      problems.push({ kind: 'not-derivable-yet', what, span });
      continue;
    }
    logits.push({ line: factor.line, per, terms: normalForm(observedSelectors(factor), factor.line) });
  }
  if (problems.length > 0) return { value: undefined, problems };
  const names = namesOf(model);
  const name = freshName(['r', 'resp', 'responsibility'], names);
  const isNested = grouping !== undefined && latents.length > grouped.length;
  const groupName = isNested ? freshName(['q', 'rg', 'resp_group'], new Set([...names, name])) : name;
  const soft: Posterior = { latents, rows, grouping, name, groupName, logits, assignment: 'soft' };
  return model.limit === undefined ? { value: soft, problems } : hardPosterior(soft, model);
}

function isPerRowOrGroup(latent: Latent, model: Model): boolean {
  const plate = model.plates.find((p) => p.name === latent.plates[0]);
  const isDiscrete = latent.type.plate !== undefined || latent.type.domain === 'boolean';
  return (
    latent.plates.length === 1 &&
    isDiscrete &&
    ((plate?.range.kind === 'rows' && plate.range.orderedBy === undefined) ||
      plate?.range.kind === 'distinct')
  );
}

/** The data symbol by which rows look at their group's latent. */
function groupingOf(latent: Latent, model: Model, factors: readonly JointFactor[]): Grouping | undefined {
  for (const factor of factors)
    for (const s of factor.selectors) {
      const at = s.at[0];
      if (s.role === 'latent' && s.symbol === latent.name && at.kind === 'data')
        return {
          range: plateRange(latent.plates[0], model),
          symbol: model.data.find((d) => d.name === at.name)!.name,
        };
    }
  return undefined;
}

/** A row's latent is read at the row, a group's at the row's group or, in a line of the groups, at the group. */
function isItsOwn(
  at: readonly Index[],
  isOfGroup: boolean,
  per: 'row' | 'group' | undefined,
  rows: Range,
  grouping: Grouping | undefined,
): boolean {
  const [index] = at;
  if (!isOfGroup) return per === 'row' && index.kind === 'running' && index.index === rows.index;
  if (per === 'group') return index.kind === 'running' && index.index === grouping?.range.index;
  return index.kind === 'data' && index.name === grouping?.symbol;
}

/** The E-step in the limit: only the leading order of the logits stays, and the softmax becomes an argmax. */
function hardPosterior(soft: Posterior, model: Model): Result {
  const { constant, span } = model.limit!;
  const refuse = (reason: string): Result => ({
    value: undefined,
    problems: [{ kind: 'limit-not-derivable', constant, reason, span }],
  });
  if (soft.grouping !== undefined || soft.latents.length > 1)
    return refuse('the limit is derived for one latent per row');
  const ordered = leadingTerms(
    soft.logits.flatMap((l) => l.terms),
    constant,
  );
  if (ordered === undefined)
    return refuse('it stands in the log joint in another way than as a power or in a logarithm');
  if (ordered.order >= 0) return refuse('no term of the log joint grows as it goes to zero');
  const logits = soft.logits
    .map((l) => ({ ...l, terms: ordered.leading.filter((t) => t.line === l.line) }))
    .filter((l) => l.terms.length > 0);
  return { value: { ...soft, logits, assignment: 'hard' }, problems: [] };
}

// ------------------------------------------------------------------------------------------------ its parts

export const latentsOfGroups = (p: Posterior): readonly Hidden[] =>
  p.latents.filter((h) => h.at.index !== p.rows.index);
export const latentsOfRows = (p: Posterior): readonly Hidden[] =>
  p.latents.filter((h) => h.at.index === p.rows.index);

/** The only latent of a posterior that has one. */
export const values = (p: Posterior): readonly Range[] => p.latents.map((h) => h.value);

/** The logits of a row, or of a group, whatever their line. */
export const logitExpr = (p: Posterior, per: 'row' | 'group' = 'row'): Expr =>
  add(...p.logits.filter((l) => l.per === per).map((l) => toExpr(l.terms)));

const logSums = (ranges: readonly Range[], body: Expr): Expr =>
  ranges.reduceRight((inner, range) => logsumexp(range, inner), body);

/** log of a row's density given the latents of its group: its own latents summed out. */
const rowEvidence = (p: Posterior): Expr =>
  logSums(
    latentsOfRows(p).map((h) => h.value),
    logitExpr(p),
  );

/** log of a group's joint density: its own line, and the sum over its rows. */
export function groupLogit(p: Posterior, model: Model): Expr {
  const { range, symbol: name } = p.grouping!;
  const member = indicator('data', name, [running(p.rows.index)], running(range.index));
  return add(
    logitExpr(p, 'group'),
    sum(p.rows, multiply(member, ...weightOf(model, [p.rows]), rowEvidence(p))),
  );
}

/** The marginal log-likelihood: Σ_i w[i] log Σ_k exp(logit), or Σ_g log Σ_k exp(logit of the group). */
export function marginal(p: Posterior, model: Model): Expr {
  if (p.grouping === undefined) return sum(p.rows, multiply(...weightOf(model, [p.rows]), rowEvidence(p)));
  return sum(
    p.grouping.range,
    logSums(
      latentsOfGroups(p).map((h) => h.value),
      groupLogit(p, model),
    ),
  );
}

/** Σ_i w[i] max_k logit: what is left of the marginal in a limit. */
export const largestLogit = (p: Posterior, model: Model): Expr =>
  sum(
    p.rows,
    multiply(
      ...weightOf(model, [p.rows]),
      p.latents.reduceRight((inner, h) => largest(h.value, inner), logitExpr(p)),
    ),
  );

/** exp(logit − log Σ_k exp(logit)), the softmax, of each stage: of the groups, of the rows given their group. */
export interface PosteriorStage {
  readonly latents: readonly Hidden[];
  readonly left: Expr;
  readonly right: Expr;
  readonly logit: Expr;
}

export function stages(p: Posterior, model: Model): readonly PosteriorStage[] {
  const softmax = (latents: readonly Hidden[], logit: Expr, left: Expr): PosteriorStage => ({
    latents,
    left,
    logit,
    right: exp(
      subtract(
        logit,
        logSums(
          latents.map((h) => h.value),
          logit,
        ),
      ),
    ),
  });
  const ofGroups = latentsOfGroups(p);
  const ofRows = latentsOfRows(p);
  const groups =
    p.grouping === undefined
      ? []
      : [
          softmax(
            ofGroups,
            groupLogit(p, model),
            responsibilityOf(p, ofGroups, running(p.grouping.range.index)),
          ),
        ];
  if (ofRows.length === 0) return groups;
  const rows = softmax(ofRows, logitExpr(p), responsibility(p));
  if (p.grouping === undefined) return [rows];
  // r[i,k,l] = r[g,k] × the row's own softmax
  const given = responsibilityOf(p, ofGroups, datum(p.grouping.symbol, p.rows.index));
  return [...groups, { ...rows, right: multiply(given, rows.right) }];
}

/** Responsibilities of some latents at a row or a group: r[i,k], r[g,k], r[id[i],k]. */
export const responsibilityOf = (p: Posterior, latents: readonly Hidden[], at: Index): Expr =>
  symbol(latents.length < p.latents.length ? p.groupName : p.name, 'responsibility', [
    at,
    ...latents.map((h) => running(h.value.index)),
  ]);

/** The responsibilities that a row's terms are weighted with: of all latents, at the row where it has its own. */
export function responsibility(p: Posterior): Expr {
  const at: Index =
    latentsOfRows(p).length > 0 || p.grouping === undefined
      ? running(p.rows.index)
      : datum(p.grouping.symbol, p.rows.index);
  return responsibilityOf(p, p.latents, at);
}

/** The softmax over all latents of a row, as one expression. */
export const responsibilityExpr = (p: Posterior, model: Model): Expr => stages(p, model).at(-1)!.right;

// ------------------------------------------------------------------------------------------------ Q

/**
 * Q: the log joint with the indicators of latents replaced by their expectation, r. A term that looks at some of the
 * latents only is summed over the others: Σ_l r[i,k,l].
 */
export function expectation(joint: NormalForm, p: Posterior | undefined): NormalForm {
  return p === undefined ? joint : joint.map((t) => expectedTerm(t, p));
}

function expectedTerm(t: Term, p: Posterior): Term {
  const hidden = t.factors.flatMap((f) => (f.kind === 'indicator' && f.role === 'latent' ? [f] : []));
  if (hidden.length === 0) return t;
  const isOfGroup = hidden.every((f) =>
    f.at.every((i) => i.kind === 'running' && i.index === p.grouping?.range.index),
  );
  const asked = isOfGroup ? latentsOfGroups(p) : p.latents;
  const isRow = latentsOfRows(p).length > 0 || p.grouping === undefined;
  const at: Index = isOfGroup
    ? running(p.grouping!.range.index)
    : isRow
      ? running(p.rows.index)
      : datum(p.grouping.symbol, p.rows.index);
  const valueOf = (h: Hidden): Index | undefined => hidden.find((f) => f.symbol === h.latent)?.value;
  const r = symbol(isOfGroup ? p.groupName : p.name, 'responsibility', [
    at,
    ...asked.map((h) => valueOf(h) ?? running(h.value.index)),
  ]);
  const others = asked.filter((h) => valueOf(h) === undefined).map((h) => h.value);
  // a latent's value may be called as a coordinate is
  const own = apart(t, { sums: others, factors: [] });
  return {
    ...own,
    sums: [...own.sums, ...others],
    factors: [r, ...own.factors.filter((f) => f.kind !== 'indicator' || f.role !== 'latent')],
  };
}

/** −Σ r log r: what Q lacks of the lower bound. */
export function entropyTerm(p: Posterior, model: Model): Expr {
  const entropy = (latents: readonly Hidden[], at: Range, r: Expr, of: Expr): Expr =>
    multiply(
      number(-1),
      sums(
        [at, ...latents.map((h) => h.value)],
        multiply(...weightOf(model, [at]), r, { kind: 'function', name: 'log', argument: of }),
      ),
    );
  const ofGroups = latentsOfGroups(p);
  const whole = responsibility(p);
  const groups =
    p.grouping === undefined
      ? []
      : [p.grouping.range].map((range) => {
          const r = responsibilityOf(p, ofGroups, running(range.index));
          return entropy(ofGroups, range, r, r);
        });
  if (latentsOfRows(p).length === 0) return add(...groups);
  if (p.grouping === undefined) return entropy(p.latents, p.rows, whole, whole);
  const given = divide(whole, responsibilityOf(p, ofGroups, datum(p.grouping.symbol, p.rows.index)));
  return add(...groups, entropy(p.latents, p.rows, whole, given));
}

/** Every indicator of a latent in an expression, replaced. */
export const replaceIndicators = (e: Expr, by: (e: Extract<Expr, { kind: 'indicator' }>) => Expr): Expr =>
  replace(e, (part) => (part.kind === 'indicator' && part.role === 'latent' ? by(part) : undefined));
