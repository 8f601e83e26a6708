/** What every renderer reads: one message with its code, its places and its helps. */
import type { Span } from '../../grammar/types.js';
import type { Code } from './codes.js';

export interface Label {
  readonly span: Span;
  readonly message: string;
}

export interface Diagnostic {
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** the place that the message is about, as offsets in the text */
  readonly span: Span;
  /** what is written under that place; may be empty */
  readonly label: string;
  /** other places that matter */
  readonly labels: readonly Label[];
  /** what to do, most likely first */
  readonly helps: readonly string[];
}

/** A text with what is to be said of it. */
export interface Report {
  /** as it is shown: the path that the user gave */
  readonly file: string;
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
}
