import packageJson from '../package.json' with { type: 'json' };

/** The package's version, written into fit files and told by `--version`. */
export const version: string = packageJson.version;
