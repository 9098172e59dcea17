// Owns how a message becomes a request: an answer to the question that is open, a "what about Bella?", or something new.
import { findPets } from '../entities/pets.ts'
import { isNo, isYes } from '../entities/values.ts'
import { plain } from '../language/mask.ts'
import { answerTo } from './answer.ts'
import { type Listener, readAs } from './read.ts'
import type { Memory, Request } from './request.ts'

/** What tries to command the model. It has nothing to obey with; saying what it can do is the best answer. */
const COMMANDS_THE_MODEL =
  /\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|rules?|prompts?|told|permissions?|polic(?:y|ies)|login|checks?|security)\b|\b(?:system prompt|developer mode|jailbreak|you are now|act as|pretend (?:to be|you|that you))\b/

export function understand(text: string, memory: Memory, listener: Listener): Request {
  const names = (memory.pets ?? []).map(({ name }) => name)
  const guesses = listener.classifier.classify(text, names)
  const best = guesses[0]
  const answer = memory.question && answerTo(memory.question, text, guesses, memory, listener)
  if (answer) return answer
  const asked = readAs(
    best !== undefined && best.confidence >= listener.confidence ? best.intent : 'unsure',
    text,
    memory,
    listener,
  )
  if (COMMANDS_THE_MODEL.test(plain(text))) return { ...asked, intent: 'out_of_scope', guesses }
  if (isYes(text) || isNo(text)) return { ...asked, intent: 'nothing', guesses }
  return followUp(asked, text, memory, listener) ?? { ...asked, guesses }
}

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
