// Owns how good the classifier is: figures over a set, and cross-validation over the corpus, from which thresholds are chosen.
import type { Classifier } from './classifier.ts'
import { train } from './classifier.ts'
import type { Example } from './corpus.ts'
import type { Intent } from './intents.ts'

export interface Judged {
  wanted: Intent
  got: Intent
  confidence: number
  /** Whether the wanted intent is among the three best. */
  offered: boolean
  text: string
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
    return { wanted: intent, got: best.intent, confidence: best.confidence, offered, text }
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

/** Every example is judged by a classifier that did not see it. */
export function crossValidate(examples: readonly Example[], folds: number): Judged[] {
  return Array.from({ length: folds }, (_, fold) => fold).flatMap((fold) => {
    const left = examples.filter((_, at) => at % folds === fold)
    const rest = examples.filter((_, at) => at % folds !== fold)
    return judge(train(rest), left)
  })
}
