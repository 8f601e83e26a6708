/** What logits are held against, in units of log 2. */

/** What a component is left for being so far below the best (45 nats): it would add less than the rounding of what is there. */
export const NEGLIGIBLE = 65;

/** Beneath every logit, and far enough from infinity to be subtracted from. */
export const NEVER = -1e300;
