/**
 * Which adapter WebGPU would run on, asked in a process of its own: graphics drivers that are broken do not fail, they crash
 * or never answer.
 */
import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { adapterOf, NO_ADAPTER } from './adapter.js';
import type { Adapter, AdapterInfo } from './adapter.js';
import { webGpuPackages } from './webgpu-packages.js';

export type Probe =
  | { readonly ok: true; readonly adapter: Adapter; readonly tfjsVersion: string }
  | { readonly ok: false; readonly reason: string; readonly command: string | undefined };

const MILLISECONDS = 10_000;

/** The last line that it writes is what the adapter says of itself, or null. */
const SCRIPT = `
const { create } = await import(process.argv[1]);
const gpu = create([]);
const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
const { vendor, architecture, device, description, isFallbackAdapter } = adapter?.info ?? {};
const said = adapter && { vendor, architecture, device, description, isFallbackAdapter };
process.stdout.write('\\n' + JSON.stringify(said), () => process.exit());
`;

export async function probeWebGpu(): Promise<Probe> {
  const packages = webGpuPackages();
  if (!packages.ok) return packages;
  const found = readProbe(await run(pathToFileURL(packages.dawn).href));
  if (typeof found === 'string') return { ok: false, reason: found, command: undefined };
  return { ok: true, adapter: found, tfjsVersion: packages.tfjsVersion };
}

/** How a process ended. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
}

const run = (dawn: string): Promise<Ended> =>
  new Promise((resolve) => {
    const parameters = ['--input-type=module', '--eval', SCRIPT, dawn];
    const options = { timeout: MILLISECONDS, killSignal: 'SIGKILL' } as const;
    const child = execFile(process.execPath, parameters, options, (error, stdout, stderr) => {
      const timedOut = error?.killed === true;
      resolve({ stdout, stderr, code: child.exitCode, signal: child.signalCode, timedOut });
    });
  });

/** The adapter, or why there is none. */
export function readProbe({ stdout, stderr, code, signal, timedOut }: Ended): Adapter | string {
  if (timedOut) return `the graphics driver did not answer within ${String(MILLISECONDS / 1000)} seconds`;
  if (signal !== null) return `the graphics driver crashed (${signal})`;
  if (code !== 0)
    return `Dawn does not load: ${/^\w*Error: .*/m.exec(stderr)?.[0] ?? `exit ${String(code)}`}`;
  const info = JSON.parse(stdout.slice(stdout.lastIndexOf('\n'))) as AdapterInfo | null;
  return info === null ? NO_ADAPTER : adapterOf(info);
}
