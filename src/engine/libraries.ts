/** The engines that are libraries for Node, loaded when they are asked for. Browsers get `libraries.browser.ts`. */
import type * as tensorFlow from './tensorflow/engine.js';
import type * as tfjs from './tfjs/engine.js';

export { isTensorFlowInstalled } from './tensorflow/load.js';

export const openTensorFlow: typeof tensorFlow.openTensorFlow = async (options) =>
  (await import('./tensorflow/engine.js')).openTensorFlow(options);

export const openTfjs: typeof tfjs.openTfjs = async (options) =>
  (await import('./tfjs/engine.js')).openTfjs(options);
