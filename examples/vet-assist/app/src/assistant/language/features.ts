import { conceptOf } from './concepts.ts'

/**
 * What a linear classifier sees of an utterance: words, pairs of neighbours and pairs over one word, the same again with words of
 * one meaning made one, and pieces of words (for typos).
 */
export function featuresOf(words: readonly string[]): Map<string, number> {
  const features = new Map<string, number>()
  addSequence(features, words, '', 1)
  addSequence(features, words.map(conceptOf), '=', 0.7)
  for (const word of new Set(words)) for (const piece of piecesOf(word)) features.set(`c ${piece}`, 0.3)
  const norm = Math.hypot(...features.values())
  for (const [feature, value] of features) features.set(feature, value / norm)
  return features
}

function addSequence(features: Map<string, number>, words: readonly string[], kind: string, weight: number): void {
  const padded = ['^', ...words, '$']
  padded.forEach((word, at) => {
    const next = padded[at + 1]
    const afterNext = padded[at + 2]
    if (at > 0 && next !== undefined) features.set(`${kind}w ${word}`, weight)
    if (next !== undefined) features.set(`${kind}b ${word} ${next}`, 0.8 * weight)
    if (afterNext !== undefined) features.set(`${kind}s ${word} ${afterNext}`, 0.5 * weight)
  })
}

function piecesOf(word: string): string[] {
  const marked = `<${word}>`
  const pieces: string[] = []
  for (const length of [3, 4])
    for (let start = 0; start + length <= marked.length; start++) pieces.push(marked.slice(start, start + length))
  return pieces
}
