/** What was most likely meant, for everybody who has words for an unknown name. */
export { editDistance, nearest } from '../model/nearest.js';
