// Owns small things in a text: weights, kinds of appointment, vets, choices from a list, yes and no.
import { plain } from '../language/mask.ts'

export type AppointmentKind = 'vaccination' | 'nail-trim' | 'check-up' | 'consultation' | 'dental'

const KINDS: readonly [AppointmentKind, RegExp][] = [
  ['nail-trim', /\b(?:nails?|claws?)\b/],
  ['dental', /\b(?:dentals?|dentist|teeth|tooth|bad breath|tartar|gums)\b/],
  [
    'vaccination',
    /\b(?:vaccin\w*|vacin\w*|vacc?s?|vaxx?|jabs?|shots?|boosters?|injections?|needle|lepto\w*|parvo|rabies|kennel cough|myxi|flu)\b/,
  ],
  [
    'check-up',
    /\b(?:check-?ups?|check up|health check|follow-?up|follow up|re-?check|yearly check|annual check|check)\b/,
  ],
  [
    'consultation',
    /\b(?:consult\w*|limp\w*|itch\w*|scratch\w*|ears?|eyes?|vomit\w*|sick|cough\w*|diarrh\w*|lump|pain|not eating|problem|poorly|unwell|kidneys?|skin)\b/,
  ],
]

export function findKind(text: string): AppointmentKind | undefined {
  const lower = plain(text)
  return KINDS.find(([, pattern]) => pattern.test(lower))?.[0]
}

export const KIND_IN_WORDS: Readonly<Record<AppointmentKind, string>> = {
  vaccination: 'vaccination',
  'nail-trim': 'nail trim',
  'check-up': 'check-up',
  consultation: 'consultation for a new problem',
  dental: 'dental assessment',
}

export function isKind(text: unknown): text is AppointmentKind {
  return typeof text === 'string' && text in KIND_IN_WORDS
}

/** The clinic's vets by surname; their ids are in the schema of its tools. */
export function findVet(text: string): string | undefined {
  const lower = plain(text)
  return ['hart', 'patel'].filter((name) => new RegExp(`\\b${name}\\b`).test(lower)).map((name) => `vet_${name}`)[0]
}

const POUND_KG = 0.453_592_37

/** A weight in kilograms, rounded to ten grams. */
export function findWeight(text: string): number | undefined {
  const [, amount = '', unit = ''] =
    /(\d{1,3}(?:[.,]\d{1,2})?) ?(kgs?|kilos?|kilograms?|lbs?|pounds?|g|grams?)\b/.exec(plain(text)) ?? []
  const value = Number(amount.replace(',', '.'))
  if (amount === '' || value <= 0) return undefined
  const factor = unit.startsWith('k') ? 1 : unit.startsWith('g') ? 0.001 : POUND_KG
  return Math.round(value * factor * 100) / 100
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth']
const COUNTS = ['one', 'two', 'three', 'four', 'five', 'six']

/** Which of `count` options a short answer chooses, from 0. */
export function findChoice(text: string, count: number): number | undefined {
  const lower = plain(text).trim()
  const at =
    /\blast\b/.test(lower) && count > 0
      ? count - 1
      : ORDINALS.findIndex((word, index) => new RegExp(`\\b(?:${word}|${index + 1}(?:st|nd|rd|th))\\b`).test(lower))
  const bare =
    /^(?:the |number |no\.? |option |#)*(\d|one|two|three|four|five|six)(?: please| pls| thanks)?[.!]*$/.exec(
      lower,
    )?.[1]
  const chosen = bare === undefined ? at : COUNTS.includes(bare) ? COUNTS.indexOf(bare) : Number(bare) - 1
  return chosen >= 0 && chosen < count ? chosen : undefined
}

export function isYes(text: string): boolean {
  if (isNo(text)) return false
  return /^(?:yes|yep|yeah|yup|ye|ok|okay|sure|please do|go ahead|do it|of course|correct|right|that's right|exactly|absolutely|aye)\b[^?]{0,24}$/.test(
    plain(text).trim(),
  )
}

export function isNo(text: string): boolean {
  return /^(?:(?:actually|oh|oops|ok|okay|well|hm+|sorry|wait)[ ,.]+)*(?:no|nope|nah|never ?mind|forget (?:it|that|about it)|leave it|not (?:now|that one|this one)|don't|stop|neither|none)\b[^?]{0,24}$/.test(
    plain(text).trim(),
  )
}
