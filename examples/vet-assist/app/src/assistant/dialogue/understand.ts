// Owns how a message becomes a request: an answer to the question that is open, a "what about Bella?", or something new.
import { findPets } from '../entities/pets.ts'
import { isNo, isYes } from '../entities/values.ts'
import { plain } from '../language/mask.ts'
import { isOutOfScope } from '../language/scope.ts'
import { answerTo, DROPS } from './answer.ts'
import { type Listener, readAs } from './read.ts'
import type { Memory, Request } from './request.ts'

/** What tries to command the model. It has nothing to obey with; saying what it can do is the best answer. */
const COMMANDS_THE_MODEL =
  /\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|rules?|prompts?|told|permissions?|polic(?:y|ies)|login|checks?|security)\b|\b(?:system prompt|developer mode|jailbreak|you are now|act as|pretend (?:to be|you|that you))\b/

/** "… and …" with a wish on each side: the first one is done, and the other is named, so that it is not lost unseen. */
export function understand(text: string, memory: Memory, listener: Listener): Request {
  const wishes = twoWishes(text, memory, listener)
  return wishes
    ? { ...understandOne(wishes[0], memory, listener), later: wishes[1] }
    : understandOne(text, memory, listener)
}

function twoWishes(
  text: string,
  { pets = [], question }: Memory,
  { classifier }: Listener,
): [string, string] | undefined {
  const [first = '', second = '', third] = text.split(/[,;.]? (?:and|then|and then|and also) /i)
  if (second === '' || third !== undefined || question !== undefined) return undefined
  const names = pets.map(({ name }) => name)
  const [a, b] = [first, second].map((half) => classifier.classify(half, names)[0])
  const areSure = a !== undefined && b !== undefined && Math.min(a.confidence, b.confidence) >= SURELY
  return areSure && a.intent !== b.intent && [a, b].every(({ intent }) => !ALONE.has(intent))
    ? [first, second]
    : undefined
}

const SURELY = 0.7
/** What is no wish, or must not be cut in two. */
const ALONE: ReadonlySet<string> = new Set(['social', 'out_of_scope', 'help', 'emergency', 'article', 'message_clinic'])

function understandOne(text: string, memory: Memory, listener: Listener): Request {
  const names = (memory.pets ?? []).map(({ name }) => name)
  const guesses = listener.classifier.classify(text, names)
  const best = guesses[0]
  const corrected = correction(text, memory)
  if (corrected) return corrected
  const answer = memory.question && answerTo(memory.question, text, guesses, memory, listener)
  if (answer) return answer
  const isSure =
    best?.intent === 'out_of_scope'
      ? isOutOfScope(text, guesses, names)
      : best !== undefined && best.confidence >= listener.confidence
  const asked = readAs(best !== undefined && isSure ? best.intent : 'unsure', text, memory, listener)
  if (COMMANDS_THE_MODEL.test(plain(text))) return { ...asked, intent: 'out_of_scope', guesses }
  if (isYes(text) || isNo(text) || (memory.question && DROPS.test(text)))
    return { ...asked, intent: 'nothing', guesses }
  return followUp(asked, text, memory, listener) ?? { ...asked, guesses }
}

/** "No, Bella", "the other one": the last request again, for another pet. */
function correction(text: string, { last, pets = [] }: Memory): Request | undefined {
  const said = plain(text).trim()
  const [, meant = ''] =
    /^(?:(?:no|nope|oops|sorry|wait|not (?:him|her|that one))[\s,.!:-]+)+(?:i mean(?:t)? |for )?(.{2,40})$/.exec(
      said,
    ) ?? []
  const isOther = /^(?:i mean(?:t)? |for )?(?:the|my) other (?:one|pet|dog|cat|rabbit)\W*$/.test(meant || said)
  const others = pets.filter(({ petId }) => !last?.pets.some((pet) => pet.petId === petId))
  const found = isOther ? others : findPets(meant, pets).pets
  const isNamed = isOther ? last?.pets.length === 1 : meant.split(/\s+/).length <= 3
  if (last === undefined || !PLANNED.has(last.intent) || !isNamed || found.length !== 1) return undefined
  const { slot: _, item: _item, ...again } = last
  return { ...again, pets: found, all: false, saysPet: true }
}

/** What has a pet that can be another one; a reminder has its name in its words as well. */
const PLANNED: ReadonlySet<string> = new Set<Request['intent']>([
  'pet_profile',
  'vaccination_history',
  'next_vaccination',
  'find_slots',
  'book',
  'list_appointments',
  'list_reminders',
])

/** "And Bella?", "what about Friday?": the last request again, with this changed. */
function followUp(asked: Request, text: string, { last, pets = [] }: Memory, listener: Listener): Request | undefined {
  if (last === undefined || last.intent === 'nothing' || last.intent === 'unsure') return undefined
  const isShort = /^(?:and|what about|how about|same for|also for|and for|and what about)\b.{0,40}$/.test(
    plain(text).trim(),
  )
  if (!isShort) return undefined
  const found = findPets(text, pets)
  if (found.pets.length === 0 && asked.moments.length === 0) return undefined
  const again = readAs(last.intent, last.text, { pets }, listener)
  return {
    ...again,
    text: last.text,
    ...(found.pets.length > 0
      ? { pets: found.pets, all: false, saysPet: true }
      : { pets: last.pets, saysPet: last.saysPet }),
    ...(asked.moments.length > 0 && { moments: asked.moments }),
  }
}
