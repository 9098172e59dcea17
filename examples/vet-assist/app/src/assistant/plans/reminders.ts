// Plans for reminders: at a time of their own, before an appointment, what is open, and what is done.
import { rowsIn, textIn } from '../dialogue/conversation.ts'
import type { Request } from '../dialogue/request.ts'
import { instantInWords, numbered, plural } from '../dialogue/words.ts'
import { type Moment, today } from '../entities/moments.ts'
import { plain } from '../language/mask.ts'
import { appointmentInWords, bookedIn } from './appointments.ts'
import { get, type Known, onePet, ownPets, type Plan, unknownPet } from './plan.ts'

const MOST_MESSAGE = 300
const IS_MEDICINE =
  /\b(?:tablets?|pills?|medic\w*|meds?|antibiotics?|drops?|insulin|dose|ml|mg|painkiller|ointment|flea|tick|worm\w*|spot-?on|steroid|metacam|capsules?|paste|powder|syrup|injection|binder)\b/i
const BEFORE_A_VISIT =
  /\b(?:(?:before|ahead of|prior to) (?:\w+(?:'s)? ){0,3}(?:appointment|visit|check-?up|vaccination|dental)|(?:of|about|to) (?:the|my|our|\w+'s) (?:appointment|visit|check-?up))\b/i

export const setReminder: Plan = function* (request, known) {
  if (BEFORE_A_VISIT.test(plain(request.text))) return yield* remindOfAppointment(request, known)
  const message = request.body ?? messageIn(request.rest)
  if (message === undefined)
    return { text: 'What shall I remind you of, and when?', question: { request, wants: 'words' } }
  const found = yield* onePet(request, known, 'I can set that.')
  if ('reply' in found) return found.reply
  const { pet } = found
  const asked: Request = { ...request, pets: [pet] }
  const dueAt = dueAtOf(request.moments, request.text, known)
  if (dueAt === undefined)
    return {
      text: 'When shall I remind you? Tell me a day and a time, such as “tomorrow at 8”.',
      question: { request: { ...asked, body: message }, wants: 'when' },
    }
  if (dueAt.epochMilliseconds < known.clock.now)
    return {
      text: `${instantInWords(toWire(dueAt))} is over. When shall I remind you?`,
      question: { request: { ...asked, body: message, moments: [] }, wants: 'when' },
    }
  const { repeat } = request
  const input = {
    petId: pet.petId,
    kind: IS_MEDICINE.test(request.text) ? 'medication' : 'other',
    message,
    dueAt: toWire(dueAt),
    ...(repeat && {
      repeat: {
        every: repeat.every,
        unit: repeat.unit,
        ...(repeat.days !== undefined && {
          until: dueAt
            .toPlainDate()
            .add({ days: repeat.days - 1 })
            .toString(),
        }),
      },
    }),
  }
  const value = yield* get('set_reminder', input)
  return {
    text: `I have set it: ${textIn(value, 'message')}, for ${textIn(value, 'petName')}, ${instantInWords(textIn(value, 'dueAt'))}${repeatInWords(value['repeat'])}.`,
  }
}

const remindOfAppointment: Plan = function* (request, known) {
  const own = yield* ownPets(known)
  if (request.stranger !== undefined) return { text: unknownPet(request.stranger, own) }
  const booked = bookedIn(yield* get('list_appointments'))
  const ofPet =
    request.saysPet && request.pets.length > 0
      ? booked.filter(({ petId }) => request.pets.some((pet) => pet.petId === petId))
      : booked
  const chosen =
    ofPet.find(({ appointmentId }) => appointmentId === request.item) ?? (ofPet.length === 1 ? ofPet[0] : undefined)
  if (ofPet.length === 0) return { text: 'There is no appointment that I could remind you of.' }
  if (chosen === undefined) {
    const items = ofPet.map((one) => ({ id: one.appointmentId, petId: one.petId, words: appointmentInWords(one) }))
    return {
      text: `Of which appointment?\n${numbered(items.map(({ words }) => words))}`,
      question: { request, wants: 'item', items },
    }
  }
  const what = /\bto (bring|take|pack|fast|keep|get|collect) .{2,80}$/i.exec(request.text)?.[0].replace(/^to /i, '')
  const input = {
    appointmentId: chosen.appointmentId,
    message: capital(what ?? `Appointment at the clinic: ${chosen.petName}`),
    hoursBefore: hoursIn(request.text),
  }
  const value = yield* get('remind_of_appointment', input)
  return {
    text: `I have set it: ${textIn(value, 'message')}, ${instantInWords(textIn(value, 'dueAt'))}. It moves along when the appointment is moved.`,
  }
}

export const listReminders: Plan = function* (request, known) {
  if (request.stranger !== undefined) return { text: unknownPet(request.stranger, yield* ownPets(known)) }
  const pet = request.saysPet && request.pets.length === 1 ? request.pets[0] : undefined
  const isToday = /\b(?:today|tonight|now)\b/i.test(request.text)
  const endOfDay = today(known.clock).add({ days: 1 }).toZonedDateTime({ timeZone: known.clock.zone })
  const value = yield* get('list_reminders', {
    ...(pet && { petId: pet.petId }),
    ...(isToday && { dueBefore: toWire(endOfDay) }),
  })
  const rows = remindersIn(value)
  if (rows.length === 0)
    return { text: `There is no open reminder${pet ? ` for ${pet.name}` : ''}${isToday ? ' for today' : ''}.` }
  return {
    text: `Open reminders${isToday ? ' up to today' : ''}:\n${rows.map((row) => `• ${reminderInWords(row, known)}${repeatInWords(row['repeat'])}`).join('\n')}`,
  }
}

export const completeReminder: Plan = function* (request, known) {
  const own = yield* ownPets(known)
  if (request.stranger !== undefined) return { text: unknownPet(request.stranger, own) }
  const all = remindersIn(yield* get('list_reminders'))
  const ofPet =
    request.pets.length === 0 ? all : all.filter(({ petId }) => request.pets.some((pet) => pet.petId === petId))
  if (ofPet.length === 0)
    return { text: `There is no open reminder${request.pets[0] ? ` for ${request.pets[0].name}` : ''} to tick off.` }
  const left = closest(ofPet, request.text)
  const chosen = left.find(({ reminderId }) => reminderId === request.item) ?? (left.length === 1 ? left[0] : undefined)
  if (chosen === undefined) {
    const items = left.map((row) => ({ id: row.reminderId, petId: row.petId, words: reminderInWords(row, known) }))
    return {
      text: `Which one is done?\n${numbered(items.map((item) => item.words))}`,
      question: { request, wants: 'item', items },
    }
  }
  const { reminderId, dueAt } = chosen
  const value = yield* get(
    'complete_reminder',
    { reminderId, dueAt },
    `This ticks off: ${reminderInWords(chosen, known)}.`,
  )
  const next = textIn(value, 'nextDueAt')
  return {
    text: `Ticked off: ${chosen.message} (${chosen.petName}). ${next === '' ? 'It does not come again.' : `It comes again on ${instantInWords(next)}.`}`,
  }
}

/** The reminders that share most words with what was said; names of pets do not count, they were looked at before. */
function closest<Row extends { message: string; petName: string }>(rows: readonly Row[], text: string): readonly Row[] {
  const words = plain(text).match(/[a-z]{4,}/g) ?? []
  const shared = ({ message, petName }: Row): number =>
    words.filter((word) => word !== plain(petName) && plain(message).includes(word)).length
  const most = Math.max(...rows.map(shared))
  return rows.filter((row) => shared(row) === most)
}

function remindersIn(
  value: Parameters<typeof rowsIn>[0],
): ReturnType<typeof rowsIn<'reminderId' | 'petId' | 'petName' | 'message' | 'dueAt'>> {
  return rowsIn(value, 'reminders', ['reminderId', 'petId', 'petName', 'message', 'dueAt'])
}

function reminderInWords(
  { petName, message, dueAt }: { petName: string; message: string; dueAt: string },
  { clock }: Known,
): string {
  return `${petName}: ${message}, ${instantInWords(dueAt)}${Date.parse(dueAt) < clock.now ? ' (overdue)' : ''}`
}

function repeatInWords(repeat: unknown): string {
  if (typeof repeat !== 'object' || repeat === null || !('every' in repeat) || !('unit' in repeat)) return ''
  const { every, unit } = repeat
  if (typeof every !== 'number' || typeof unit !== 'string') return ''
  return `, every ${every === 1 ? unit : plural(every, unit)}`
}

/** The words of the person without "remind me to" and the like. */
function messageIn(rest: string): string | undefined {
  const message = rest
    .replace(/^.*?\bremind(?:er)?s?(?: (?:me|us))?\b/i, '')
    .replace(
      /^.*?\b(?:let me forget|make sure (?:that )?i (?:remember|don'?t (?:miss|forget))|(?:nudge|ping|alert|notify|prompt|poke)(?: me)?|(?:an? )?(?:alarm|alert|nudge))\b/i,
      '',
    )
    .replace(/^[\s,:]*(?:to|about|of|for|that|when)\b/i, '')
    .replace(/[\s,.]*\b(?:please|pls|can you|thanks|starting|on|at|the)?[\s,.!?]*$/i, '')
    .replace(/^[\s,:.-]+/, '')
    .slice(0, MOST_MESSAGE)
    .trim()
  return message.length < 4 ? undefined : capital(message)
}

/** A time alone is the next one; a day alone has no time, and the person is asked. */
function dueAtOf(moments: readonly Moment[], text: string, { clock }: Known): Temporal.ZonedDateTime | undefined {
  const now = Temporal.Instant.fromEpochMilliseconds(clock.now).toZonedDateTimeISO(clock.zone)
  const [moment] = moments.toReversed().filter(({ time, instant, from }) => time ?? instant ?? from)
  if (moment?.instant !== undefined)
    return Temporal.Instant.fromEpochMilliseconds(moment.instant).toZonedDateTimeISO(clock.zone)
  const time = moment?.time ?? (/\bnoon\b/i.test(text) ? '12:00' : undefined)
  if (time === undefined) return undefined
  const at = (date: Temporal.PlainDate): Temporal.ZonedDateTime =>
    date.toZonedDateTime({ timeZone: clock.zone, plainTime: Temporal.PlainTime.from(time) })
  if (moment?.from !== undefined) return at(Temporal.PlainDate.from(moment.from))
  const first = at(now.toPlainDate())
  return Temporal.ZonedDateTime.compare(first, now) > 0 ? first : at(now.toPlainDate().add({ days: 1 }))
}

function hoursIn(text: string): number {
  const [, count = '', unit = ''] =
    /\b(an?|the|\d{1,3}|one|two|three|half an) (hours?|days?|evening|week)\b/i.exec(text) ?? []
  const amount =
    { one: 1, two: 2, three: 3, 'half an': 0.5 }[count.toLowerCase()] ?? (/^\d/.test(count) ? Number(count) : 1)
  const hours = amount * (unit.startsWith('hour') ? 1 : unit === 'week' ? 168 : 24)
  return Math.min(336, Math.max(0.25, unit === '' ? 24 : hours))
}

function toWire(at: Temporal.ZonedDateTime): string {
  return at.toString({ timeZoneName: 'never', smallestUnit: 'second' })
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
