// Owns the object rules: which pet, appointment or reminder a call is about, and whether the caller may reach it.
import { type ObjectRule, objectRule, type Principal } from '@permitry/guard'
import { type Caller, canReach, type Clinic, first } from '../clinic/clinic.ts'

const STAFF_ROLE = 'vet-staff'

/** The caller as the clinic knows him. Role names travel in the token because this server's registration asks for them. */
export function callerOf(principal: Principal): Caller {
  return { iss: principal.iss, sub: principal.sub, staff: principal.roles.includes(STAFF_ROLE) }
}

/** The call is about the pet that an argument names: its owner may go on, and the staff. */
export function petOf(argument: string): (clinic: Clinic) => ObjectRule {
  return ownedBy(argument, 'pet', 'select iss, sub from pets where id = :id')
}

/** The call is about an appointment: it belongs to whom its pet belongs. */
export function appointmentOf(argument: string): (clinic: Clinic) => ObjectRule {
  const owner = 'select iss, sub from appointments join pets on pets.id = pet_id where appointments.id = :id'
  return ownedBy(argument, 'appointment', owner)
}

/** The call is about a reminder: it belongs to whom its pet belongs. */
export function reminderOf(argument: string): (clinic: Clinic) => ObjectRule {
  const owner = 'select iss, sub from reminders join pets on pets.id = pet_id where reminders.id = :id'
  return ownedBy(argument, 'reminder', owner)
}

function ownedBy(argument: string, type: string, sql: string): (clinic: Clinic) => ObjectRule {
  return (clinic) =>
    objectRule({
      argument,
      type,
      load: (id) => first<{ iss: string; sub: string }>(clinic.db, sql, { id }),
      allow: (principal, owner) => canReach(callerOf(principal), owner),
    })
}
