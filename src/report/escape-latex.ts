/** Text as LaTeX's text mode takes it, with pdfTeX as with XeTeX and LuaTeX. */

const SPECIAL: Readonly<Partial<Record<string, string>>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '<': '$<$',
  '>': '$>$',
  '|': '$|$',
  '"': '\\char34{}',
  '’': "'",
  '‘': '`',
  '“': '``',
  '”': "''",
  '–': '--',
  '—': '---',
  '…': '\\ldots{}',
  '·': '$\\cdot$',
  '−': '$-$',
  '×': '$\\times$',
  '→': '$\\to$',
  '←': '$\\leftarrow$',
  '⇒': '$\\Rightarrow$',
  '≤': '$\\leq$',
  '≥': '$\\geq$',
  '≠': '$\\neq$',
  '≈': '$\\approx$',
  '∈': '$\\in$',
  '∞': '$\\infty$',
  '√': '$\\surd$',
  '∂': '$\\partial$',
  '∇': '$\\nabla$',
  '±': '$\\pm$',
  '°': '$^\\circ$',
  '½': '$\\frac12$',
  '¼': '$\\frac14$',
  '²': '$^2$',
  '³': '$^3$',
};

const letters = (alphabet: string, names: string): readonly (readonly [string, string])[] => {
  const commands = names.split(' ');
  return alphabet.split(' ').map((letter, n) => [letter, `$\\${commands[n] ?? ''}$`]);
};
const GREEK: ReadonlyMap<string, string> = new Map([
  ...letters(
    'α β γ δ ε ζ η θ ι κ λ μ ν ξ π ρ σ τ υ φ χ ψ ω',
    'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega',
  ),
  ...letters('Γ Δ Θ Λ Ξ Π Σ Υ Φ Ψ Ω', 'Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega'),
]);

export const escapeLatex = (text: string): string =>
  [...text].map((c) => SPECIAL[c] ?? GREEK.get(c) ?? c).join('');

/** Latin letters with accents are in the T1 encoding, which LaTeX knows how to reach. */
const isLatin = (c: string): boolean => /\p{Script=Latin}/u.test(c) && c.codePointAt(0)! < 0x180;

/**
 * Lines of a preamble for the letters beyond ASCII that stand in a document: with pdfTeX the T1 encoding for Latin ones,
 * and for the others, for which it has no font, their code points in print. XeTeX and LuaTeX take them as they are.
 */
export function unicodePreamble(body: string): readonly string[] {
  const beyond = [...new Set([...body].filter((c) => c.codePointAt(0)! > 0x7e))].sort();
  if (beyond.length === 0) return [];
  const hex = (c: string): string => c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return [
    '\\ifdefined\\pdftexversion',
    ...(beyond.some(isLatin) ? ['\\usepackage[T1]{fontenc}'] : []),
    ...beyond
      .filter((c) => !isLatin(c))
      .map((c) => `\\DeclareUnicodeCharacter{${hex(c)}}{\\texttt{U+${hex(c)}}}`),
    '\\fi',
  ];
}
