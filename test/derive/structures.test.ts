/** Every structure of latents and data: each step replayed, the certificate, posteriors by enumeration. */
import { describe, expect, it } from 'vitest';
import { certify } from '../../src/derive/certificate.js';
import { replay } from '../../src/derive/replay.js';
import { stream } from '../../src/random.js';
import { compiled } from '../models.js';
import { structures } from '../structures.js';

describe.each(Object.entries(structures))('%s', (_, source) => {
  const { derivation } = compiled(source);

  it('every step replays', () => {
    const failed = replay(derivation, stream('1', 'replay')).filter((r) => !r.passed);
    expect(failed.map((r) => `${r.step.label}: ${r.detail}`)).toEqual([]);
  });

  it('the certificate passes', () => {
    const failed = certify(derivation, stream('2', 'certificate')).filter((c) => !c.passed);
    expect(failed.map((c) => `${c.parameter ?? 'whole'}, ${c.name}: ${c.detail}`)).toEqual([]);
  });
});
