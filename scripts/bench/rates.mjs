/** @typedef {{ multiplyAddsPerMs: number, functionsPerMs: number }} Rates */

/**
 * The machine's own rates, of matrix products and exponentials in float64: those of TensorFlow in float32, halved, as a
 * register holds half as many. Undefined where TensorFlow is not there.
 * @returns {Promise<Rates | undefined>}
 */
export async function rates() {
  try {
    const { default: tf } = await import('@tensorflow/tfjs-node');
    /** @param {() => { dataSync: () => unknown }} run */
    const best = (run) => {
      let least = Infinity;
      for (let n = 0; n < 8; n++) {
        const begin = performance.now();
        run().dataSync();
        least = Math.min(least, performance.now() - begin);
      }
      return least;
    };
    const a = tf.randomNormal([1024, 1024]);
    const x = tf.randomNormal([1 << 22]);
    return {
      multiplyAddsPerMs: 1024 ** 3 / best(() => tf.matMul(a, a)) / 2,
      functionsPerMs: (1 << 22) / best(() => tf.exp(x)) / 2,
    };
  } catch {
    return undefined;
  }
}
