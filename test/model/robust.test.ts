import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from '../../grammar/parse.js';
import { modelFaults } from '../../src/model/check.js';
import { printModel } from '../../src/model/print.js';
import { resolve } from '../../src/model/resolve.js';
import { tree } from '../grammar/trees.js';
import { diagnose } from '../diagnostics/checked.js';
import { CORRECT } from './models.js';
import { signatures } from './signatures.js';

/** A model that was right, with one of its words in another's place. */
const disturbed = fc
  .record({
    text: fc.constantFrom(...Object.values(CORRECT)),
    from: fc.nat(),
    to: fc.nat(),
  })
  .map(({ text, from, to }) => {
    const words = [...text.matchAll(/[A-Za-z_]\w*|\d+|[^\s\w]/g)];
    const [a, b] = [words[from % words.length], words[to % words.length]];
    return `${text.slice(0, b.index)}${a[0]}${text.slice(b.index + b[0].length)}`;
  });

describe('the resolver', () => {
  it('reads any tree without throwing', () => {
    fc.assert(
      fc.property(tree, (drawn) => {
        const { value, problems } = resolve(drawn, signatures);
        expect(problems.every((p) => value.spans[p.span] !== undefined)).toBe(true);
        expect(printModel(value)).toContain('model');
      }),
      { numRuns: 300, seed: 1 },
    );
  });
  it('has an explanation for every model that it disturbed, or a Model without faults', () => {
    fc.assert(
      fc.property(disturbed, (text) => {
        const said = diagnose(text, true);
        expect(said.every((d) => d.message !== '' && !d.message.includes('undefined'))).toBe(true);
        if (said.every((d) => d.severity !== 'error')) {
          expect(modelFaults(resolve(parse(text).value, signatures).value)).toEqual([]);
        }
      }),
      { numRuns: 3000, seed: 1 },
    );
  });
});
