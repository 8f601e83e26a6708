/** The two packages that WebGPU in Node takes, which are none of ours (Dawn has 130 MB): who wants them installs them. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export const DAWN = { name: 'webgpu', version: '0.6.2' };
export const BACKEND = '@tensorflow/tfjs-backend-webgpu';
const TFJS = '@tensorflow/tfjs-core';

export type WebGpuPackages =
  | { readonly ok: true; readonly dawn: string; readonly tfjsVersion: string }
  | { readonly ok: false; readonly reason: string; readonly command: string };

/** Looks at files only. */
export function webGpuPackages(): WebGpuPackages {
  const { resolve } = createRequire(import.meta.url);
  const find = (name: string): string | undefined => {
    try {
      return resolve(name);
    } catch {
      return undefined;
    }
  };
  return packagesFrom({
    dawn: find(DAWN.name),
    backend: versionBeside(find(`${BACKEND}/package.json`)),
    tfjs: versionBeside(find(`${TFJS}/package.json`)) ?? '',
  });
}

/** `dawn` is a path, the others versions; undefined for what is not there. */
export function packagesFrom(found: {
  readonly dawn: string | undefined;
  readonly backend: string | undefined;
  readonly tfjs: string;
}): WebGpuPackages {
  const { dawn, backend, tfjs } = found;
  const command = `npm install ${DAWN.name}@${DAWN.version} ${BACKEND}@${tfjs}`;
  const missing = [dawn === undefined ? [DAWN.name] : [], backend === undefined ? [BACKEND] : []].flat();
  if (dawn === undefined || backend === undefined) {
    const [noun, verb] = missing.length > 1 ? ['packages', 'are'] : ['package', 'is'];
    return { ok: false, reason: `the ${noun} ${missing.join(' and ')} ${verb} not installed`, command };
  }
  if (backend !== tfjs)
    return { ok: false, reason: `${BACKEND} ${backend} is not the one for tfjs ${tfjs}`, command };
  return { ok: true, dawn, tfjsVersion: tfjs };
}

function versionBeside(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const text = readFileSync(join(dirname(file), 'package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
