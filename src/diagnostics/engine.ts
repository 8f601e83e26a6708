/** Words for engines that cannot be used here. */
import type { EngineProblem } from '../engine/types.js';
import { code } from './describe.js';
import type { Words } from './describe.js';

export const ENGINE: Words<EngineProblem> = {
  'engine-unavailable': {
    code: 'GMM0601',
    words: (p) => ({
      message: `the engine ${code(p.engine)} is not available: ${p.reason}`,
      helps: [
        ...(p.command === undefined ? [] : [`run \`${p.command}\``]),
        '`gmm doctor` says which engines are there; `--engine auto` takes one of them',
      ],
    }),
  },
};
