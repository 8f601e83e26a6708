/** A fit as tables for a terminal: how it went, then the parameters. */
import type { FitFile } from '../fit/fit-file.js';
import type { PrecisionLoss } from '../fit/precision-loss.js';
import type { Model } from '../model/types.js';
import { plainStyle, wrap } from './derivation-text.js';
import type { TextStyle } from './derivation-text.js';
import { alignPoints, criterion, duration, padEnd, widthOf } from './numbers-text.js';
import { parametersText } from './parameters-text.js';

const WIDTH = 100;
const INDENT = '  ';

export function fitText(file: FitFile, model: Model, style: TextStyle = plainStyle): string {
  const title = model.title === undefined ? model.name : `${model.name}: ${model.title}`;
  const blocks = [
    [style.title(title), ...wrap(dataLine(file), WIDTH)].join('\n'),
    facts(file, style),
    parametersText(file, model, { width: WIDTH - INDENT.length, style })
      .map((line) => (line === '' ? '' : INDENT + line))
      .join('\n'),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function dataLine({ data, model }: FitFile): string {
  const columns = [...new Set(Object.values(data.columns).flat())];
  const shown = columns.length <= 8 ? columns.join(', ') : `${String(columns.length)} columns`;
  const weights = data.weights === null ? '' : `, weighted by ${data.weights}`;
  const constants = Object.entries(model.constants)
    .filter(([, value]) => typeof value === 'number')
    .map(([name, value]) => `${name} = ${String(value)}`);
  return [`${String(data.rows)} rows of ${shown}${weights}`, ...constants].join('; ');
}

/** Objective and criteria on the left, how they were reached on the right. */
function facts(file: FitFile, style: TextStyle): string {
  const left = numbers(file.fit);
  const right = circumstances(file);
  const names = Math.max(...left.map(([name]) => name.length));
  const values = alignPoints(left.map(([, value]) => value));
  const valueWidth = Math.max(...values.map(widthOf));
  const rightNames = Math.max(...right.map(([name]) => name.length));
  const lines = Array.from({ length: Math.max(left.length, right.length) }, (_, n) => {
    const fact = left[n];
    const circumstance = right[n];
    const begin =
      fact === undefined
        ? ' '.repeat(names + 3 + valueWidth)
        : `${style.label(padEnd(fact[0], names))}   ${values[n]}`;
    const end =
      circumstance === undefined
        ? ''
        : `     ${style.label(padEnd(circumstance[0], rightNames))}   ${circumstance[1]}`;
    return `${INDENT}${begin}${end}`.trimEnd();
  });
  return lines.join('\n');
}

type Fact = readonly [name: string, value: string];

function numbers(fit: FitFile['fit']): readonly Fact[] {
  const given = (name: string, value: number | null): readonly Fact[] =>
    value === null ? [] : [[name, criterion(value)]];
  const classification = fit.objective === 'classificationLogLikelihood' ? (fit.trace.at(-1) ?? null) : null;
  return [
    ...given('classification log-likelihood', classification),
    ...given('log-posterior', fit.logPosterior),
    ...given('log-likelihood', fit.logLikelihood),
    ...given('inertia', fit.inertia),
    ...(fit.degreesOfFreedom === null ? [] : [['degrees of freedom', String(fit.degreesOfFreedom)] as const]),
    ...given('BIC', fit.bic),
    ...given('AIC', fit.aic),
    ...given('ICL', fit.icl),
  ];
}

/** Where it is not what the model derives by itself. */
function algorithm(fit: FitFile['fit']): readonly Fact[] {
  switch (fit.algorithm) {
    case 'em':
      return [];
    case 'generalised-em':
      return [
        [
          'algorithm',
          [
            'generalised EM',
            ...(fit.newton.length > 0 ? [`Newton steps for ${fit.newton.join(', ')}`] : []),
            ...(fit.tangents.length > 0 ? [`tangents for ${fit.tangents.join(', ')}`] : []),
          ].join(', '),
        ],
      ];
    case 'hard':
      return [['algorithm', 'classification EM']];
    case 'gradient':
      return [['algorithm', 'gradient ascent on the marginal likelihood']];
  }
}

/** Also said by `--verbose`. */
export const lossText = ({ rows, perRow }: PrecisionLoss): string =>
  `${Math.abs(perRow).toExponential(1)} nats a row, against float64 on ${String(rows)} rows`;

function circumstances({ fit, engine, timings }: FitFile): readonly Fact[] {
  const steps = String(fit.iterations);
  const search: readonly Fact[] =
    fit.restarts === 1 && fit.failedRestarts === 0
      ? []
      : [
          [
            'starts',
            `${String(fit.restarts)}${fit.startRows === null ? '' : ` on ${String(fit.startRows)} of the rows`}, the best was number ${String(fit.bestRestart)}${
              fit.failedRestarts > 0 ? `, ${String(fit.failedRestarts)} failed` : ''
            } (seed ${fit.seed})`,
          ],
        ];
  return [
    [
      'iterations',
      fit.closedForm
        ? 'closed form: one step is the solution'
        : `${steps}, ${fit.converged ? 'converged' : 'not converged'}`,
    ],
    ...algorithm(fit),
    ...search,
    ['engine', `${engine.name}, ${engine.precision}, ${engine.device}`],
    ...(fit.precisionLoss === null ? [] : [['float32 costs', lossText(fit.precisionLoss)] as const]),
    ['time', duration(timings.totalMs)],
  ];
}
