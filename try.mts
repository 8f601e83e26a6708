import { readFileSync } from 'fs';
import { compileSource } from './src/compile.ts';
import { certify } from './src/derive/certificate.ts';
import { replay } from './src/derive/replay.ts';
import { printText } from './src/algebra/print.ts';
import { derivationText } from './src/report/derivation-text.ts';
import { stream } from './src/random.ts';
for (const f of process.argv.slice(2).filter(x=>!x.startsWith('-'))) {
  const text = readFileSync(f, 'utf8');
  try {
  const c0 = compileSource(text);
  console.log('##', f, c0.diagnostics.map(d => d.code+' '+d.message+' '+d.helps));
  const d = c0.derivation; if (!d) continue;
  if (process.argv.includes('--text')) console.log(derivationText(d));
  const c = certify(d, stream('1','c')); for (const x of c) if (!x.passed) console.log('  CERT FAIL', x.parameter, x.name, x.detail);
  const r = replay(d, stream('1','r')); for (const x of r) if (!x.passed) console.log('  REPLAY FAIL', x.step.rule, x.step.parameter, x.detail, '\n     ', printText(x.step.after).slice(0,300));
  console.log('   ok', c.length, r.length, JSON.stringify([c0.plan.pairs, c0.plan.pooledScatter, c0.plan.sharedQuadratic]), d.conditional);
  } catch (e) { console.log('  THROW', (e as Error).stack?.split('\n').slice(0,4).join('\n')); }
}
