/** Words for tables and binding: the row, the column, the cell, and what would mend it. Rows are counted without the header. */
import type { DataProblem } from '../data/types.js';
import { code, listed, plural } from './describe.js';
import type { Words } from './describe.js';

const more = (count: number): string =>
  count > 1 ? `, and ${plural(count - 1, 'other cell')} of the column` : '';
const names = (list: readonly string[]): string =>
  list.length === 0
    ? 'the table has no columns'
    : `the table has ${list.slice(0, 20).map(code).join(', ')}${list.length > 20 ? ', …' : ''}`;

export const DATA: Words<DataProblem> = {
  'file-unreadable': {
    code: 'GMM0401',
    words: (p) => ({
      message: `cannot read ${code(p.file)}: ${p.reason}`,
      helps: p.near.map((near) => `there is ${code(near)}`),
    }),
  },
  'no-rows': {
    code: 'GMM0402',
    words: (p) => ({
      message: p.hasHeader ? `${p.source} has a header and no rows` : `${p.source} is empty`,
      helps: ['the first line is the header; every further line is a row'],
    }),
  },
  'missing-column': {
    code: 'GMM0403',
    words: (p) => ({
      message: `there is no column ${code(p.column)}, which ${code(p.symbol)} reads`,
      helps: [
        ...(p.near === undefined ? [] : [`did you mean ${code(p.near)}?`]),
        names(p.names),
        `bind another one with \`--bind ${p.symbol}=…\` or \`from …\` in the model`,
      ],
    }),
  },
  'duplicate-column': {
    code: 'GMM0404',
    words: (p) => ({
      message: `the column ${code(p.column)} stands twice in ${p.source}`,
      helps: ['rename one of the two, so that it is clear which one is meant'],
    }),
  },
  'not-a-number': {
    code: 'GMM0405',
    words: (p) => ({
      message: `row ${p.row} of column ${code(p.column)} says ${JSON.stringify(p.text)}, which is not a number${more(p.count)}`,
      helps: p.decimalComma
        ? ['for decimal commas say `--decimal ,`']
        : [
            `if it stands for a missing cell, say \`--missing ${/[\s,]/.test(p.text) ? JSON.stringify(p.text) : p.text}\``,
          ],
    }),
  },
  'not-finite': {
    code: 'GMM0406',
    words: (p) => ({
      message: `row ${p.row} of column ${code(p.column)} is ${p.text}, which is not a finite number${more(p.count)}`,
      helps: ['leave the cell empty if its value is missing, or take the row out'],
    }),
  },
  'missing-cell': {
    code: 'GMM0407',
    words: (p) => ({
      message: `row ${p.row} of column ${code(p.column)} is missing (empty)${more(p.count)}, and ${
        p.reason === 'weight'
          ? 'a weight must be there'
          : p.reason === 'covariate'
            ? `${code(p.symbol)} is given, not modelled, so that it cannot be integrated out`
            : 'the model cannot integrate it out'
      }`,
      helps: ['fill the cell or take the row out'],
    }),
  },
  'out-of-domain': {
    code: 'GMM0408',
    words: (p) => ({
      message: `row ${p.row} of column ${code(p.column)} is ${p.value}; ${code(p.symbol)} must be ${p.wanted}${more(p.count)}`,
      helps: ['mend the cell, or declare the symbol with a type that has such values'],
    }),
  },
  'too-many-labels': {
    code: 'GMM0409',
    words: (p) => ({
      message: `column ${code(p.column)} has ${plural(p.levels.length, 'label')} (${listed(p.levels.slice(0, 8), 'and')}), and ${code(p.symbol)} ${p.allowed} values`,
      helps: [`give the plate ${p.levels.length} values, or mend the labels`],
    }),
  },
  'unbound-vector': {
    code: 'GMM0410',
    words: (p) => ({
      message: `nothing says which columns ${code(p.symbol)} reads`,
      helps: [`write \`from a, b\` after its type, or say \`--bind ${p.symbol}=a,b\``, names(p.names)],
    }),
  },
  'no-numeric-columns': {
    code: 'GMM0411',
    words: (p) => ({
      message: `${p.source} has no numeric columns left for ${code(p.symbol)}`,
      helps: ['a column is numeric when most of its cells are numbers'],
    }),
  },
  'sizes-differ': {
    code: 'GMM0412',
    words: (p) => ({
      message: `${code(p.symbol)} has ${plural(p.columns.length, 'column')} (${p.columns.slice(0, 8).join(', ')}) where ${p.size === undefined ? '' : `${p.size} = `}${p.wanted} ${p.wanted === 1 ? 'is' : 'are'} wanted`,
      helps: ['bind as many columns as its type says, or leave the size to the data: `real[D]`'],
    }),
  },
  'unknown-binding': {
    code: 'GMM0413',
    words: (p) => ({
      message: `the model has no data ${code(p.name)} to bind`,
      helps: [
        ...(p.near === undefined ? [] : [`did you mean ${code(p.near)}?`]),
        `it has ${listed(p.known.map(code), 'and')}`,
      ],
    }),
  },
  'no-weight': {
    code: 'GMM0414',
    words: (p) => ({
      message: `all weights in column ${code(p.column)} are zero`,
      helps: ['weight 0 leaves a row out: give some rows a positive weight'],
    }),
  },
  'malformed-table': {
    code: 'GMM0415',
    words: (p) => ({
      message: `cannot read ${p.source} as a table${p.line === undefined ? '' : ` (line ${p.line})`}: ${p.reason}`,
      helps: ['say `--delimiter` if the columns are separated by something else than `,` `;` a tab or `|`'],
    }),
  },
};
