/** What a newcomer reads first; the golden files are the pages. */
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { gmm } from './run.js';

const VERBS = [
  'example',
  'check',
  'explain',
  'derive',
  'compile',
  'fit',
  'select',
  'predict',
  'score',
  'sample',
  'doctor',
];

describe('help', () => {
  it('tells what the program is, its verbs, how to begin, and the exit codes', async () => {
    const { code, stdout, stderr } = gmm(['--help']);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    await expect(stdout).toMatchFileSnapshot('./golden/help.txt');
  });

  it.each(VERBS)('gmm %s --help', async (verb) => {
    const { code, stdout, stderr } = gmm([verb, '--help']);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toContain('Examples:');
    await expect(stdout).toMatchFileSnapshot(`./golden/help-${verb}.txt`);
  });

  it('lists exactly the verbs that there are', () => {
    const { stdout } = gmm(['--help']);
    const listed = [...stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, verb]) => verb);
    expect(listed.sort()).toEqual([...VERBS].sort());
  });

  it('tells the version', () => {
    expect(gmm(['--version'])).toEqual({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' });
  });

  it('stands on standard error, with exit code 2, where no verb is given', () => {
    const { code, stdout, stderr } = gmm([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: gmm');
  });
});
