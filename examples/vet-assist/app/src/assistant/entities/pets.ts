// Owns how pets are found in a text: by the names that the clinic gave, by what they are, and by "he" or "it".
import { COMMON_NAMES, plain } from '../language/mask.ts'

export interface Pet {
  petId: string
  name: string
  species: string
}

const SPECIES: Readonly<Record<string, RegExp>> = {
  dog: /\b(?:dogs?|dogg(?:y|ie|ies)|pup(?:py|pies)?|hound)\b/,
  cat: /\b(?:cats?|kitt(?:y|en|ens|ies)|moggy)\b/,
  rabbit: /\b(?:rabbits?|bunn(?:y|ies))\b/,
}
const PRONOUN = /\b(?:he|him|his|she|her|hers|it|its|they|them|their)\b/
const ALL =
  /\b(?:both|all (?:of )?(?:my|our|the|three)|all pets|any of (?:my|our|them|mine)|my pets|our pets|my animals|which of (?:my|our)|each of)\b/
/** Names that are words as well: only with a capital letter they are names. */
const WORDS_TOO = new Set(
  'clover cookie daisy ginger jack lucky max patch penny pepper pickle poppy ruby sam shadow tiger willow'.split(' '),
)

export interface FoundPets {
  pets: Pet[]
  /** All pets are meant. */
  all: boolean
  /** "him": the pet of the sentences before. */
  pronoun: boolean
  /** A name that none of the person's pets has. */
  stranger?: string
}

/** Finds pets; a letter may be wrong in a name of four or more. */
export function findPets(text: string, pets: readonly Pet[]): FoundPets {
  const lower = plain(text)
  const words = (lower.match(/[a-z]+(?:'s)?/g) ?? []).map((word) => word.replace(/'s$/, ''))
  const named = pets.filter(({ name }) => isNamed(plain(name), lower, words))
  const bySpecies = pets.filter(({ species }) => SPECIES[species]?.test(lower) === true)
  const all = ALL.test(lower)
  const stranger = named.length > 0 ? undefined : findStranger(text, pets)
  return {
    pets: named.length > 0 ? named : all || stranger !== undefined ? [] : bySpecies,
    all: all && named.length === 0,
    pronoun: PRONOUN.test(lower),
    ...(stranger !== undefined && { stranger }),
  }
}

function isNamed(name: string, text: string, words: readonly string[]): boolean {
  if (name.includes(' ')) return text.includes(name)
  return words.some(
    (word) =>
      word === name ||
      word === `${name}s` ||
      (name.length >= 4 && isOneOff(word, name) && !COMMON_NAMES.includes(word)),
  )
}

/** One letter changed, missing, added, or two neighbours swapped. Short words are too much alike for this. */
function isOneOff(word: string, name: string): boolean {
  if (word[0] !== name[0] || word.length < 4 || Math.abs(word.length - name.length) > 1) return false
  let start = 0
  while (start < name.length && word[start] === name[start]) start++
  const [a, b] = [word.slice(start), name.slice(start)]
  return (
    a.slice(1) === b.slice(1) ||
    a.slice(1) === b ||
    a === b.slice(1) ||
    (a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2))
  )
}

function findStranger(text: string, pets: readonly Pet[]): string | undefined {
  const own = new Set(pets.map(({ name }) => plain(name)))
  for (const [word] of text.matchAll(/[A-Za-zÀ-ÿ]+/g)) {
    const name = plain(word).replace(/s$/, (ending) => (COMMON_NAMES.includes(plain(word)) ? ending : ''))
    if (!COMMON_NAMES.includes(name) || own.has(name)) continue
    if (word[0] !== word[0]?.toUpperCase() && WORDS_TOO.has(name)) continue
    return name.charAt(0).toUpperCase() + name.slice(1)
  }
  return undefined
}
