/** The licences of what a bundle has parts of: theirs ask to go with every copy. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Each text once, under the packages that it is of: their licences, then the notices in the files themselves.
 *
 * @param {import('esbuild').Metafile} metafile
 * @param {string} root that its paths are relative to
 */
export function licencesOf({ outputs }, root) {
  const files = Object.values(outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .flatMap(([file, { bytesInOutput }]) =>
      bytesInOutput > 0 && file.includes('node_modules/') ? [file] : [],
    );
  /** @type {Map<string, Set<string>>} */
  const packagesOf = new Map();
  /** @param {string} text @param {string} name */
  const add = (text, name) => packagesOf.set(text, (packagesOf.get(text) ?? new Set()).add(name));
  for (const file of [...files].sort()) {
    const folder = join(root, /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? '');
    const name = nameIn(folder);
    add(licenceIn(folder), name);
    for (const notice of noticesIn(readFileSync(join(root, file), 'utf8'))) add(notice, name);
  }
  return [...packagesOf]
    .map(([text, names]) => `${[...names].join(', ')}\n\n${text}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** @param {string} folder */
function nameIn(folder) {
  /** @type {{ name: string, version: string, license?: string }} */
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return `${name} ${version} (${license ?? 'see below'})`;
}

/** @param {string} folder */
function licenceIn(folder) {
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (texts.length > 0) return texts.join('\n\n');
  // some have it as the last part of what they say of themselves
  const readme = join(folder, 'README.md');
  const part = existsSync(readme) ? /^#*\s*licen[cs]e\b[\s\S]*/im.exec(readFileSync(readme, 'utf8')) : null;
  if (part === null) throw new Error(`${folder} has no licence`);
  return part[0].trim();
}

/** Comments that name a holder of rights. @param {string} text */
function noticesIn(text) {
  const comments = text.match(/\/\*[\s\S]*?\*\/|(?:^\/\/.*\n?)+/gm) ?? [];
  return comments.filter((comment) => /copyright/i.test(comment)).map((comment) => comment.trim());
}
