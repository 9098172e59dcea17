// Owns "every other day for a week": taken out of a text before dates are read in it, because a parser of dates takes it for one.

export interface Repeat {
  every: number
  unit: 'hour' | 'day' | 'week' | 'month' | 'year'
  /** How many days it goes on. */
  days?: number
}

const NUMBERS = ['', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve']
const COUNT = `(\\d{1,3}|${NUMBERS.slice(1).join('|')}|other|second)`
const WEEKDAY = '(?:mon|tues|wednes|thurs|fri|satur|sun)days?'
const PART = 'morning|evening|night|afternoon|lunchtime'

const RULES: readonly [RegExp, (match: RegExpExecArray) => Repeat, keep?: number][] = [
  [
    new RegExp(`\\bevery ${COUNT} ?(h|hours?|hrs?|days?|weeks?|months?|years?)\\b`, 'i'),
    (match) => ({ every: countOf(match[1] ?? ''), unit: unitOf(match[2] ?? '') }),
  ],
  [/\b(?:hourly|(?:every|each) hour)\b/i, () => ({ every: 1, unit: 'hour' })],
  [
    /\b(?:twice|two times|2 times|2x) ?(?:a day|per day|daily|each day|every day)\b/i,
    () => ({ every: 12, unit: 'hour' }),
  ],
  [
    /\b(?:three times|3 times|thrice|3x) ?(?:a day|per day|daily|each day|every day)\b/i,
    () => ({ every: 8, unit: 'hour' }),
  ],
  [/\b(?:four times|4 times|4x) ?(?:a day|per day|daily|each day|every day)\b/i, () => ({ every: 6, unit: 'hour' })],
  [new RegExp(`\\b(?:every|each) (${PART})\\b`, 'i'), () => ({ every: 1, unit: 'day' }), 1],
  [new RegExp(`\\b(?:every|each) (${WEEKDAY})\\b`, 'i'), () => ({ every: 1, unit: 'week' }), 1],
  [/\b(?:daily|(?:every|each|once a|once per) day)\b/i, () => ({ every: 1, unit: 'day' })],
  [/\b(?:weekly|(?:every|each|once a) week)\b/i, () => ({ every: 1, unit: 'week' })],
  [/\b(?:monthly|(?:every|each|once a) month)\b/i, () => ({ every: 1, unit: 'month' })],
  [/\b(?:yearly|annually|(?:every|each|once a) year)\b/i, () => ({ every: 1, unit: 'year' })],
]

const LENGTH = /\bfor (a|\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten) (days?|weeks?|months?)\b/i

/** The first recurrence in a text, and the text without it; a weekday or a part of the day stays, for the reader of dates. */
export function readRecurrence(text: string): { repeat?: Repeat; rest: string } {
  for (const [pattern, make, keep] of RULES) {
    const match = pattern.exec(text)
    if (match === null) continue
    const kept = keep === undefined ? '' : (match[keep] ?? '')
    const without = text.replace(match[0], kept)
    const length = LENGTH.exec(without)
    if (length === null) return { repeat: make(match), rest: without }
    const days = countOf(length[1] ?? '') * ({ d: 1, w: 7, m: 30 }[length[2]?.[0]?.toLowerCase() ?? 'd'] ?? 1)
    return { repeat: { ...make(match), days }, rest: without.replace(length[0], '') }
  }
  return { rest: text }
}

function countOf(word: string): number {
  const lower = word.toLowerCase()
  if (lower === 'a') return 1
  if (lower === 'other' || lower === 'second') return 2
  const at = NUMBERS.indexOf(lower)
  return at > 0 ? at : Number(lower)
}

function unitOf(word: string): Repeat['unit'] {
  const units = { h: 'hour', d: 'day', w: 'week', m: 'month', y: 'year' } as const
  return units[word[0]?.toLowerCase() as keyof typeof units]
}
