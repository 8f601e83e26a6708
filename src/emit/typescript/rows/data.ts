/** `Data`: what is observed, as a user has it. */
import { dimOf } from '../../../derive/translate.js';
import type { DataSymbol } from '../../../model/types.js';
import type { Context } from '../context.js';
import type { Declaration, Member } from '../tree.js';

export function rowDataInterface(context: Context): Declaration {
  const { plan } = context;
  const dims = (d: DataSymbol): string =>
    [context.rows, ...d.type.shape.map((s) => String(dimOf(s, plan.model)))].join(', ');
  const what = (d: DataSymbol): string => {
    if (d.as === 'weight') return ' how often each row counts';
    if (d.type.domain === 'plate') return ` the ${d.type.plate!} of each row, from 1`;
    if (d.type.domain === 'category') return ' the category of each row, from 1';
    return d.type.domain === 'boolean' ? ' 1 where it is true, else 0' : '';
  };
  const members: Member[] = plan.model.data.map((d) => ({
    documentation: `[${dims(d)}]${d.documentation === undefined ? what(d) : ` ${d.documentation.replaceAll('\n', ' ')}`}`,
    name: d.name,
    isOptional: false,
    type: d.type.shape.length === 0 ? 'Vector' : 'readonly Vector[]',
  }));
  for (const axis of labelledAxes(context))
    members.push({
      documentation: `[${context.rows}] the known ${axis.value.index} of each row, from 1; 0 where it is hidden`,
      name: axis.latent,
      isOptional: false,
      type: 'Vector',
    });
  return {
    kind: 'interface',
    documentation: `What is observed, by row. ${context.rows} is the number of rows.`,
    name: 'Data',
    members,
  };
}

/** The latents of which some values are known. */
export const labelledAxes = ({ plan }: Context): Context['plan']['axes'] =>
  plan.axes.filter((a) => plan.model.latents.some((l) => l.name === a.latent && l.labels !== undefined));
