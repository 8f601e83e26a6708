import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LANES, divideRows } from '../../../src/emit/graph/blocks.js';

describe('division of rows', () => {
  it('gives every row to one block, whatever their number', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2_000_000 }),
        fc.integer({ min: 64, max: 20_000 }),
        (rows, block) => {
          const division = divideRows(rows, LANES, block);
          let next = 0;
          for (const lane of division.lanes) {
            expect(lane.first).toBe(next);
            expect(lane.end).toBeGreaterThan(lane.first);
            expect((lane.end - lane.first) % division.block).toBe(0);
            next = lane.end;
          }
          expect(division.rest).toBe(next);
          expect(division.rest).toBeLessThanOrEqual(rows);
          expect(division.block).toBeLessThanOrEqual(block);
          expect(division.block % 8).toBe(0);
        },
      ),
    );
  });

  it('leaves few rows to the block outside the lanes', () => {
    for (const rows of [100_000, 123_457, 1_000_000]) {
      const { rest } = divideRows(rows, LANES, 3000);
      expect((rows - rest) / rows).toBeLessThan(0.01);
    }
  });

  it('makes no lanes for a few hundred rows', () => {
    expect(divideRows(272, LANES, 3000)).toEqual({ block: 0, lanes: [], rest: 0 });
  });
});
