import { z } from 'zod'
import {
  type Appointment,
  bookAppointment as book,
  cancelAppointment as cancel,
  listAppointments as list,
  moveAppointment as move,
} from '../clinic/appointments.ts'
import { APPOINTMENT_KINDS, vetName } from '../clinic/hours.ts'
import { refuse, type Result, success } from '../clinic/result.ts'
import { freeSlots } from '../clinic/slots.ts'
import { dateAt, fromWire, instantAt, inWords, toWire } from '../clinic/time.ts'
import { ADDS, appointmentId, CHANGES, cut, date, instant, kind, limit, more, petId, READS, vetId } from './fields.ts'
import { appointmentOf, petOf } from './objects.ts'
import { defineTool } from './tool.ts'

const MOST_DAYS = 31

const appointment = z.object({
  appointmentId: z.string(),
  petId: z.string(),
  petName: z.string(),
  kind,
  vetId: z.string(),
  vetName: z.string(),
  startsAt: z.string().describe('ISO 8601 with the offset of Europe/London'),
  endsAt: z.string(),
  note: z.string().nullable(),
  status: z.enum(['booked', 'cancelled']),
})

export const findFreeSlots = defineTool({
  name: 'find_free_slots',
  title: 'Find free slots',
  description:
    'Finds free appointment slots between two dates, both included, at most 31 days apart, in the time of the clinic (Europe/London). Call it before book_appointment or move_appointment, and pass on startsAt and vetId of the chosen slot exactly. The clinic is closed on Sundays.',
  annotations: READS,
  scope: 'appointments:read',
  input: z.strictObject({
    kind,
    from: date('First date').optional().describe('First date, YYYY-MM-DD; today when left out'),
    to: date('Last date').optional().describe('Last date, YYYY-MM-DD; a week after `from` when left out'),
    partOfDay: z.enum(['morning', 'afternoon']).optional().describe('morning: before 12:00'),
    vetId: vetId.optional(),
    limit: limit(12, 50),
  }),
  output: z.object({
    slots: z.array(
      z.object({ startsAt: z.string(), endsAt: z.string(), vetId: z.string(), vetName: z.string(), minutes: z.int() }),
    ),
    more,
  }),
  run(clinic, _caller, input) {
    const now = clinic.clock()
    const from = input.from === undefined ? dateAt(now) : Temporal.PlainDate.from(input.from)
    const to = input.to === undefined ? from.add({ days: 7 }) : Temporal.PlainDate.from(input.to)
    const days = from.until(to, { largestUnit: 'day' }).days
    if (days < 0 || days > MOST_DAYS) return refuse({ reason: 'date_order' })
    const found = freeSlots(clinic.db, now, { ...input, from, to, limit: input.limit + 1 })
    const { rows, more } = cut(found, input.limit)
    const { minutes } = APPOINTMENT_KINDS[input.kind]
    const slots = rows.map((slot) => ({
      startsAt: toWire(slot.startsAt),
      endsAt: toWire(slot.endsAt),
      vetId: slot.vetId,
      vetName: vetName(slot.vetId),
      minutes,
    }))
    return success({ slots, more })
  },
  say({ slots, more }) {
    if (slots.length === 0) return 'No free slot in that time; try other dates.'
    const lines = slots.map(
      (slot) => `${inWords(fromWire(slot.startsAt))} with ${slot.vetName} (${slot.startsAt}, ${slot.vetId})`,
    )
    return [...lines, ...(more ? ['There are more.'] : [])].join('\n')
  },
})

export const bookAppointment = defineTool({
  name: 'book_appointment',
  title: 'Book an appointment',
  description:
    'Books a slot for a pet. Call find_free_slots first and pass on startsAt and vetId exactly. Ask the person to confirm pet, kind and time before you call this. When somebody else was faster, the error names the next free slots.',
  annotations: ADDS,
  scope: 'appointments:write',
  object: petOf('$.petId'),
  input: z.strictObject({
    petId,
    vetId,
    kind,
    startsAt: instant('Start of a free slot'),
    note: z.string().trim().min(1).max(500).optional().describe('What the vet should know'),
  }),
  output: appointment,
  run: (clinic, caller, input) => wire(book(clinic, caller, { ...input, startsAt: fromWire(input.startsAt) })),
  say: (output) => `Booked: ${sayAppointment(output)}`,
})

export const moveAppointment = defineTool({
  name: 'move_appointment',
  title: 'Move an appointment',
  description:
    'Moves a booked appointment to another free slot of the same kind; reminders for it move along. Call list_appointments for the id and find_free_slots for the slot, and ask the person to confirm.',
  annotations: CHANGES,
  scope: 'appointments:write',
  object: appointmentOf('$.appointmentId'),
  input: z.strictObject({ appointmentId, vetId, startsAt: instant('Start of a free slot') }),
  output: appointment,
  run: (clinic, caller, input) => wire(move(clinic, caller, { ...input, startsAt: fromWire(input.startsAt) })),
  say: (output) => `Moved: ${sayAppointment(output)}`,
})

export const cancelAppointment = defineTool({
  name: 'cancel_appointment',
  title: 'Cancel an appointment',
  description:
    'Cancels a booked appointment that has not begun; its slot becomes free for others. Call list_appointments for the id, and ask the person to confirm: to book again may mean another time.',
  annotations: CHANGES,
  scope: 'appointments:write',
  object: appointmentOf('$.appointmentId'),
  input: z.strictObject({ appointmentId }),
  output: appointment,
  run: (clinic, caller, input) => wire(cancel(clinic, caller, input.appointmentId)),
  say: (output) => `Cancelled: ${sayAppointment(output)}`,
})

export const listAppointments = defineTool({
  name: 'list_appointments',
  title: 'List appointments',
  description:
    'Lists appointments in the order of time: those of the own pets for an owner, all for the staff. Without dates it lists what is still to come.',
  annotations: READS,
  scope: 'appointments:read',
  input: z.strictObject({
    petId: petId.optional(),
    vetId: vetId.optional(),
    from: date('First date').optional().describe('First date, YYYY-MM-DD; from now on when left out'),
    to: date('Last date').optional().describe('Last date, YYYY-MM-DD, included'),
    includeCancelled: z.boolean().default(false),
    limit: limit(50, 100),
  }),
  output: z.object({ appointments: z.array(appointment), more }),
  run(clinic, caller, input) {
    const { from, to } = input
    const filter = {
      petId: input.petId,
      vetId: input.vetId,
      from: from === undefined ? clinic.clock() : instantAt(Temporal.PlainDate.from(from), '00:00'),
      to: to === undefined ? Number.MAX_SAFE_INTEGER : instantAt(Temporal.PlainDate.from(to).add({ days: 1 }), '00:00'),
      cancelled: input.includeCancelled,
    }
    const { rows, more } = cut(list(clinic, caller, { ...filter, limit: input.limit + 1 }), input.limit)
    return success({ appointments: rows.map(toOutput), more })
  },
  say: ({ appointments }) =>
    appointments.length === 0 ? 'No appointments.' : appointments.map(sayAppointment).join('\n'),
})

type AppointmentOutput = z.input<typeof appointment>

function wire(result: Result<Appointment>): Result<AppointmentOutput> {
  return result.ok ? success(toOutput(result.value)) : result
}

function toOutput(row: Appointment): AppointmentOutput {
  return {
    ...row,
    vetName: vetName(row.vetId),
    startsAt: toWire(row.startsAt),
    endsAt: toWire(row.endsAt),
  }
}

function sayAppointment(output: AppointmentOutput): string {
  const { title } = APPOINTMENT_KINDS[output.kind]
  const state = output.status === 'cancelled' ? ' (cancelled)' : ''
  return `${output.petName}, ${title}, ${inWords(fromWire(output.startsAt))} with ${output.vetName}${state}, appointmentId ${output.appointmentId}`
}
