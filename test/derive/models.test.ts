import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { certify } from '../../src/derive/certificate.js';
import { replay } from '../../src/derive/replay.js';
import { derivationMarkdown } from '../../src/report/derivation-markdown.js';
import { derivationText } from '../../src/report/derivation-text.js';
import { stream } from '../../src/random.js';
import { compiled, exampleSource, examples, root } from '../models.js';

const golden = join(root, 'test/golden/derivations');

describe.each(examples)('$name', (example) => {
  const { derivation } = compiled(exampleSource(example));

  it('has the derivation that was reviewed', async () => {
    await expect(derivationText(derivation)).toMatchFileSnapshot(join(golden, `${example.name}.txt`));
    await expect(derivationMarkdown(derivation)).toMatchFileSnapshot(join(golden, `${example.name}.md`));
  });

  it.each([1, 2, 3])('passes the certificate (instance %i)', (seed) => {
    const failed = certify(derivation, stream(String(seed), 'certificate')).filter((c) => !c.passed);
    expect(failed).toEqual([]);
  });

  it('replays step by step', () => {
    const failed = replay(derivation, stream('1', 'replay')).filter((r) => !r.passed);
    expect(failed.map((f) => `${f.step.rule}: ${f.detail}`)).toEqual([]);
  });
});

it('every model file is an example, and every golden derivation has its model', () => {
  const files = readdirSync(join(root, 'models'), { recursive: true })
    .map(String)
    .filter((f) => f.endsWith('.gmm'));
  expect(files.sort()).toEqual(examples.map((e) => e.model).sort());
  const names = readdirSync(golden).map((f) => f.replace(/\.(txt|md)$/, ''));
  expect([...new Set(names)].sort()).toEqual(examples.map((e) => e.name).sort());
});
