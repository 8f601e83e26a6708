/**
 * The order of the M-step. Each update comes after those that its solution contains, so that together they are the joint
 * maximum. Parameters that an equation binds, and the coefficients of one mean, are one unit, solved together. Units whose
 * solutions contain each other form a cycle: they are repeated until they settle, each a conditional maximisation (ECM).
 */
import { printText } from '../algebra/print.js';
import type { SymbolName } from '../model/types.js';
import type { CollectContext } from './collect.js';
import { jointIteration, usesOf } from './joint-iteration.js';
import type { Maximised } from './maximise.js';
import { linear } from './solve/linear.js';
import type { DeriveProblem, JointIteration, LinearConstraint } from './types.js';

export interface Arranged {
  readonly order: readonly Maximised[];
  /** of each update in `order`; undefined for one whose unit stands alone */
  readonly cycles: readonly (number | undefined)[];
  /** of each update in `order`, with sums not yet named; undefined for one that is solved by itself */
  readonly joints: readonly (JointIteration | undefined)[];
  readonly problems: readonly DeriveProblem[];
}

interface Unit {
  readonly members: readonly Maximised[];
  readonly joint: JointIteration | undefined;
  readonly uses: readonly SymbolName[];
}

export function arrange(
  solved: readonly Maximised[],
  constraints: readonly LinearConstraint[],
  context: CollectContext,
): Arranged {
  const problems: DeriveProblem[] = [];
  const bound = boundTogether(solved, constraints).flatMap(({ members, own }): readonly Unit[] => {
    if (own.length === 0) return members.map((m) => ({ members: [m], joint: undefined, uses: m.uses }));
    const joint = jointIteration(members, own, context);
    if (joint !== undefined) return [{ members, joint, uses: usesOf(joint) }];
    for (const c of own)
      problems.push({
        kind: 'constraint-not-solved',
        text: `${printText(c.value)} = 0`,
        reason: 'an equation is solved between numbers and vectors that Q can be differentiated twice in',
        span: c.span,
      });
    return [];
  });
  const order: Maximised[] = [];
  const cycles: (number | undefined)[] = [];
  const joints: (JointIteration | undefined)[] = [];
  let waiting = bound;
  for (let cycle = 0; waiting.length > 0; cycle++) {
    const group = waiting.map((u) => reachable(u, waiting)).reduce((a, b) => (b.size < a.size ? b : a));
    const units = together(
      waiting.filter((u) => group.has(u)),
      context,
    );
    for (const unit of units) {
      order.push(...unit.members);
      cycles.push(...unit.members.map(() => (units.length > 1 ? cycle : undefined)));
      joints.push(...unit.members.map(() => unit.joint));
    }
    waiting = waiting.filter((u) => !group.has(u));
  }
  return { order, cycles, joints, problems };
}

/** Parameters that equations link, with those equations. */
function boundTogether(
  solved: readonly Maximised[],
  constraints: readonly LinearConstraint[],
): readonly { readonly members: readonly Maximised[]; readonly own: readonly LinearConstraint[] }[] {
  let groups = solved.map((m) => ({ members: [m], own: [] as LinearConstraint[] }));
  for (const c of constraints) {
    const touched = groups.filter((g) => g.members.some((m) => c.parameters.includes(m.parameter.name)));
    const merged = {
      members: touched.flatMap((g) => g.members),
      own: [...touched.flatMap((g) => g.own), c],
    };
    groups = groups.flatMap((g) => (g === touched[0] ? [merged] : touched.includes(g) ? [] : [g]));
  }
  return groups;
}

/**
 * Units that contain each other, brought together where that helps: all of them where one has no closed form, else the
 * coefficients of means among them.
 */
function together(units: readonly Unit[], context: CollectContext): readonly Unit[] {
  if (units.length === 1) return units;
  const isOpen = units.some((u) => u.members.some((m) => m.solution.iteration !== undefined));
  const isMean = (u: Unit): boolean => u.members.every((m) => m.form === linear);
  const joined = isOpen ? units : units.filter(isMean);
  if (joined.length < 2) return units;
  const members = joined.flatMap((u) => u.members);
  const joint = jointIteration(
    members,
    joined.flatMap((u) => u.joint?.constraints ?? []),
    context,
  );
  if (joint === undefined) return units;
  const unit: Unit = { members, joint, uses: usesOf(joint) };
  return [unit, ...units.filter((u) => !joined.includes(u))];
}

/** A unit and all waiting ones that its solution needs, directly or through others. */
function reachable(from: Unit, waiting: readonly Unit[]): ReadonlySet<Unit> {
  const seen = new Set<Unit>();
  const visit = (u: Unit): void => {
    if (seen.has(u)) return;
    seen.add(u);
    for (const other of waiting)
      if (other.members.some((m) => u.uses.includes(m.parameter.name))) visit(other);
  };
  visit(from);
  return seen;
}
