/** What a WebGPU adapter says of itself, in words. */

export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

export interface Adapter {
  readonly name: string;
  /** it runs on the processor */
  readonly isSoftware: boolean;
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render/i;

export function adapterOf(info: AdapterInfo): Adapter {
  const { vendor, architecture, device, description } = info;
  const name = description || device || [vendor, architecture].filter(Boolean).join(' ') || 'without a name';
  const isSoftware =
    info.isFallbackAdapter === true || SOFTWARE.test([architecture, device, description].join(' '));
  return { name, isSoftware };
}

export const adapterText = ({ name, isSoftware }: Adapter): string =>
  isSoftware ? `${name}, software` : name;

export const NO_ADAPTER =
  'Dawn finds no adapter; it needs a driver for Vulkan, Metal or Direct3D 12 (VK_ICD_FILENAMES can name one for Vulkan)';
