/** What is found of whole columns, held to sums of whole numbers, which have no rounding. */
import { describe, expect, it } from 'vitest';
import { columnFacts } from '../../src/engine/column-facts.js';

/** 3000 cells: several blocks, the last odd. */
const whole = Float64Array.from({ length: 3001 }, (_, i) => ((i * 7919) % 1009) - 500);
const exact = (cells: readonly number[], weights: readonly number[]) => {
  const total = weights.reduce((a, b) => a + b, 0);
  const mean = cells.reduce((s, x, i) => s + weights[i] * x, 0) / total;
  const squares = cells.reduce((s, x, i) => s + weights[i] * (x - mean) ** 2, 0);
  return { mean, squares, spread: Math.sqrt(squares / total) };
};

describe('columns', () => {
  const ones = [...whole].map(() => 1);

  it('least, largest, mean and squares', () => {
    const [facts] = columnFacts({ columns: [whole], weights: undefined });
    const wanted = exact([...whole], ones);
    expect([facts.least, facts.most, facts.weight]).toEqual([-500, 508, 3001]);
    expect(facts.mean).toBeCloseTo(wanted.mean, 12);
    expect(facts.squares / wanted.squares).toBeCloseTo(1, 13);
    expect(facts.spread).toBeCloseTo(wanted.spread, 10);
  });

  it('weights count, and cells that are not finite do not', () => {
    const cells = whole.slice();
    const weights = whole.map((_, i) => i % 3);
    cells[0] = NaN;
    cells[7] = Infinity;
    const kept = [...cells.keys()].filter((i) => Number.isFinite(cells[i]));
    const [facts] = columnFacts({ columns: [cells], weights });
    const wanted = exact(
      kept.map((i) => cells[i]),
      kept.map((i) => weights[i]),
    );
    expect(facts.weight).toBe(kept.reduce((s, i) => s + weights[i], 0));
    expect(facts.mean).toBeCloseTo(wanted.mean, 11);
    expect(facts.spread).toBeCloseTo(wanted.spread, 10);
    expect(facts.most).toBe(508);
  });

  it.each([1e8, 1e-290, 2 ** 1000])('keeps its digits at %d', (size) => {
    const far = whole.map((x) => size * (1 + x * 2 ** -40));
    const [facts] = columnFacts({ columns: [far], weights: undefined });
    const { spread } = exact([...whole], ones);
    expect(facts.spread / (size * 2 ** -40 * spread)).toBeCloseTo(1, 6);
    expect(facts.mean / size - 1).toBeLessThan(1e-9);
  });

  it('of numbers whose sum is none', () => {
    const [facts] = columnFacts({
      columns: [Float64Array.of(1.5e308, 1.6e308, 1.7e308)],
      weights: undefined,
    });
    expect(facts.mean / 1.6e308).toBeCloseTo(1, 14);
    expect(facts.spread / 1e307).toBeCloseTo(Math.sqrt(2 / 3), 12);
  });

  it('of one value, of none, and without weight', () => {
    const [same, none] = columnFacts({
      columns: [new Float64Array(5).fill(0.1), new Float64Array(5).fill(NaN)],
      weights: undefined,
    });
    expect([same.mean, same.spread]).toEqual([0.1, 0]);
    expect([none.weight, none.mean, none.spread]).toEqual([0, 0, 0]);
    const [light] = columnFacts({ columns: [Float64Array.of(1, 2)], weights: new Float64Array(2) });
    expect([light.least, light.most, light.weight, light.mean, light.spread]).toEqual([1, 2, 0, 0, 0]);
  });
});
