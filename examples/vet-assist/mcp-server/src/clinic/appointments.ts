// Owns the diary of bookings. Who gets a slot is decided by the diary's keys, inside the one statement that books or moves.
import {
  all,
  bindCaller,
  type Caller,
  change,
  type Clinic,
  first,
  isUniqueViolation,
  newId,
  REACHABLE,
} from './clinic.ts'
import type { AppointmentKind } from './hours.ts'
import { type Failure, refuse, type Result, success } from './result.ts'
import { endOf, isSlot, nextFreeSlots } from './slots.ts'

export interface Appointment {
  appointmentId: string
  petId: string
  petName: string
  vetId: string
  kind: AppointmentKind
  startsAt: number
  endsAt: number
  note: string | null
  status: 'booked' | 'cancelled'
}

export interface AppointmentFilter {
  petId?: string | undefined
  vetId?: string | undefined
  from: number
  to: number
  cancelled: boolean
  limit: number
}

const APPOINTMENT = `select appointments.id as "appointmentId", pet_id as "petId", pets.name as "petName", vet_id as "vetId", kind,
  starts_at as "startsAt", ends_at as "endsAt", note, status from appointments join pets on pets.id = pet_id`

/** The appointments of the pets that the caller may reach, in the order of time. */
export function listAppointments(clinic: Clinic, caller: Caller, filter: AppointmentFilter): Appointment[] {
  return all<Appointment>(
    clinic.db,
    `${APPOINTMENT} where ${REACHABLE}
      and (:petId is null or pet_id = :petId)
      and (:vetId is null or vet_id = :vetId)
      and (:cancelled = 1 or status = 'booked')
      and ends_at > :from and starts_at < :to
      order by starts_at, appointments.id limit :limit`,
    {
      ...bindCaller(caller),
      ...filter,
      petId: filter.petId ?? null,
      vetId: filter.vetId ?? null,
      cancelled: filter.cancelled ? 1 : 0,
    },
  )
}

/** One appointment, open or not, when the caller may reach its pet. */
export function getAppointment(clinic: Clinic, caller: Caller, appointmentId: string): Result<Appointment> {
  const row = first<Appointment>(clinic.db, `${APPOINTMENT} where appointments.id = :appointmentId and ${REACHABLE}`, {
    ...bindCaller(caller),
    appointmentId,
  })
  return row === undefined ? refuse({ reason: 'not_found', what: 'appointment' }) : success(row)
}

export interface Booking {
  petId: string
  vetId: string
  kind: AppointmentKind
  startsAt: number
  note?: string | undefined
}

/** Books a slot for a pet, or says who or what is in the way. */
export function bookAppointment(clinic: Clinic, caller: Caller, booking: Booking): Result<Appointment> {
  const now = clinic.clock()
  if (!isSlot(now, booking.vetId, booking.kind, booking.startsAt)) {
    return refuse({ reason: 'not_a_slot', next: nextFreeSlots(clinic.db, now, booking) })
  }
  const id = newId('apt')
  try {
    const booked = change(
      clinic.db,
      `insert into appointments (id, pet_id, vet_id, kind, starts_at, ends_at, note, status, booked_at)
        select :id, pets.id, :vetId, :kind, :startsAt, :endsAt, :note, 'booked', :now
        from pets where pets.id = :petId and ${REACHABLE}`,
      {
        ...bindCaller(caller),
        ...booking,
        note: booking.note ?? null,
        endsAt: endOf(booking.kind, booking.startsAt),
        id,
        now,
      },
    )
    if (booked === 0) return refuse({ reason: 'not_found', what: 'pet' })
  } catch (error) {
    if (isUniqueViolation(error)) return refuseTaken(clinic, booking.petId, booking)
    throw error
  }
  return getAppointment(clinic, caller, id)
}

/** Moves a booked appointment that has not begun; it keeps its id, its kind and its reminders. */
export function moveAppointment(
  clinic: Clinic,
  caller: Caller,
  move: { appointmentId: string; vetId: string; startsAt: number },
): Result<Appointment> {
  const now = clinic.clock()
  const current = getOpenAppointment(clinic, caller, move.appointmentId)
  if (!current.ok) return current
  const { kind, petId } = current.value
  if (!isSlot(now, move.vetId, kind, move.startsAt)) {
    return refuse({ reason: 'not_a_slot', next: nextFreeSlots(clinic.db, now, { kind, startsAt: move.startsAt }) })
  }
  try {
    const moved = change(
      clinic.db,
      `update appointments set vet_id = :vetId, starts_at = :startsAt, ends_at = :endsAt
        where id = :appointmentId and kind = :kind and status = 'booked' and starts_at > :now
        and exists (select 1 from pets where pets.id = pet_id and ${REACHABLE})`,
      { ...bindCaller(caller), ...move, endsAt: endOf(kind, move.startsAt), kind, now },
    )
    if (moved === 0) return refuseClosed(clinic, caller, move.appointmentId)
  } catch (error) {
    if (isUniqueViolation(error)) return refuseTaken(clinic, petId, { kind, ...move })
    throw error
  }
  return getAppointment(clinic, caller, move.appointmentId)
}

/** Cancels a booked appointment that has not begun; its slot is free again and its reminders are gone. */
export function cancelAppointment(clinic: Clinic, caller: Caller, appointmentId: string): Result<Appointment> {
  const cancelled = change(
    clinic.db,
    `update appointments set status = 'cancelled'
      where id = :appointmentId and status = 'booked' and starts_at > :now
      and exists (select 1 from pets where pets.id = pet_id and ${REACHABLE})`,
    { ...bindCaller(caller), appointmentId, now: clinic.clock() },
  )
  if (cancelled === 0) return refuseClosed(clinic, caller, appointmentId)
  return getAppointment(clinic, caller, appointmentId)
}

/** An appointment that can still be moved or reminded of. */
export function getOpenAppointment(clinic: Clinic, caller: Caller, appointmentId: string): Result<Appointment> {
  const appointment = getAppointment(clinic, caller, appointmentId)
  if (!appointment.ok) return appointment
  if (appointment.value.status === 'cancelled') return refuse({ reason: 'appointment_not_open', status: 'cancelled' })
  if (appointment.value.startsAt <= clinic.clock()) return refuse({ reason: 'appointment_not_open', status: 'past' })
  return appointment
}

/** Why a statement found nothing to change: not the caller's, cancelled, or begun. */
function refuseClosed(clinic: Clinic, caller: Caller, appointmentId: string): { ok: false; failure: Failure } {
  const appointment = getAppointment(clinic, caller, appointmentId)
  if (!appointment.ok) return appointment
  return refuse({
    reason: 'appointment_not_open',
    status: appointment.value.status === 'cancelled' ? 'cancelled' : 'past',
  })
}

/** Says which of the diary's two keys refused: the pet's own other appointment, or somebody in the vet's slot. */
function refuseTaken(
  clinic: Clinic,
  petId: string,
  wish: { kind: AppointmentKind; startsAt: number; appointmentId?: string },
): { ok: false; failure: Failure } {
  const own = first<{ startsAt: number }>(
    clinic.db,
    `select starts_at as "startsAt" from appointments where pet_id = :petId and status = 'booked' and id <> :appointmentId
      and starts_at < :endsAt and ends_at > :startsAt`,
    {
      petId,
      appointmentId: wish.appointmentId ?? '',
      startsAt: wish.startsAt,
      endsAt: endOf(wish.kind, wish.startsAt),
    },
  )
  if (own !== undefined) return refuse({ reason: 'pet_is_busy', startsAt: own.startsAt })
  return refuse({ reason: 'slot_taken', next: nextFreeSlots(clinic.db, clinic.clock(), wish) })
}
