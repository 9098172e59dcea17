import { getOpenAppointment } from './appointments.ts'
import { all, bindCaller, type Caller, change, type Clinic, first, newId, REACHABLE } from './clinic.ts'
import { nextOccurrence, type Repeat } from './recurrence.ts'
import { refuse, type Result, success } from './result.ts'

export type ReminderKind = 'medication' | 'appointment' | 'other'

export interface Reminder {
  reminderId: string
  petId: string
  petName: string
  kind: ReminderKind
  message: string
  dueAt: number
  appointmentId: string | null
  repeat: Repeat | null
}

interface ReminderRow extends Omit<Reminder, 'repeat'> {
  every: number | null
  unit: Repeat['unit'] | null
  until: string | null
  firstDueAt: number | null
}

const OPEN = `select open_reminders.id as "reminderId", pet_id as "petId", pets.name as "petName", kind, message, at as "dueAt",
  appointment_id as "appointmentId", repeat_every as every, repeat_unit as unit, repeat_until as until, first_due_at as "firstDueAt"
  from open_reminders join pets on pets.id = pet_id`

/** The open reminders of the pets that the caller may reach, the next one first; overdue ones are among them. */
export function listReminders(
  clinic: Clinic,
  caller: Caller,
  filter: { petId?: string | undefined; dueBefore?: number | undefined; limit: number },
): Reminder[] {
  const rows = all<ReminderRow>(
    clinic.db,
    `${OPEN} where ${REACHABLE} and (:petId is null or pet_id = :petId) and (:dueBefore is null or at < :dueBefore)
      order by at, open_reminders.id limit :limit`,
    {
      ...bindCaller(caller),
      petId: filter.petId ?? null,
      dueBefore: filter.dueBefore ?? null,
      limit: filter.limit,
    },
  )
  return rows.map(toReminder)
}

export interface NewReminder {
  petId: string
  kind: 'medication' | 'other'
  message: string
  dueAt: number
  repeat: Repeat | null
}

/** Sets a reminder with a time of its own. */
export function setReminder(clinic: Clinic, caller: Caller, reminder: NewReminder): Result<Reminder> {
  if (reminder.dueAt <= clinic.clock()) return refuse({ reason: 'time_in_past' })
  const reminderId = newId('rem')
  const added = change(
    clinic.db,
    `insert into reminders (id, pet_id, kind, message, due_at, first_due_at, repeat_every, repeat_unit, repeat_until, set_by)
      select :reminderId, pets.id, :kind, :message, :dueAt, :dueAt, :every, :unit, :until, :sub
      from pets where pets.id = :petId and ${REACHABLE}`,
    {
      ...bindCaller(caller),
      reminderId,
      petId: reminder.petId,
      kind: reminder.kind,
      message: reminder.message,
      dueAt: reminder.dueAt,
      every: reminder.repeat?.every ?? null,
      unit: reminder.repeat?.unit ?? null,
      until: reminder.repeat?.until ?? null,
    },
  )
  return added === 0 ? refuse({ reason: 'not_found', what: 'pet' }) : getReminder(clinic, caller, reminderId)
}

/** Sets a reminder some time before an appointment; it moves with the appointment and goes when that is cancelled. */
export function setAppointmentReminder(
  clinic: Clinic,
  caller: Caller,
  reminder: { appointmentId: string; message: string; minutesBefore: number },
): Result<Reminder> {
  const appointment = getOpenAppointment(clinic, caller, reminder.appointmentId)
  if (!appointment.ok) return appointment
  if (appointment.value.startsAt - reminder.minutesBefore * 60_000 <= clinic.clock()) {
    return refuse({ reason: 'time_in_past' })
  }
  const reminderId = newId('rem')
  const added = change(
    clinic.db,
    `insert into reminders (id, pet_id, kind, message, appointment_id, minutes_before, set_by)
      select :reminderId, pets.id, 'appointment', :message, appointments.id, :minutesBefore, :sub
      from appointments join pets on pets.id = pet_id
      where appointments.id = :appointmentId and status = 'booked' and ${REACHABLE}`,
    { ...bindCaller(caller), ...reminder, reminderId },
  )
  return added === 0 ? refuse({ reason: 'not_found', what: 'appointment' }) : getReminder(clinic, caller, reminderId)
}

/**
 * Ticks off one occurrence. The caller names it by its time, so that a call that is repeated does not tick off the next dose too.
 * Answers with the next occurrence, or `null` when there is none.
 */
export function completeReminder(
  clinic: Clinic,
  caller: Caller,
  done: { reminderId: string; dueAt: number },
): Result<{ reminder: Reminder; nextDueAt: number | null }> {
  const now = clinic.clock()
  const row = findOpen(clinic, caller, done.reminderId)
  if (row === undefined) return refuse({ reason: 'not_found', what: 'reminder' })
  if (row.dueAt !== done.dueAt) return refuse({ reason: 'occurrence_changed', dueAt: row.dueAt })
  const reminder = toReminder(row)
  const nextDueAt =
    reminder.repeat !== null && row.firstDueAt !== null
      ? nextOccurrence(row.firstDueAt, reminder.repeat, Math.max(now, row.dueAt))
      : null
  const completed = change(
    clinic.db,
    `update reminders set due_at = coalesce(:nextDueAt, due_at), done_at = iif(:nextDueAt is null, :now, null)
      where id = :reminderId and done_at is null and (due_at = :dueAt or appointment_id is not null)
      and exists (select 1 from pets where pets.id = pet_id and ${REACHABLE})`,
    { ...bindCaller(caller), reminderId: done.reminderId, dueAt: done.dueAt, nextDueAt, now },
  )
  if (completed === 0) return refuse({ reason: 'not_found', what: 'reminder' })
  return success({ reminder, nextDueAt })
}

function getReminder(clinic: Clinic, caller: Caller, reminderId: string): Result<Reminder> {
  const row = findOpen(clinic, caller, reminderId)
  return row === undefined ? refuse({ reason: 'not_found', what: 'reminder' }) : success(toReminder(row))
}

function findOpen(clinic: Clinic, caller: Caller, reminderId: string): ReminderRow | undefined {
  return first<ReminderRow>(clinic.db, `${OPEN} where open_reminders.id = :reminderId and ${REACHABLE}`, {
    ...bindCaller(caller),
    reminderId,
  })
}

function toReminder(row: ReminderRow): Reminder {
  return {
    reminderId: row.reminderId,
    petId: row.petId,
    petName: row.petName,
    kind: row.kind,
    message: row.message,
    dueAt: row.dueAt,
    appointmentId: row.appointmentId,
    repeat: row.every === null || row.unit === null ? null : { every: row.every, unit: row.unit, until: row.until },
  }
}
