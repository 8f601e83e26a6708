/** Opens a table in a browser, which has neither files nor DuckDB: columns or rows of the program. */
import { failed, openMemory } from './memory.js';
import type * as node from './read.js';

export const openTable: typeof node.openTable = (source, options) => {
  switch (source.kind) {
    case 'columns':
    case 'rows':
      return Promise.resolve(openMemory(source, options ?? {}));
    case 'file':
      return Promise.resolve(refused(source.path));
    case 'text':
      return Promise.resolve(refused(source.name));
  }
};

const refused = (file: string) =>
  failed({
    kind: 'file-unreadable',
    file,
    reason: 'in a browser no files are read; give columns by name, or an array of rows',
    near: [],
  });
