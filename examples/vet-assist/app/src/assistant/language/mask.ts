// Owns the form in which the classifier sees words: names, dates and amounts are told apart by kind only, so that it learns
// "book PET on DAY" once and not for every dog and weekday.

/** Names that pets have in the corpus and often elsewhere, for the time before the clinic has said which pets there are. */
export const COMMON_NAMES: readonly string[] =
  'alfie arlo bailey barney bella biscuit bonnie bruno buddy charlie cleo clover coco cookie cooper daisy dexter fido fidolino flopsy frankie george ginger harley hugo isabella jack jasper leo lola loki lucky lucy lulu luna max milo misty mittens molly monty nala oreo oscar otis patch penny pepper phido pickle poppy rex rocky rolo rosie roxy ruby sam shadow simba smokey smudge snowy socks sooty sophie stella teddy thumper tiger tilly toby willow winnie ziggy'.split(
    ' ',
  )

const WEEKDAY = 'mon|tues?|wed|thurs?|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)days?'
const MONTH =
  'jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec|january|february|april|june|july|august|september|october|november|december'
const KINDS: readonly [RegExp, string][] = [
  [/\b\d{15}\b/g, ' chipnumber '],
  [/\bvet_\w+\b|\b(?:dr|doctor)\.? (?:hart|patel)\b/g, ' vetname '],
  [/\b\d+(?:[.,]\d+)? ?(?:kgs?|kilos?|kilograms?|lbs?|pounds|stone)\b/g, ' weightamount '],
  [/\b(?:\d+(?:[.,]\d+)?|half a|half|one|two) ?(?:mls?|mg|drops?|tablets?|tabs?|pills?|capsules?)\b/g, ' doseamount '],
  [
    /\b\d{1,2}[:.]\d\d ?(?:am|pm)?\b|\b\d{1,2} ?(?:am|pm)\b|\bhalf past \w+\b|\bquarter (?:past|to) \w+\b|\b\d{1,2} o'?clock\b/g,
    ' clocktime ',
  ],
  [
    new RegExp(
      `\\b\\d{1,2}(?:st|nd|rd|th)?(?: of)? (?:${MONTH}|march|may)\\b|\\b(?:${MONTH}|march) \\d{1,2}(?:st|nd|rd|th)?\\b`,
      'g',
    ),
    ' calendarday ',
  ],
  [/\b\d{4}-\d\d-\d\d\b|\b\d{1,2}\/\d{1,2}(?:\/\d{2,4})?\b|\b\d{1,2}(?:st|nd|rd|th)\b/g, ' calendarday '],
  [new RegExp(`\\b(?:${WEEKDAY}|tomorrow|tmrw|tmw|${MONTH})\\b`, 'g'), ' calendarday '],
  [/\b\d+(?:[.,]\d+)?\b/g, ' number '],
]

/** Lower case, one kind of apostrophe, no accents. */
export function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[‘’`´]/g, "'")
    .toLowerCase()
}

/** The words of an utterance, with names and amounts replaced by their kind. */
export function maskedWords(text: string, petNames: readonly string[]): string[] {
  let masked = plain(text)
  for (const [pattern, word] of KINDS) masked = masked.replaceAll(pattern, word)
  const names = new Set([...COMMON_NAMES, ...petNames.map(plain)])
  const words = masked.match(/[a-z£]+(?:'[a-z]+)?/g) ?? []
  return words.flatMap((word) => {
    const [stem = '', ending] = word.split("'")
    const bare = names.has(stem) ? 'petname' : names.has(stem.replace(/s$/, '')) ? 'petname s' : stem
    return `${bare}${ending === undefined ? '' : ` ${ending}`}`.split(' ')
  })
}
