// Plans for appointments: what is free, what is booked, and changes to it. Each change is one call, which the app shows and asks for.
import { type Fields, rowsIn, textIn } from '../dialogue/conversation.ts'
import { DROPS } from '../dialogue/answer.ts'
import { explain, isAboutTheSlot } from '../dialogue/explain.ts'
import type { Request, Slot } from '../dialogue/request.ts'
import { dayInWords, instantInWords, listInWords, numbered } from '../dialogue/words.ts'
import { type Moment, today } from '../entities/moments.ts'
import { type AppointmentKind, isKind, KIND_IN_WORDS } from '../entities/values.ts'
import { plain } from '../language/mask.ts'
import { type Days, daysOf, laterOrEarlier, whenOver } from './days.ts'
import { attempt, get, type Known, onePet, ownPets, type Plan, type Planning, type Reply, unknownPet } from './plan.ts'

const OFFERED = 5

interface Booked {
  appointmentId: string
  petId: string
  petName: string
  kind: string
  startsAt: string
  vetName: string
}

export const book: Plan = function* (request, known) {
  const found = yield* onePet(request, known, 'I can book that.')
  if ('reply' in found) return found.reply
  const asked: Request = { ...request, pets: [found.pet] }
  const { kind } = asked
  if (kind === undefined)
    return { text: `What is the appointment for: ${kinds()}?`, question: { request: asked, wants: 'kind' } }

  const { petId, name } = found.pet
  const due = kind === 'vaccination' ? yield* get('next_vaccination', { petId }) : undefined
  const what = `${name}’s ${KIND_IN_WORDS[kind]}`
  const chosen = yield* chooseSlot(asked, kind, what, known, dueOn(due))
  if ('reply' in chosen) return chosen.reply

  const { startsAt, vetId } = chosen.slot
  const note = noteIn(asked, kind)
  const outcome = yield* attempt(
    'book_appointment',
    { petId, vetId, kind, startsAt, ...(note !== undefined && { note }) },
    chosen.words,
  )
  if (outcome.status === 'done')
    return {
      text: `Booked: ${name}, ${KIND_IN_WORDS[kind]}, ${instantInWords(textIn(outcome.value, 'startsAt'))} with ${textIn(outcome.value, 'vetName')}.`,
    }
  return yield* offerOthers(asked, kind, what, outcome, chosen.slots, known)
}

export const move: Plan = function* (request, known) {
  const found = yield* oneAppointment(request, known, 'move')
  if ('reply' in found) return found.reply
  const { appointment } = found
  const kind = isKind(appointment.kind) ? appointment.kind : 'check-up'
  const asked: Request = {
    ...request,
    item: appointment.appointmentId,
    moments: laterOrEarlier(request.text, appointment.startsAt) ?? targetOf(request, appointment),
  }
  const what = `${appointment.petName}’s ${KIND_IN_WORDS[kind]}`
  if (asked.slot === undefined && asked.moments.length === 0)
    return {
      text: `${what} is on ${instantInWords(appointment.startsAt)}. To when shall I move it?`,
      question: { request: asked, wants: 'when' },
    }
  const chosen = yield* chooseSlot(asked, kind, what, known)
  if ('reply' in chosen) return chosen.reply
  const { startsAt, vetId } = chosen.slot
  const outcome = yield* attempt(
    'move_appointment',
    { appointmentId: appointment.appointmentId, vetId, startsAt },
    chosen.words,
  )
  if (outcome.status === 'done')
    return {
      text: `Moved: ${what} is now on ${instantInWords(textIn(outcome.value, 'startsAt'))} with ${textIn(outcome.value, 'vetName')}.`,
    }
  return yield* offerOthers(asked, kind, what, outcome, chosen.slots, known)
}

export const cancel: Plan = function* (request, known) {
  const found = yield* oneAppointment(request, known, 'cancel')
  if ('reply' in found) return found.reply
  const { appointment } = found
  yield* get(
    'cancel_appointment',
    { appointmentId: appointment.appointmentId },
    `This is ${appointmentInWords(appointment)}.`,
  )
  return { text: `Cancelled: ${appointmentInWords(appointment)}. The time is free for others again.` }
}

export const listAppointments: Plan = function* (request, known) {
  if (request.stranger !== undefined) return { text: unknownPet(request.stranger, yield* ownPets(known)) }
  const asked = plain(request.text)
  const isPast =
    /\b(?:last|past|previous|history|were we|did i miss|have i missed)\b/.test(asked) && !/\bnext\b/.test(asked)
  const day = today(known.clock)
  const [moment] = request.moments
  const days = isPast
    ? { from: day.subtract({ years: 1 }).toString(), to: day.toString() }
    : moment?.from !== undefined && { from: moment.from, to: moment.to }
  const pet = request.saysPet && request.pets.length === 1 ? request.pets[0] : undefined
  const value = yield* get('list_appointments', {
    ...(pet && { petId: pet.petId }),
    ...days,
    ...(/cancelled/.test(asked) && { includeCancelled: true }),
  })
  const lines = bookedIn(value).map((one) => `• ${appointmentInWords(one)}`)
  const whose = pet ? ` for ${pet.name}` : ''
  if (lines.length === 0)
    return {
      text: `There is no appointment${whose}${isPast ? ' in the last year' : moment?.from === undefined ? ' to come' : ' in that time'}.`,
    }
  return { text: `${isPast ? 'Appointments of the last year' : 'Appointments'}${whose}:\n${lines.join('\n')}` }
}

export const findSlots: Plan = function* (request, known) {
  const over = whenOver(request, known)
  if (over) return over
  const kind = request.kind ?? 'check-up'
  const days = daysOf(request.moments.at(-1), known)
  const slots = yield* freeSlots(request, kind, days)
  const pets = request.pets.length === 1 ? request.pets : []
  const asked: Request = { ...request, intent: 'book', kind, pets }
  if (slots.length === 0) return nothingFree(asked, `a ${KIND_IN_WORDS[kind]}`, days)
  const offered = spread(slots)
  return {
    text: `Free for a ${KIND_IN_WORDS[kind]}:\n${numbered(offered.map(slotInWords))}\nShall I book one of them? Say which, or name another day.`,
    question: { request: asked, wants: 'slot', slots: offered },
  }
}

type Choice = { slot: Slot; words: string; slots: readonly Slot[] } | { reply: Reply }

/** The slot that was named or chosen; with a day and a part of it, the first free one. Else the person chooses. */
function* chooseSlot(
  request: Request,
  kind: AppointmentKind,
  what: string,
  known: Known,
  near?: string,
): Planning<Choice> {
  const over = whenOver(request, known)
  if (over) return { reply: over }
  const moment = request.moments.at(-1)
  const days = daysOf(moment, known, near)
  const slots = yield* freeSlots(request, kind, days)
  if (request.slot) return { slot: request.slot, words: `${what}: ${slotInWords(request.slot)}.`, slots }
  if (slots.length === 0) return { reply: nothingFree(request, what, days) }
  const atTime =
    moment?.time === undefined ? slots : slots.filter(({ startsAt }) => startsAt.slice(11, 16) === moment.time)
  const [slot, ...others] = atTime
  const isNarrow = days.from === days.to && (moment?.time !== undefined || moment?.partOfDay !== undefined)
  const isSoonest = /\b(?:asap|as soon as possible|earliest|soonest|first (?:available|free))\b/i.test(request.text)
  if (slot && (isNarrow || isSoonest)) {
    const times = timesOf(others, slot)
    const more =
      times.length === 0 || isSoonest
        ? ''
        : ` Also free: ${listInWords(times, 'and')}; say no and name one if you prefer it.`
    return { slot, words: `${what}: ${slotInWords(slot)} is free.${more}`, slots }
  }
  const offered = moment?.time === undefined ? spread(slots) : nearest(slots, moment.time)
  const why =
    moment?.time === undefined || atTime.length > 0
      ? `These times are free for ${what}:`
      : `${moment.time} is not free for ${what}. The nearest are:`
  return {
    reply: {
      text: `${why}\n${numbered(offered.map(slotInWords))}\nWhich one suits you? You can name another day, too.`,
      question: { request, wants: 'slot', slots: offered },
    },
  }
}

/** A few other times of day, each once: two vets may be free at the same. */
function timesOf(slots: readonly Slot[], than: Slot | undefined): string[] {
  const sameDay = slots.filter(
    ({ startsAt }) => startsAt.slice(0, 10) === than?.startsAt.slice(0, 10) && startsAt !== than.startsAt,
  )
  return [...new Set(sameDay.map(({ startsAt }) => startsAt.slice(11, 16)))].slice(0, 3)
}

/** After a no to the card, or when somebody was faster. */
function* offerOthers(
  request: Request,
  kind: AppointmentKind,
  what: string,
  outcome: Parameters<typeof explain>[0],
  before: readonly Slot[],
  known: Known,
): Planning<Reply> {
  const { slot: _, ...asked } = request
  if (outcome.status === 'declined') {
    const question = { request: asked, wants: 'slot', slots: before } as const
    const times = timesOf(before, before[0])
    return {
      text: `All right, nothing was booked or changed. If another time suits you better, name it${times.length === 0 ? '' : `, such as ${listInWords(times, 'or')}`}.`,
      question,
    }
  }
  if (!isAboutTheSlot(outcome)) return { text: explain(outcome) }
  const slots = spread(yield* freeSlots(asked, kind, daysOf(asked.moments.at(-1), known)))
  if (slots.length === 0)
    return {
      text: 'Somebody else has just taken that time, and nothing else is free around it. Name another day.',
      question: { request: asked, wants: 'when' },
    }
  return {
    text: `Somebody else has just taken that time. For ${what} there is still:\n${numbered(slots.map(slotInWords))}\nWhich one suits you?`,
    question: { request: asked, wants: 'slot', slots },
  }
}

function* freeSlots(request: Request, kind: AppointmentKind, days: Days): Planning<Slot[]> {
  const value = yield* get('find_free_slots', {
    kind,
    ...days,
    ...(request.vetId !== undefined && { vetId: request.vetId }),
    limit: 50,
  })
  return rowsIn(value, 'slots', ['startsAt', 'vetId', 'vetName']).map(({ startsAt, vetId, vetName }) => ({
    startsAt,
    vetId,
    vetName,
  }))
}

function nothingFree(request: Request, what: string, { from, to, partOfDay }: Days): Reply {
  const when = from === to ? `on ${dayInWords(from)}` : `from ${dayInWords(from)} to ${dayInWords(to)}`
  const { slot: _, ...asked } = request
  return {
    text: `Nothing is free for ${what} ${when}${partOfDay === undefined ? '' : ` in the ${partOfDay}`}. The clinic is closed on Sundays, at Christmas and on New Year’s Day. Which other day would suit you?`,
    question: { request: asked, wants: 'when' },
  }
}

/** A few slots that differ: the first ones of each day, or over the day. */
function spread(slots: readonly Slot[]): Slot[] {
  const times = slots.filter(({ startsAt }, at) => slots.findIndex((other) => other.startsAt === startsAt) === at)
  const days = [...new Set(times.map(({ startsAt }) => startsAt.slice(0, 10)))]
  const step = Math.max(1, Math.floor(times.length / OFFERED))
  const chosen =
    days.length >= OFFERED
      ? days.slice(0, OFFERED).map((day) => times.find(({ startsAt }) => startsAt.startsWith(day)))
      : times.filter((_, at) => at % step === 0).slice(0, OFFERED)
  return chosen.filter((slot) => slot !== undefined)
}

function nearest(slots: readonly Slot[], time: string): Slot[] {
  const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5))
  const distance = ({ startsAt }: Slot): number => Math.abs(minutes(startsAt.slice(11, 16)) - minutes(time))
  return [...slots].sort((a, b) => distance(a) - distance(b)).slice(0, OFFERED)
}

/** The one booked appointment that is meant, or a question. */
function* oneAppointment(
  request: Request,
  known: Known,
  verb: 'move' | 'cancel',
): Planning<{ appointment: Booked } | { reply: Reply }> {
  const own = yield* ownPets(known)
  if (request.stranger !== undefined) return { reply: { text: unknownPet(request.stranger, own) } }
  const all = bookedIn(yield* get('list_appointments'))
  if (all.length === 0) return { reply: { text: `There is no appointment to ${verb}.` } }
  const chosen = all.find(({ appointmentId }) => appointmentId === request.item)
  if (chosen) return { appointment: chosen }
  // "Cancel that", when no appointment was spoken of: even the only one is not meant for sure.
  if (DROPS.test(request.text) && !ABOUT_APPOINTMENTS.has(known.memory.last?.intent ?? ''))
    return { reply: askWhich(request, all, verb) }
  const petIds = request.pets.map(({ petId }) => petId)
  const ofPet = request.saysPet || petIds.length > 0 ? all.filter(({ petId }) => petIds.includes(petId)) : all
  if (ofPet.length === 0)
    return {
      reply: {
        text: `There is no appointment for ${listInWords(
          request.pets.map(({ name }) => name),
          'or',
        )} to ${verb}.`,
      },
    }
  const ofKind = narrow(ofPet, ({ kind }) => kind === request.kind)
  const ofVet = narrow(
    ofKind,
    ({ vetName }) => request.vetId !== undefined && vetName.toLowerCase().includes(request.vetId.replace('vet_', '')),
  )
  const left = narrow(ofVet, ({ startsAt }) => request.moments.some((moment) => isAt(startsAt, moment)))
  const [appointment, another] = left
  return appointment && !another ? { appointment } : { reply: askWhich(request, left, verb) }
}

const ABOUT_APPOINTMENTS: ReadonlySet<string> = new Set<Request['intent']>([
  'book',
  'move',
  'cancel',
  'list_appointments',
])

function askWhich(request: Request, booked: readonly Booked[], verb: string): Reply {
  const items = booked.map((one) => ({ id: one.appointmentId, petId: one.petId, words: appointmentInWords(one) }))
  return {
    text: `Which appointment shall I ${verb}?\n${numbered(items.map(({ words }) => words))}`,
    question: { request, wants: 'item', items },
  }
}

/** Those that fit; all when none does, because the word was about something else. */
function narrow<T>(list: readonly T[], fits: (item: T) => boolean): readonly T[] {
  const left = list.filter(fits)
  return left.length === 0 ? list : left
}

function isAt(startsAt: string, { from, to, time }: Moment): boolean {
  const [day, clock] = [startsAt.slice(0, 10), startsAt.slice(11, 16)]
  return (
    (from !== undefined || time !== undefined) &&
    (from === undefined || (day >= from && day <= (to ?? from))) &&
    (time === undefined || time === clock)
  )
}

/** Where to: what is said after "to", else what is not the time that the appointment has. */
function targetOf({ moments }: Request, { startsAt }: Booked): readonly Moment[] {
  const named = moments.filter(({ after }) => ['to', 'until', 'till'].includes(after))
  const others = moments.filter((moment) => !isAt(startsAt, moment) && moment.after !== 'from')
  const target = named.length > 0 ? named : others
  return target.map((moment) =>
    moment.from === undefined && moment.instant === undefined
      ? { ...moment, from: startsAt.slice(0, 10), to: startsAt.slice(0, 10) }
      : moment,
  )
}

export function bookedIn(value: Fields): Booked[] {
  return rowsIn(value, 'appointments', ['appointmentId', 'petId', 'petName', 'kind', 'startsAt', 'vetName']).map(
    (row) => (row['status'] === 'cancelled' ? { ...row, petName: `${row.petName} (cancelled)` } : row),
  )
}

export function appointmentInWords({ petName, kind, startsAt, vetName }: Booked): string {
  return `${petName}, ${isKind(kind) ? KIND_IN_WORDS[kind] : kind}, ${instantInWords(startsAt)} with ${vetName}`
}

function slotInWords({ startsAt, vetName }: Slot): string {
  return `${instantInWords(startsAt)} with ${vetName}`
}

function kinds(): string {
  return listInWords(Object.values(KIND_IN_WORDS), 'or')
}

/** What is due far ahead is looked for around its date; what is due soon or overdue, from now on. */
function dueOn(value: Fields | undefined): string | undefined {
  const next = value?.['next']
  const date = typeof next === 'object' && next !== null ? textIn(next as Fields, 'dueOn') : ''
  return /^\d{4}-\d\d-\d\d$/.test(date) ? date : undefined
}

/** The vet should know of the complaint, in the person's words. */
function noteIn({ text }: Request, kind: AppointmentKind): string | undefined {
  return kind === 'consultation' ? text.slice(0, 500) : undefined
}
