// Owns the intent classifier: multinomial logistic regression over sparse features, trained anew in each process. No file of
// weights, no chance in it: the same corpus gives the same classifier.
import type { Example } from './corpus.ts'
import { featuresOf } from './features.ts'
import { INTENTS, type Intent } from './intents.ts'
import { maskedWords } from './mask.ts'

export interface Guess {
  intent: Intent
  /** 0 to 1; all guesses of an utterance add up to 1. */
  confidence: number
}

/** The three best guesses of which a person can choose one. */
export function offeredOf(guesses: readonly Guess[]): Guess[] {
  return guesses.filter(({ intent }) => intent !== 'out_of_scope' && intent !== 'social').slice(0, 3)
}

export interface Classifier {
  /** All intents, the most likely first. */
  classify: (text: string, petNames?: readonly string[]) => Guess[]
}

interface Row {
  label: number
  ids: Int32Array
  values: Float64Array
}

const EPOCHS = 5
const RATE = 0.6
/** Rare features say little: a feature must be seen this often. */
const LEAST_SEEN = 2
const SIZE = INTENTS.length

/** Learns from examples, in well under a second for a few thousand. */
export function train(examples: readonly Example[]): Classifier {
  const sparse = examples.map(({ text }) => featuresOf(maskedWords(text, [])))
  const known = countFeatures(sparse)
  const rows = examples.map(({ intent }, at) =>
    toRow(INTENTS.indexOf(intent), sparse[at] ?? new Map<string, number>(), known),
  )
  const weights = fit(rows, known.size)
  return {
    classify(text, petNames = []) {
      const row = toRow(-1, featuresOf(maskedWords(text, petNames)), known)
      const shares = sharesOf(row, weights)
      return INTENTS.map((intent, at) => ({ intent, confidence: shares[at] ?? 0 })).sort(
        (a, b) => b.confidence - a.confidence,
      )
    },
  }
}

function countFeatures(sparse: readonly Map<string, number>[]): Map<string, number> {
  const seen = new Map<string, number>()
  for (const features of sparse) for (const feature of features.keys()) seen.set(feature, (seen.get(feature) ?? 0) + 1)
  const often = [...seen].filter(([, count]) => count >= LEAST_SEEN)
  return new Map(often.map(([feature], id) => [feature, id]))
}

function toRow(label: number, features: Map<string, number>, known: ReadonlyMap<string, number>): Row {
  const found = [...features].flatMap(([feature, value]) => {
    const id = known.get(feature)
    return id === undefined ? [] : [[id, value] as const]
  })
  return { label, ids: Int32Array.from(found, ([id]) => id), values: Float64Array.from(found, ([, value]) => value) }
}

/** AdaGrad: each weight has a pace of its own, so that rare words learn as much as common ones. */
function fit(rows: readonly Row[], features: number): Float64Array {
  const weights = new Float64Array(features * SIZE)
  const squares = new Float64Array(features * SIZE).fill(1e-3)
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (const row of inTurns(rows, epoch)) {
      const errors = sharesOf(row, weights)
      errors[row.label] = (errors[row.label] ?? 0) - 1
      for (let i = 0; i < row.ids.length; i++)
        learn(weights, squares, (row.ids[i] ?? 0) * SIZE, row.values[i] ?? 0, errors)
    }
  }
  return weights
}

function learn(weights: Float64Array, squares: Float64Array, from: number, value: number, errors: Float64Array): void {
  for (let intent = 0; intent < SIZE; intent++) {
    const gradient = (errors[intent] ?? 0) * value
    const square = (squares[from + intent] ?? 0) + gradient * gradient
    squares[from + intent] = square
    weights[from + intent] = (weights[from + intent] ?? 0) - (RATE * gradient) / Math.sqrt(square)
  }
}

/** Each epoch in another order, and the same one in each process: neighbours of one intent would pull one way. */
function inTurns(rows: readonly Row[], epoch: number): Row[] {
  const step = [769, 1009, 1297, 1583, 1877, 2089][epoch % 6] ?? 769
  return rows.map((_, at) => rows[(at * step + epoch) % rows.length]).filter((row) => row !== undefined)
}

function sharesOf(row: Row, weights: Float64Array): Float64Array {
  const scores = new Float64Array(SIZE)
  for (let i = 0; i < row.ids.length; i++) {
    const from = (row.ids[i] ?? 0) * SIZE
    const value = row.values[i] ?? 0
    for (let intent = 0; intent < SIZE; intent++)
      scores[intent] = (scores[intent] ?? 0) + value * (weights[from + intent] ?? 0)
  }
  const most = Math.max(...scores)
  const powers = scores.map((score) => Math.exp(score - most))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}
