/** The logit of one component in the rows of a group, which it has filled. */
import { needed } from '../../../plan/row-body.js';
import { LINE, VECTORS } from '../grouped/types.js';
import { upTo } from '../grouped/logits.js';
import { f64, f64x2, i32, local, multiplyAdd, set, v128, wasmFunction } from '../instructions.js';
import { whereLabelled } from '../labels.js';
import { bodyWriter } from '../mixture/body.js';
import type { BodyReads } from '../mixture/body.js';
import { written } from '../scope.js';
import type { Scope } from '../scope.js';
import type { Local, Value, WasmFunction } from '../types.js';
import { heldPlace, workPlaces } from './types.js';
import type { PatternLayout, PatternShape } from './types.js';

/** (work, k, kind, rule, labels): leaves the logits of component k, in units of log 2, with what the rule adds to them. */
export function logitFunction(shape: PatternShape, { regions }: PatternLayout): WasmFunction {
  const own = workPlaces(shape);
  const [work, k, kind, rule, labels] = upTo(5).map(() => local('i32'));
  const out = local('i32');
  const fused = multiplyAdd(shape.fused);
  const body = written((s) => {
    const reads = readsOf(s, shape, regions.slots.at, k, kind);
    const added = s.let(v128.load64Splat(rule));
    const component = shape.labelled ? s.let(f64x2.splat(f64.fromI32(i32.add(k, 1)))) : undefined;
    s.push(set(out, i32.add(work, i32.mul(k, LINE))));
    const parts = upTo(VECTORS).map((v) => {
      const known = new Map<number, Local<'v128'>>();
      return (column: number): Local<'v128'> => {
        const place = own.columns + LINE * heldPlace(shape, column) + 16 * v;
        const found = known.get(column) ?? s.let(v128.load(work, place));
        known.set(column, found);
        return found;
      };
    });
    const store = (v: number, value: Value<'v128'>): void => {
      s.push(v128.store(out, value, own.logits + 16 * v));
    };
    const settle = (values: readonly Value<'v128'>[]): void => {
      values.forEach((value, v) => {
        store(v, value);
      });
    };
    const value = bodyWriter(s, shape.body, { ...reads, settle }, parts, fused);
    value(shape.logit, 0).forEach((logit, v) => {
      const found = f64x2.mul(f64x2.add(logit, added), Math.LOG2E);
      if (component === undefined) store(v, found);
      else store(v, whereLabelled(s.let(v128.load(labels, 16 * v)), component, found));
    });
  });
  return wasmFunction(undefined, [work, k, kind, rule, labels], body);
}

/** Parameters of component k, and of the strata and supports of the group whose numbers are at `kind`. */
function readsOf(
  s: Scope,
  { body, logit, components, strata, supports }: PatternShape,
  slots: number,
  k: Value<'i32'>,
  kind: Value<'i32'>,
): BodyReads {
  const nodes = needed(body, [logit]).map((id) => body.nodes[id]);
  const codes = strata.map((_, n) => (n === 0 ? undefined : s.let(i32.load(kind, 4 * n))));
  // where each source begins for the component and combination at hand
  const begins = body.sources.map(({ length, stratum, isShared }, n) => {
    if (!nodes.some((x) => (x.kind === 'slot' || x.kind === 'squares') && x.source === n)) return undefined;
    const { combinations } = strata[stratum];
    const first = i32.constant(slots + 16 * body.starts[n]);
    const ofComponent =
      isShared || components === 1 ? first : i32.add(i32.mul(k, 16 * length * combinations), first);
    const code = codes[stratum];
    return s.let(code === undefined ? ofComponent : i32.add(ofComponent, i32.shl(code, 4)));
  });
  const inside = upTo(supports).map((n) =>
    nodes.some((x) => x.kind === 'support' && x.support === n)
      ? s.let(f64x2.splat(f64.fromI32(i32.load(kind, 4 * (strata.length + n)))))
      : undefined,
  );
  return {
    slot: (source, entry) =>
      v128.load(begins[source]!, 16 * entry * strata[body.sources[source].stratum].combinations),
    support: (support) => inside[support]!,
  };
}
