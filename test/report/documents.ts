/** Reading documents back: the formulas of LaTeX and Markdown, and whether the tags of a page close. */

/** What stands in `\display{…}`, in `$…$` and in the second argument of `\step`. */
export function latexMathematics(document: string): readonly string[] {
  const body = document.slice(document.indexOf('\\begin{document}'));
  const displays = [...body.matchAll(/\\display\{/g)].map(
    ({ index }) => group(body, index + '\\display'.length)[0],
  );
  const steps: string[] = [];
  for (const { index } of body.matchAll(/\\step\{/g)) {
    const [, first] = group(body, index + '\\step'.length);
    const [mathematics] = group(body, first);
    steps.push(mathematics);
  }
  const inline = [...body.matchAll(/(?<!\\)\$([^$]+)\$/g)].map(([, inner = '']) => inner);
  return [...displays, ...steps, ...inline];
}

/** The group that opens at `start`, and where it ends. */
function group(text: string, start: number): readonly [string, number] {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '{') depth += 1;
    else if (text[at] === '}') {
      depth -= 1;
      if (depth === 0) return [text.slice(start + 1, at), at + 1];
    }
  }
  throw new Error(`a group does not close: ${text.slice(start, start + 60)}`);
}

export function markdownMathematics(document: string): readonly string[] {
  const displays = [...document.matchAll(/\$\$\n(.*?)\n\$\$/gs)].map(([, inner = '']) => inner);
  const inline = [...document.replaceAll(/\$\$\n.*?\n\$\$/gs, '').matchAll(/\$([^$]+)\$/g)];
  return [...displays, ...inline.map(([, inner = '']) => inner)];
}

/** The first tag that does not close, or a bare < or &; the page is read as XML after its first line. */
export function unbalanced(page: string): string {
  const [doctype, rest] = [page.slice(0, page.indexOf('\n')), page.slice(page.indexOf('\n'))];
  if (doctype !== '<!DOCTYPE html>') return doctype;
  const open: string[] = [];
  let end = 0;
  for (const found of rest.matchAll(/<(\/?)([A-Za-z][\w-]*)((?:\s+[\w-:]+="[^"<]*")*)\s*(\/?)>/g)) {
    const [whole, closing, name = '', , self] = found;
    const between = rest.slice(end, found.index);
    if (open.at(-1) !== 'style' && /<|&(?!(?:amp|lt|gt|quot|#x?[0-9a-f]+);)/i.test(between)) return between;
    end = found.index + whole.length;
    if (self === '/') continue;
    if (closing === '') open.push(name);
    else if (open.pop() !== name) return whole;
  }
  return open.join(' ');
}
