/// <reference lib="esnext.temporal" />
// Owns answers to the assistant's own questions: "Bella", "the second one", "10:30", "yes".
import type { Moment } from '../entities/moments.ts'
import { findChoice, isNo, isYes } from '../entities/values.ts'
import { type Guess, offeredOf } from '../language/classifier.ts'
import { plain } from '../language/mask.ts'
import { type Listener, petsFor, readAs } from './read.ts'
import type { Memory, Question, Request, Slot } from './request.ts'

/** Longer messages answer nothing: they want something else. */
const MOST_WORDS = 9
/** A name alone answers, whatever it looks like. */
const FEW_WORDS = 3
/** What is open is dropped, and nothing that is booked is meant. */
export const DROPS = /^(?:please )?(?:cancel|stop|drop)(?: (?:that|it|this))?\W*$/i

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
  if (isNo(text) || DROPS.test(text)) return undefined
  if (wants === 'body') return { ...request, body: text }
  if (wants === 'guess') return chooseGuess(request, text, memory, listener)
  if (wants === 'offer') return isYes(text) ? request : undefined

  const said = readAs(request.intent, text, memory, listener)
  const words = text.split(/\s+/).length
  const enough = words > FEW_WORDS && wants === 'pet' ? listener.confidence : SURELY
  const differs = best !== undefined && ![request.intent, 'social'].includes(best.intent)
  // "The day after tomorrow" is a day and nothing else, whatever it looks like.
  const left = said.rest.match(/[a-z']{2,}/gi)?.length ?? 0
  const isOnlyTime = said.moments.length > 0 && left <= FEW_WORDS
  const isElse = differs && !isOnlyTime && best.confidence >= enough
  // A sentence with a day in it may be another wish: "is anything free on Friday?"
  const isWish = differs && !isOnlyTime && best.confidence >= listener.confidence
  const isAside = isElse || words > MOST_WORDS
  const both = `${request.text} ${text}`
  switch (wants) {
    case 'pet':
      if (!said.saysPet || (isAside && (isElse ? words > FEW_WORDS : said.pets.length === 0))) return undefined
      return withTime({ ...request, ...petsFor(request.intent, text, memory), text: both }, said)
    case 'kind':
      return said.kind && !isAside ? { ...request, kind: said.kind, text: both } : undefined
    case 'when':
      return said.moments.length > 0 && !isWish ? withTime(request, said) : undefined
    case 'slot': {
      const isFirst = /\b(?:earliest|soonest)\b/i.test(text) || (isYes(text) && slots.length === 1)
      const chosen = findChoice(text, slots.length) ?? (isFirst ? 0 : undefined)
      const slot = chosen === undefined ? slotAt(slots, said) : slots[chosen]
      if (slot) return { ...withDetails(request, said), slot }
      const isOther = said.moments.length > 0 || said.vetId !== undefined
      return isOther && !isAside ? withTime(request, said) : undefined
    }
    case 'item': {
      const chosen = findChoice(text, items.length)
      const item = chosen === undefined ? closest(items, said, text) : items[chosen]
      return item && { ...request, item: item.id }
    }
    case 'change':
      return isAside ? undefined : readBoth(request, both, memory, listener)
    case 'words': {
      // "Give the heart pill" is what a reminder says, and looks like one that is done.
      const isOther = isElse && best?.intent !== 'complete_reminder'
      return isOther || (isWish && /\?\s*$/.test(text)) ? undefined : readBoth(request, both, memory, listener)
    }
  }
}

/** The first message and the answer, read as one. */
function readBoth(request: Request, both: string, memory: Memory, listener: Listener): Request {
  const read = readAs(request.intent, both, memory, listener)
  return request.pets.length > 0 ? { ...read, pets: request.pets } : read
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

/** What the answer adds: "10:30" alone stays on the day that was spoken of, and a new day keeps the time. */
function withTime(request: Request, said: Request): Request {
  const [next] = said.moments
  const before = request.moments.at(-1)
  const staysOnDay = next && next.from === undefined && next.instant === undefined && before?.from !== undefined
  const moments = staysOnDay
    ? [{ ...before, ...next, after: before.after }]
    : said.moments.map((moment) =>
        within(before, { ...(before?.time !== undefined && { time: before.time }), ...moment }),
      )
  return { ...withDetails(request, said), moments: next ? moments : request.moments }
}

/** "Wednesday", when next week was spoken of, is the one of next week. */
function within(range: Moment | undefined, moment: Moment): Moment {
  const { from, to } = moment
  if (range?.from === undefined || range.to === undefined || from === undefined || from !== to || from >= range.from)
    return moment
  const later = Temporal.PlainDate.from(from).add({ weeks: 1 }).toString()
  return later >= range.from && later <= range.to ? { ...moment, from: later, to: later } : moment
}

/** A pet or a vet that was named along with an answer. */
function withDetails(request: Request, said: Request): Request {
  return {
    ...request,
    ...(said.saysPet && said.pets.length > 0 && { pets: said.pets, saysPet: true }),
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
