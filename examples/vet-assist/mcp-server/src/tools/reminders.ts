import { z } from 'zod'
import { REPEAT_UNITS } from '../clinic/recurrence.ts'
import {
  completeReminder as complete,
  listReminders as list,
  type Reminder,
  setAppointmentReminder as setForAppointment,
  setReminder as set,
} from '../clinic/reminders.ts'
import { type Result, success } from '../clinic/result.ts'
import { fromWire, inWords, toWire } from '../clinic/time.ts'
import { ADDS, appointmentId, CHANGES, cut, date, instant, limit, more, petId, READS, reminderId } from './fields.ts'
import { appointmentOf, petOf, reminderOf } from './objects.ts'
import { defineTool } from './tool.ts'

const reminder = z.object({
  reminderId: z.string(),
  petId: z.string(),
  petName: z.string(),
  kind: z.enum(['medication', 'appointment', 'other']),
  message: z.string(),
  dueAt: z.string().describe('ISO 8601 with the offset of Europe/London'),
  appointmentId: z.string().nullable(),
  repeat: z
    .object({ every: z.int(), unit: z.enum(REPEAT_UNITS), until: z.string().nullable() })
    .nullable()
    .describe('null: it comes once'),
})

const message = z.string().trim().min(1).max(300).describe('What to do, in the words of the person')

export const setReminder = defineTool({
  name: 'set_reminder',
  title: 'Set a reminder',
  description:
    'Sets a reminder for a pet at a time of its own, once or repeated, such as a medicine twice a day (every 12 hours). For a reminder before an appointment use remind_of_appointment: it follows when the appointment is moved.',
  annotations: ADDS,
  scope: 'reminders:write',
  object: petOf('$.petId'),
  input: z.strictObject({
    petId,
    kind: z.enum(['medication', 'other']),
    message,
    dueAt: instant('First time'),
    repeat: z
      .strictObject({
        every: z.int().min(1).max(1000).describe('Number of units between two times'),
        unit: z.enum(REPEAT_UNITS).describe('hour is exact; day and longer keep the time of day of Europe/London'),
        until: date('Last date').optional(),
      })
      .optional()
      .describe('Left out: it comes once'),
  }),
  output: reminder,
  run(clinic, caller, { repeat, dueAt, ...rest }) {
    const repeated = repeat === undefined ? null : { ...repeat, until: repeat.until ?? null }
    return wire(set(clinic, caller, { ...rest, dueAt: fromWire(dueAt), repeat: repeated }))
  },
  say: (output) => `Set: ${sayReminder(output)}`,
})

export const remindOfAppointment = defineTool({
  name: 'remind_of_appointment',
  title: 'Set a reminder before an appointment',
  description:
    'Sets a reminder some hours before a booked appointment. It moves with the appointment and goes when that is cancelled. Call list_appointments first for the appointmentId.',
  annotations: ADDS,
  scope: 'reminders:write',
  object: appointmentOf('$.appointmentId'),
  input: z.strictObject({
    appointmentId,
    message,
    hoursBefore: z.number().min(0.25).max(336).default(24).describe('Hours before the appointment begins'),
  }),
  output: reminder,
  run: (clinic, caller, { hoursBefore, ...rest }) =>
    wire(setForAppointment(clinic, caller, { ...rest, minutesBefore: Math.round(hoursBefore * 60) })),
  say: (output) => `Set: ${sayReminder(output)}`,
})

export const listReminders = defineTool({
  name: 'list_reminders',
  title: 'List reminders',
  description:
    'Lists the open reminders, the next one first, overdue ones included: those of the own pets for an owner, all for the staff.',
  annotations: READS,
  scope: 'reminders:read',
  input: z.strictObject({
    petId: petId.optional(),
    dueBefore: instant('Only what is due before this').optional(),
    limit: limit(50, 100),
  }),
  output: z.object({ reminders: z.array(reminder), more }),
  run(clinic, caller, input) {
    const dueBefore = input.dueBefore === undefined ? undefined : fromWire(input.dueBefore)
    const found = list(clinic, caller, { petId: input.petId, dueBefore, limit: input.limit + 1 })
    const { rows, more } = cut(found, input.limit)
    return success({ reminders: rows.map(toOutput), more })
  },
  say: ({ reminders }) => (reminders.length === 0 ? 'No open reminders.' : reminders.map(sayReminder).join('\n')),
})

export const completeReminder = defineTool({
  name: 'complete_reminder',
  title: 'Tick off a reminder',
  description:
    'Ticks off one time of a reminder; a repeated one then waits for its next time. Call list_reminders first and pass on reminderId and dueAt exactly, so that a repeated call does not tick off the next time as well.',
  annotations: CHANGES,
  scope: 'reminders:write',
  object: reminderOf('$.reminderId'),
  input: z.strictObject({ reminderId, dueAt: instant('The time that is done, as list_reminders shows it') }),
  output: z.object({ done: reminder, nextDueAt: z.string().nullable().describe('null: there is no next time') }),
  run(clinic, caller, input) {
    const result = complete(clinic, caller, { ...input, dueAt: fromWire(input.dueAt) })
    if (!result.ok) return result
    const { nextDueAt } = result.value
    return success({ done: toOutput(result.value.reminder), nextDueAt: nextDueAt === null ? null : toWire(nextDueAt) })
  },
  say({ done, nextDueAt }) {
    const next = nextDueAt === null ? 'It does not come again.' : `It comes again on ${inWords(fromWire(nextDueAt))}.`
    return `Done: ${done.message} (${done.petName}). ${next}`
  },
})

type ReminderOutput = z.input<typeof reminder>

function wire(result: Result<Reminder>): Result<ReminderOutput> {
  return result.ok ? success(toOutput(result.value)) : result
}

function toOutput(row: Reminder): ReminderOutput {
  return { ...row, dueAt: toWire(row.dueAt) }
}

function sayReminder(output: ReminderOutput): string {
  const repeat = output.repeat === null ? '' : `, every ${output.repeat.every} ${output.repeat.unit}(s)`
  return `${output.petName}: ${output.message}, ${inWords(fromWire(output.dueAt))}${repeat} (${output.dueAt}, reminderId ${output.reminderId})`
}
