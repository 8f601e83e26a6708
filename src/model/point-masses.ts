/** The values that a modelled symbol takes with a probability of their own: `if … then PointMass(0) else …`. */
import type { Expression, Model } from './types.js';

export const pointMassesOf = (symbol: string, model: Model): readonly number[] =>
  model.factors.filter((f) => f.symbol === symbol).flatMap((f) => pointMasses(f.distribution));

function pointMasses(e: Expression): readonly number[] {
  if (e.kind === 'if') return [...pointMasses(e.then), ...pointMasses(e.else)];
  if (e.kind !== 'distribution' || e.name !== 'PointMass') return [];
  const { value } = e.arguments;
  const inner = value.kind === 'fill' ? value.value : value;
  return inner.kind === 'number' ? [inner.value] : [];
}
