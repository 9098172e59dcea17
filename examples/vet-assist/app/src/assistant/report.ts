// `npm run assistant:report`: writes the figures of the classifier into docs/reference/assistant.md, between two markers.
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { CONFIDENCE } from './dialogue/decide.ts'
import { train } from './language/classifier.ts'
import { readCorpus, readHeldOut } from './language/corpus.ts'
import {
  crossValidate,
  type Figures,
  figuresOf,
  type Judged,
  judge,
  type ScopeFigures,
  scopeFiguresOf,
} from './language/evaluate.ts'
import { INTENTS } from './language/intents.ts'

export const PAGE = new URL('../../../../../docs/reference/assistant.md', import.meta.url)
const BEGIN = '<!-- figures: written by `npm run assistant:report` -->'
const END = '<!-- end of figures -->'
const THRESHOLDS = [0.4, CONFIDENCE, 0.6]

/** The page with its figures as they are now. */
export function withFigures(page: string): string {
  const [before, rest] = page.split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) throw new Error(`the page needs \`${BEGIN}\` and \`${END}\``)
  return `${before}${BEGIN}\n\n${figures()}\n\n${END}${after}`
}

function figures(): string {
  const corpus = readCorpus()
  const heldOut = judge(train(corpus), readHeldOut())
  const crossed = crossValidate(corpus, 5)
  const rows = [
    ...THRESHOLDS.map((threshold) => row('held out', threshold, figuresOf(heldOut, threshold))),
    ...THRESHOLDS.map((threshold) => row('corpus, five-fold', threshold, figuresOf(crossed, threshold))),
  ]
  return [
    `Corpus: ${corpus.length} utterances of ${INTENTS.length} intents. Held out: ${heldOut.length}.`,
    '',
    '| set | utterances | best guess right | among the three best | threshold | answered | right of these |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    'Out of scope, by the rule of `language/scope.ts`; what is neither told so nor mistaken is offered guesses:',
    '',
    '| set | out of scope | told so | mistaken for something else | in scope | turned away wrongly |',
    '| --- | --- | --- | --- | --- | --- |',
    scopeRow('held out', scopeFiguresOf(heldOut, CONFIDENCE)),
    scopeRow('corpus, five-fold', scopeFiguresOf(crossed, CONFIDENCE)),
    '',
    'Confusion matrix of the held-out set: a line is what was meant, a column what was understood, in the same order.',
    '',
    ...matrix(heldOut),
    '',
    'Held-out utterances that were misunderstood:',
    '',
    ...heldOut
      .filter(({ wanted, got }) => wanted !== got)
      .map(
        ({ wanted, got, text, confidence }) => `- “${text}”: ${wanted}, understood as ${got} (${percent(confidence)})`,
      ),
  ].join('\n')
}

function row(set: string, threshold: number, { count, accuracy, amongThree, answered, precision }: Figures): string {
  return `| ${set} | ${count} | ${percent(accuracy)} | ${percent(amongThree)} | ${threshold} | ${percent(answered)} | ${percent(precision)} |`
}

function scopeRow(set: string, { outside, toldSo, mistaken, inside, turnedAway }: ScopeFigures): string {
  return `| ${set} | ${outside} | ${toldSo} | ${mistaken} | ${inside} | ${turnedAway} |`
}

function matrix(judged: readonly Judged[]): string[] {
  const count = (wanted: string, got: string): string => {
    const found = judged.filter((one) => one.wanted === wanted && one.got === got).length
    return found === 0 ? '' : String(found)
  }
  return [
    `| | meant | ${INTENTS.map((_, at) => at + 1).join(' | ')} |`,
    `| --- | --- | ${INTENTS.map(() => '---').join(' | ')} |`,
    ...INTENTS.map(
      (wanted, at) => `| ${at + 1} | ${wanted} | ${INTENTS.map((got) => count(wanted, got)).join(' | ')} |`,
    ),
  ]
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  writeFileSync(PAGE, withFigures(readFileSync(PAGE, 'utf8')))
