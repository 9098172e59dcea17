// Owns when "I can only help with your pets" is said. To turn a person away who has an emergency is worse than to ask once more.
import type { Guess } from './classifier.ts'
import { conceptOf } from './concepts.ts'
import { maskedWords } from './mask.ts'

/** Of the guesses "out of scope" without a word of the clinic, cross-validation finds nine of ten right above, and six of ten below. */
const SURELY_OUTSIDE = 0.7
/** With a word of the clinic, cross-validation finds one of four right, however sure the guess is. */
const OF_THE_CLINIC = new Set(
  'petname vetname doseamount weightamount =vaccine =appointment =medicine =clinic =animal =remind =poison'.split(' '),
)

export function isOutOfScope(text: string, [best]: readonly Guess[], petNames: readonly string[] = []): boolean {
  return (
    best?.intent === 'out_of_scope' &&
    best.confidence >= SURELY_OUTSIDE &&
    !maskedWords(text, petNames).some((word) => OF_THE_CLINIC.has(word) || OF_THE_CLINIC.has(conceptOf(word)))
  )
}
