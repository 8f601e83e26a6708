/** Fits side by side: criteria to compare, the best by BIC marked. */
import { plainStyle } from './derivation-text.js';
import type { TextStyle } from './derivation-text.js';
import { alignPoints, clipped, criterion, padEnd, padStart, widthOf } from './numbers-text.js';

/** One fit of a selection; `gmm-select/1` has these keys. */
export interface SelectedFit {
  /** as it was named */
  readonly model: string;
  readonly constants: Readonly<Record<string, unknown>>;
  readonly logLikelihood: number | null;
  readonly degreesOfFreedom: number | null;
  readonly bic: number | null;
  readonly aic: number | null;
  readonly icl: number | null;
  readonly converged: boolean | null;
  /** why there are no numbers; null where there are */
  readonly error: string | null;
}

export interface Selection {
  readonly schema: 'gmm-select/1';
  readonly fits: readonly SelectedFit[];
  /** position in `fits` of the smallest BIC, from 0; null where no fit has one */
  readonly best: number | null;
}

const WIDTH = 100;

export function selectText({ fits, best }: Selection, style: TextStyle = plainStyle): string {
  const names = [...new Set(fits.flatMap((fit) => Object.keys(fit.constants)))].filter(
    (name) => new Set(fits.map((fit) => JSON.stringify(fit.constants[name]))).size > 1,
  );
  const hasModels = new Set(fits.map((fit) => fit.model)).size > 1;
  const keys: readonly Column[] = [
    ...(hasModels ? [{ heading: 'model', cells: fits.map((fit) => clipped(fit.model, 32)) }] : []),
    ...names.map((name) => ({
      heading: name,
      cells: fits.map((fit) => JSON.stringify(fit.constants[name]) ?? ''),
    })),
  ];
  const numbers: readonly Column[] = [
    criteria('log-likelihood', fits, (fit) => fit.logLikelihood),
    { heading: 'df', cells: fits.map((fit) => String(fit.degreesOfFreedom ?? '')) },
    criteria('BIC', fits, (fit) => fit.bic),
    criteria('AIC', fits, (fit) => fit.aic),
    criteria('ICL', fits, (fit) => fit.icl),
  ];
  const left = widths(keys);
  const right = widths(numbers);
  const line = (begin: readonly string[], end: readonly string[], mark: string): string =>
    `${mark} ${[...begin, ...end].join('   ')}`.trimEnd();
  const head = line(
    keys.map((c, n) => padEnd(c.heading, left[n])),
    numbers.map((c, n) => padStart(c.heading, right[n])),
    ' ',
  );
  const body = fits.map((fit, row) => {
    const begin = keys.map((c, n) => padEnd(c.cells[row], left[n]));
    if (fit.error !== null) {
      const used = left.reduce((sum, width) => sum + width + 3, 2);
      return line(begin, [style.note(clipped(fit.error, WIDTH - used))], ' ');
    }
    const end = numbers.map((c, n) => padStart(c.cells[row], right[n]));
    const remark = fit.converged === false ? [style.note('not converged')] : [];
    const text = line(begin, [...end, ...remark], row === best ? '*' : ' ');
    return row === best ? style.title(text) : text;
  });
  const legend = best === null ? [] : ['', style.note('* smallest BIC')];
  return `${[style.label(head), ...body, ...legend].join('\n')}\n`;
}

interface Column {
  readonly heading: string;
  readonly cells: readonly string[];
}

const widths = (columns: readonly Column[]): readonly number[] =>
  columns.map((c) => Math.max(widthOf(c.heading), ...c.cells.map(widthOf)));

function criteria(
  heading: string,
  fits: readonly SelectedFit[],
  value: (fit: SelectedFit) => number | null,
): Column {
  const texts = fits.map((fit) => value(fit)).map((x) => (x === null ? '' : criterion(x)));
  const aligned = alignPoints(texts.filter((text) => text !== ''));
  let next = 0;
  return { heading, cells: texts.map((text) => (text === '' ? '' : aligned[next++])) };
}
