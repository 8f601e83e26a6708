/** `npm run setup`: gets TensorFlow where it can be had. Never fails: the other engines need nothing of it. */
import { setUpTensorFlow } from './tensorflow-setup.mjs';

/** @param {string} line */
const say = (line) => process.stderr.write(`TensorFlow: ${line}\n`);

const started = performance.now();
const result = await setUpTensorFlow({ say });
if (!result.ok) {
  say(
    `not available, the other engines are used: ${result.why}. To get it, ${result.remedy}, then \`npm run setup\`.`,
  );
} else if (result.how !== 'present') {
  say(`ready after ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
