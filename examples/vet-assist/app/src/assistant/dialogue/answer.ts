// Owns answers to the assistant's own questions: "Bella", "the second one", "10:30", "yes".
import { findChoice, isNo, isYes } from '../entities/values.ts'
import { type Guess, offeredOf } from '../language/classifier.ts'
import { plain } from '../language/mask.ts'
import { type Listener, petsFor, readAs } from './read.ts'
import type { Memory, Question, Request, Slot } from './request.ts'

/** Longer messages answer nothing: they want something else. */
const MOST_WORDS = 9
/** So sure must the classifier be of something else before a message is no answer. */
const SURELY = 0.8

/** The request of an open question with the answer in it; undefined when the message is none. */
export function answerTo(
  question: Question,
  text: string,
  guesses: readonly Guess[],
  memory: Memory,
  listener: Listener,
): Request | undefined {
  const { request, wants, slots = [], items = [] } = question
  const best = guesses[0]
  if (best?.intent === 'emergency' && best.confidence >= listener.confidence) return undefined
  if (isNo(text) || /^cancel(?: (?:that|it|this))?\W*$/i.test(text)) return undefined
  if (wants === 'body') return { ...request, body: text }
  if (wants === 'guess') return chooseGuess(request, text, memory, listener)
  if (wants === 'offer') return isYes(text) ? request : undefined

  const said = readAs(request.intent, text, memory, listener)
  const isElse = best !== undefined && best.confidence >= SURELY && ![request.intent, 'social'].includes(best.intent)
  const isAside = isElse || text.split(/\s+/).length > MOST_WORDS
  const both = `${request.text} ${text}`
  switch (wants) {
    case 'pet':
      if (!said.saysPet || (isAside && said.pets.length === 0)) return undefined
      return { ...request, ...petsFor(request.intent, text, memory), text: both }
    case 'kind':
      return said.kind && !isAside ? { ...request, kind: said.kind, text: both } : undefined
    case 'when':
      return said.moments.length > 0 ? withTime(request, said) : undefined
    case 'slot': {
      const chosen = findChoice(text, slots.length) ?? (isYes(text) && slots.length === 1 ? 0 : undefined)
      const slot = chosen === undefined ? slotAt(slots, said) : slots[chosen]
      if (slot) return { ...request, slot }
      const isOther = said.moments.length > 0 || said.vetId !== undefined
      return isOther && !isAside ? withTime(request, said) : undefined
    }
    case 'item': {
      const chosen = findChoice(text, items.length)
      const item = chosen === undefined ? closest(items, said, text) : items[chosen]
      return item && { ...request, item: item.id }
    }
    case 'change':
      return isAside ? undefined : { ...readAs(request.intent, both, memory, listener), pets: request.pets }
  }
}

function theOnly<T>(list: readonly T[]): T | undefined {
  return list.length === 1 ? list[0] : undefined
}

/** The one item that shares most words with the answer, if there is one. */
function closest(items: NonNullable<Question['items']>, said: Request, text: string): { id: string } | undefined {
  const asked = plain(text).match(/[a-z]{4,}/g) ?? []
  const score = ({ petId, words }: { petId: string; words: string }): number => {
    const isPet = said.saysPet && said.pets.some((pet) => pet.petId === petId)
    return (isPet ? 1 : 0) + asked.filter((word) => plain(words).includes(word)).length
  }
  const most = Math.max(0, ...items.map(score))
  return most === 0 ? undefined : theOnly(items.filter((item) => score(item) === most))
}

/** "10:30" alone stays on the day that was spoken of; a new day replaces the old one and keeps the time. */
function withTime(request: Request, said: Request): Request {
  const [next] = said.moments
  const before = request.moments.at(-1)
  const staysOnDay = next && next.from === undefined && next.instant === undefined && before?.from !== undefined
  const moments = staysOnDay
    ? [{ ...before, ...next, after: before.after }]
    : said.moments.map((moment) => ({ ...(before?.time !== undefined && { time: before.time }), ...moment }))
  return {
    ...request,
    moments: next ? moments : request.moments,
    ...(said.vetId !== undefined && { vetId: said.vetId }),
  }
}

/** The offered slot that a time, a vet or a day with one slot names. */
function slotAt(slots: readonly Slot[], { moments, vetId: wanted }: Request): Slot | undefined {
  const moment = moments.at(-1)
  const fitting = slots.filter(
    ({ startsAt, vetId }) =>
      (moment?.time === undefined || startsAt.slice(11, 16) === moment.time) &&
      (moment?.from === undefined || startsAt.slice(0, 10) === moment.from) &&
      (wanted === undefined || vetId === wanted),
  )
  const isNamed = moment?.time !== undefined || (wanted !== undefined && moment === undefined)
  if (isNamed) return fitting[0]
  return moment?.from === undefined ? undefined : theOnly(fitting)
}

/** The chosen guess, for the words of the message before. */
function chooseGuess(request: Request, text: string, memory: Memory, listener: Listener): Request | undefined {
  const offered = offeredOf(request.guesses)
  const at = findChoice(text, offered.length) ?? (isYes(text) ? 0 : undefined)
  const chosen = at === undefined ? undefined : offered[at]
  return chosen && { ...readAs(chosen.intent, request.text, memory, listener), guesses: request.guesses }
}
