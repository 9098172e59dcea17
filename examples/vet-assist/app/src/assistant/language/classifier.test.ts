import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { CONFIDENCE } from '../dialogue/decide.ts'
import { PAGE, withFigures } from '../report.ts'
import { train } from './classifier.ts'
import { readCorpus, readHeldOut } from './corpus.ts'
import { figuresOf, judge, scopeFiguresOf } from './evaluate.ts'
import { INTENTS } from './intents.ts'
import { maskedWords } from './mask.ts'

/** docs/reference/assistant.md states it. */
const LEAST_ACCURACY = 0.84

const corpus = readCorpus()
const heldOut = readHeldOut()
const classifier = train(corpus)

function countOf(examples: typeof corpus, intent: string): number {
  return examples.filter((example) => example.intent === intent).length
}

function normalised(text: string): string {
  return maskedWords(text, []).join(' ')
}

test('every intent has at least 100 utterances to learn from and 15 held out', () => {
  for (const intent of INTENTS) {
    assert.ok(countOf(corpus, intent) >= 100, `${intent}: ${countOf(corpus, intent)}`)
    assert.ok(countOf(heldOut, intent) >= 15, `${intent}: ${countOf(heldOut, intent)} held out`)
  }
})

test('nothing that is held out is in the corpus, also with other names and dates', () => {
  const learned = new Set(corpus.map(({ text }) => normalised(text)))
  assert.deepEqual(
    heldOut.filter(({ text }) => learned.has(normalised(text))),
    [],
  )
})

test('the held-out set is understood at least as well as the page says', () => {
  const { accuracy, amongThree } = figuresOf(judge(classifier, heldOut), 0)
  assert.ok(accuracy >= LEAST_ACCURACY, `${accuracy}`)
  assert.ok(amongThree >= 0.93, `${amongThree}`)
})

test('most of what is out of scope is told so, little of it is taken for something else, and little else is turned away', () => {
  const { outside, toldSo, mistaken, inside, turnedAway } = scopeFiguresOf(judge(classifier, heldOut), CONFIDENCE)
  assert.ok(toldSo / outside >= 0.6 && mistaken / outside <= 0.1, `${toldSo} told, ${mistaken} mistaken of ${outside}`)
  assert.ok(turnedAway / inside <= 0.03, `${turnedAway} of ${inside}`)
})

test('the same corpus gives the same classifier', () => {
  const again = train(corpus)
  for (const { text } of heldOut.slice(0, 40)) assert.deepEqual(again.classify(text), classifier.classify(text))
})

test('a name that only the clinic knows is a name', () => {
  const [best] = classifier.classify('how much does Zyxwv weigh', ['Zyxwv'])
  assert.equal(best?.intent, 'pet_profile')
})

test('the page of the assistant shows the figures as they are', () => {
  const page = readFileSync(PAGE, 'utf8')
  assert.equal(page, withFigures(page), 'run `npm run assistant:report`')
  assert.ok(page.includes(`under ${LEAST_ACCURACY * 100} %`))
})
