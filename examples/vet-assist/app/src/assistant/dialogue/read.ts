// Owns what is read in a message whatever it is about: pets, days and times, weights, kinds of appointment.
import { type ClinicClock, readMoments } from '../entities/moments.ts'
import { findPets, type Pet } from '../entities/pets.ts'
import { readRecurrence } from '../entities/recurrence.ts'
import { findKind, findVet, findWeight } from '../entities/values.ts'
import type { Classifier } from '../language/classifier.ts'
import type { Intent } from '../language/intents.ts'
import type { Memory, Request } from './request.ts'

export interface Listener {
  classifier: Classifier
  clock: ClinicClock
  /** Below it, the three best guesses are offered. */
  confidence: number
}

/** Intents whose dates lie behind: "he had it on Tuesday". */
const ABOUT_THE_PAST: ReadonlySet<string> = new Set<Intent>([
  'record_vaccination',
  'update_pet',
  'add_pet',
  'vaccination_history',
])
/** Intents that are about one pet, so that "he" or nothing at all means the pet of the sentences before. */
const ABOUT_A_PET: ReadonlySet<string> = new Set<Intent>([
  'pet_profile',
  'vaccination_history',
  'next_vaccination',
  'book',
  'set_reminder',
  'update_pet',
  'record_vaccination',
])
/** The entities of a message for an intent. */
export function readAs(intent: Request['intent'], text: string, memory: Memory, { clock }: Listener): Request {
  const { repeat, rest: once } = readRecurrence(text)
  const { moments, rest } = readMoments(once, clock, ABOUT_THE_PAST.has(intent))
  const kind = findKind(text) ?? (/\b(?:it|that|this|one)\b/i.test(text) ? memory.kind : undefined)
  const vetId = findVet(text)
  const weightKg = findWeight(text)
  return {
    intent,
    guesses: [],
    text,
    moments,
    rest,
    ...petsFor(intent, text, memory),
    ...(repeat && { repeat }),
    ...(kind && { kind }),
    ...(vetId !== undefined && { vetId }),
    ...(weightKg !== undefined && { weightKg }),
  }
}

export function petsFor(
  intent: Request['intent'],
  text: string,
  { pets = [], topic }: Memory,
): Pick<Request, 'pets' | 'all' | 'saysPet' | 'stranger'> {
  const { stranger, ...found } = findPets(text, pets)
  if (stranger !== undefined) return { pets: [], all: false, saysPet: true, stranger }
  if (found.pets.length > 0) return { pets: found.pets, all: false, saysPet: true }
  if (found.all) return { pets, all: true, saysPet: true }
  const meant = topic ?? only(pets)
  if (meant && (ABOUT_A_PET.has(intent) || found.pronoun)) return { pets: [meant], all: false, saysPet: found.pronoun }
  return { pets: [], all: false, saysPet: false }
}

function only(pets: readonly Pet[]): Pet | undefined {
  return pets.length === 1 ? pets[0] : undefined
}
