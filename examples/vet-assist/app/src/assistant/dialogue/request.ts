// Owns what the assistant takes a message for: an intent and everything that was said about it.
import type { Moment } from '../entities/moments.ts'
import type { Pet } from '../entities/pets.ts'
import type { Repeat } from '../entities/recurrence.ts'
import type { AppointmentKind } from '../entities/values.ts'
import type { Guess } from '../language/classifier.ts'
import type { Intent } from '../language/intents.ts'

export interface Request {
  /** `unsure`: below the confidence; `nothing`: a yes or no to no question. */
  intent: Intent | 'unsure' | 'nothing'
  guesses: readonly Guess[]
  /** The person's words; with an answer to a question, both. */
  text: string
  /** The pets that it is about: named, or the one of the sentences before, or the only one. */
  pets: readonly Pet[]
  /** Whether a pet was named or meant by a word of this message. */
  saysPet: boolean
  all: boolean
  stranger?: string
  moments: readonly Moment[]
  repeat?: Repeat
  /** The text without dates and recurrence. */
  rest: string
  kind?: AppointmentKind
  vetId?: string
  weightKg?: number
  /** A slot of those that were offered. */
  slot?: Slot
  /** The id of an appointment or a reminder of those that were offered. */
  item?: string
  /** What a message or a reminder shall say. */
  body?: string
  /** A second wish of the same sentence, for later. */
  later?: string
  /** Written by the assistant and agreed to by the person. */
  drafted?: boolean
}

export interface Slot {
  startsAt: string
  vetId: string
  vetName: string
}

/** A question to the person: what is missing, and from what they may choose. */
export interface Question {
  request: Request
  wants: 'pet' | 'kind' | 'when' | 'slot' | 'item' | 'body' | 'change' | 'words' | 'guess' | 'offer'
  slots?: readonly Slot[]
  items?: readonly { id: string; petId: string; words: string }[]
}

/** What is known from the turns before. */
export interface Memory {
  pets?: readonly Pet[]
  /** The pet of the last turn that had one. */
  topic?: Pet
  /** What "for it" means. */
  kind?: AppointmentKind
  question?: Question
  last?: Request
}
