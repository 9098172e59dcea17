// Owns how good the classifier is: figures over a set, and cross-validation over the corpus, from which thresholds are chosen.
import type { Classifier } from './classifier.ts'
import { train } from './classifier.ts'
import type { Example } from './corpus.ts'
import type { Intent } from './intents.ts'
import { isOutOfScope } from './scope.ts'

export interface Judged {
  wanted: Intent
  got: Intent
  confidence: number
  /** Whether the wanted intent is among the three best. */
  offered: boolean
  text: string
  /** Whether it is told that it is out of scope. */
  turnedAway: boolean
}

export interface Figures {
  count: number
  accuracy: number
  amongThree: number
  /** Share of utterances whose best guess reaches the threshold, and how many of these are right. */
  answered: number
  precision: number
}

export function judge(classifier: Classifier, examples: readonly Example[]): Judged[] {
  return examples.map(({ intent, text }) => {
    const guesses = classifier.classify(text)
    const best = guesses[0]
    if (best === undefined) throw new Error('there are no intents')
    const offered = guesses.slice(0, 3).some((guess) => guess.intent === intent)
    return {
      wanted: intent,
      got: best.intent,
      confidence: best.confidence,
      offered,
      text,
      turnedAway: isOutOfScope(text, guesses),
    }
  })
}

export function figuresOf(judged: readonly Judged[], threshold: number): Figures {
  const isRight = ({ wanted, got }: Judged): boolean => wanted === got
  const sure = judged.filter(({ confidence }) => confidence >= threshold)
  return {
    count: judged.length,
    accuracy: judged.filter(isRight).length / judged.length,
    amongThree: judged.filter(({ offered }) => offered).length / judged.length,
    answered: sure.length / judged.length,
    precision: sure.filter(isRight).length / sure.length,
  }
}

export interface ScopeFigures {
  outside: number
  /** Of those outside: told so, or taken for something else above the threshold. The others are offered guesses. */
  toldSo: number
  mistaken: number
  inside: number
  /** Of those inside: told that they are outside. */
  turnedAway: number
}

export function scopeFiguresOf(judged: readonly Judged[], threshold: number): ScopeFigures {
  const outside = judged.filter(({ wanted }) => wanted === 'out_of_scope')
  const inside = judged.filter(({ wanted }) => wanted !== 'out_of_scope')
  return {
    outside: outside.length,
    toldSo: outside.filter(({ turnedAway }) => turnedAway).length,
    mistaken: outside.filter(({ got, confidence }) => got !== 'out_of_scope' && confidence >= threshold).length,
    inside: inside.length,
    turnedAway: inside.filter(({ turnedAway }) => turnedAway).length,
  }
}

/** Every example is judged by a classifier that did not see it. */
export function crossValidate(examples: readonly Example[], folds: number): Judged[] {
  return Array.from({ length: folds }, (_, fold) => fold).flatMap((fold) => {
    const left = examples.filter((_, at) => at % folds === fold)
    const rest = examples.filter((_, at) => at % folds !== fold)
    return judge(train(rest), left)
  })
}
