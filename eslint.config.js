import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/* ---- stations ----------------------------------------------------------------------------------------------------
   Data flows one way, and a station sees only what stands before it. One line a station: the stations it may import. */

/** @type {Record<string, readonly string[]>} */
const STATIONS = {
  grammar: [],
  model: ['grammar'],
  algebra: ['linear-algebra'],
  distributions: ['algebra', 'model', 'linear-algebra'],
  derive: ['model', 'algebra', 'distributions'],
  plan: ['model', 'algebra', 'distributions', 'derive', 'linear-algebra'],
  emit: ['model', 'algebra', 'distributions', 'derive', 'plan', 'linear-algebra'],
  engine: ['model', 'algebra', 'distributions', 'derive', 'plan', 'emit', 'linear-algebra'],
  data: ['model', 'plan', 'linear-algebra'],
  fit: ['model', 'algebra', 'distributions', 'derive', 'plan', 'emit', 'engine', 'data', 'linear-algebra'],
  report: [
    'model',
    'algebra',
    'distributions',
    'derive',
    'plan',
    'emit',
    'engine',
    'data',
    'fit',
    'linear-algebra',
  ],
  // A leaf: small dense float64 kernels.
  'linear-algebra': [],
  // Words for everybody's problems, whose types it reads; models and expressions it prints with their own printers.
  diagnostics: ['grammar', 'model', 'algebra'],
};

/** Stations that give the same value for the same input, everywhere: no files, processes, clocks, chance, console. */
const PURE = ['grammar', 'model', 'algebra', 'distributions', 'derive', 'plan'];

/** May import the types of any station, beside what it may import as a whole. */
const READS_ALL_TYPES = ['diagnostics'];

/** @param {string} station */
const folderOf = (station) => (station === 'grammar' ? 'grammar/' : `src/${station}/`);

/* ---- packages ----------------------------------------------------------------------------------------------------
   One place for each package that decides something; everybody else uses what that place exports. */

const OWNERS = [
  {
    packages: '^@tensorflow/tfjs-node',
    home: 'src/engine/tensorflow/load.ts',
    because:
      'exactly one module loads TensorFlow, after preparing the process for it (src/engine/tensorflow/load.ts)',
  },
  {
    packages: '^@tensorflow/(?!tfjs-node)',
    home: 'src/engine/',
    because: 'nothing before the engine knows tfjs',
  },
  { packages: '^@duckdb/', home: 'src/data/', because: 'tables are read by src/data alone' },
  {
    packages: '^seedrandom$',
    home: 'src/random.ts',
    because: 'chance comes from the named streams of src/random.ts',
  },
  { packages: '^chevrotain$', home: 'grammar/', because: 'text is read by the grammar alone' },
  { packages: '^commander$', home: 'src/cli/', because: 'the command line is read by src/cli alone' },
];

/* ---- rules made from the tables ----------------------------------------------------------------------------------- */

/** @param {string} station */
function stationPatterns(station) {
  const allowed = STATIONS[station] ?? [];
  const forbidden = [...Object.keys(STATIONS), 'cli'].filter(
    (other) => other !== station && !allowed.includes(other),
  );
  const sees = allowed.length === 0 ? 'only itself' : allowed.join(', ');
  const driver = {
    regex: '^(\\.\\./)+(compile|index)\\.js$',
    message: 'src/compile.ts alone knows the order of the stations; a station does not know who calls it.',
  };
  const zone = {
    // A path that climbs out of the folder it stands in and enters another station.
    regex: `^(\\.\\./)+(src/)?(${forbidden.join('|')})/`,
    allowTypeImports: READS_ALL_TYPES.includes(station),
    message: `Data flows one way: ${station} sees ${sees}. Move what you need to an earlier station, or pass it in.`,
  };
  const pure = {
    regex:
      '^(node:|(fs|path|os|process|child_process|worker_threads|module|url)(/|$)|(\\.\\./)+(random\\.js$|host/))',
    message: `${station} is pure: the same input gives the same value, without files, processes, clocks and chance.`,
  };
  return PURE.includes(station) ? [zone, driver, pure] : [zone, driver];
}

/**
 * @param {string} area a folder or a file
 * @returns {import('eslint').Linter.Config}
 */
function importRules(area) {
  const station = Object.keys(STATIONS).find((name) => area.startsWith(folderOf(name)));
  const owned = OWNERS.filter(({ home }) => !area.startsWith(home)).map(({ packages, because }) => ({
    regex: packages,
    message: `Not here: ${because}.`,
  }));
  return {
    files: [area.endsWith('/') ? `${area}**/*.ts` : area],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [...(station === undefined ? [] : stationPatterns(station)), ...owned] },
      ],
    },
  };
}

/** From the general to the particular: the last setting of a rule wins. */
const AREAS = [
  'src/',
  'src/cli/',
  ...Object.keys(STATIONS).map(folderOf),
  ...OWNERS.map(({ home }) => home).filter((home) => home.endsWith('.ts')),
];

const NO_DEFAULT_EXPORT = {
  selector: 'ExportDefaultDeclaration',
  message: 'No default exports: a thing has one name, wherever it is imported.',
};
const NO_LOADING_TENSORFLOW = {
  selector: 'ImportExpression > Literal[value=/tfjs-node/]',
  message: 'Exactly one module loads TensorFlow: src/engine/tensorflow/load.ts.',
};
const NO_LAZY_IMPORT = {
  selector: 'ImportExpression',
  message: 'A pure station loads nothing while it runs: import at the head of the file.',
};

const NO_CHANCE = {
  object: 'Math',
  property: 'random',
  message: 'Chance is seeded: take a stream of src/random.ts.',
};

const IMPURE = ['console', 'process', 'Date', 'performance', 'setTimeout', 'setInterval', 'fetch', 'crypto'];

const ours = ['grammar/**/*.ts', 'src/**/*.ts'];

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'node_modules/', 'test/golden/', 'models/'] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { allowDefaultCaseForExhaustiveSwitch: false, requireDefaultForNonUnion: false },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],

      // The compiler knows better.
      'no-undef': 'off',
      // `map.get(key)!` of a key that was just put there, and `while (true)`, are daily bread of a compiler and a kernel.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Lengths on a screen are counted in code points; running indices come and go.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      '@typescript-eslint/no-dynamic-delete': 'off',
      // A type parameter that names what a caller gets back, and overloads that read like a table, are fine.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/unified-signatures': 'off',
    },
  },
  {
    files: ours,
    rules: {
      'no-console': 'error',
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, NO_LOADING_TENSORFLOW],
      'no-restricted-properties': ['error', NO_CHANCE],
    },
  },
  { files: ['src/cli/**/*.ts'], rules: { 'no-console': 'off' } },
  ...AREAS.map(importRules),
  {
    files: PURE.map((station) => `${folderOf(station)}**/*.ts`),
    rules: {
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, NO_LAZY_IMPORT],
      'no-restricted-globals': [
        'error',
        ...IMPURE.map((name) => ({ name, message: 'A pure station: the same input gives the same value.' })),
      ],
    },
  },
  {
    // Plain JavaScript, typed by its comments.
    files: ['scripts/**/*.mjs', '*.config.js'],
    rules: Object.fromEntries(
      ['assignment', 'member-access', 'argument', 'call', 'return'].map((use) => [
        `@typescript-eslint/no-unsafe-${use}`,
        'off',
      ]),
    ),
  },
);
