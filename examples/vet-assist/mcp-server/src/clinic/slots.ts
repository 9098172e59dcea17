// Owns which slots are free. A slot starts on a quarter hour, inside one shift of one vet, after now and within a year.
import type { DatabaseSync } from 'node:sqlite'
import { all } from './clinic.ts'
import { APPOINTMENT_KINDS, type AppointmentKind, shiftsOf, type Vet, VETS } from './hours.ts'
import { dateAt, instantAt, zoned } from './time.ts'

const QUARTER_HOUR = 15 * 60_000
/** How far ahead the diary is open. */
const HORIZON = 365 * 24 * 60 * 60_000

export interface Slot {
  vetId: string
  startsAt: number
  endsAt: number
}

export interface SlotSearch {
  kind: AppointmentKind
  from: Temporal.PlainDate
  to: Temporal.PlainDate
  partOfDay?: 'morning' | 'afternoon' | undefined
  vetId?: string | undefined
  limit: number
}

/** The free slots of a search in the order of time. What it returns may be taken a moment later: booking decides. */
export function freeSlots(db: DatabaseSync, now: number, search: SlotSearch): Slot[] {
  const taken = takenQuarters(db, search)
  const vets = VETS.filter((vet) => search.vetId === undefined || vet.id === search.vetId)
  const found: Slot[] = []
  for (let date = search.from; Temporal.PlainDate.compare(date, search.to) <= 0; date = date.add({ days: 1 })) {
    const ofDay = vets
      .flatMap((vet) => slotsOfDay(vet, date, search.kind))
      .filter((slot) => isOpen(now, slot.startsAt) && isPartOfDay(slot, search.partOfDay) && isFree(slot, taken))
      .sort((a, b) => a.startsAt - b.startsAt)
    found.push(...ofDay)
    if (found.length >= search.limit) break
  }
  return found.slice(0, search.limit)
}

/** Whether an appointment of this kind can start there at all, whoever has booked it. */
export function isSlot(now: number, vetId: string, kind: AppointmentKind, startsAt: number): boolean {
  const vet = VETS.find((candidate) => candidate.id === vetId)
  if (vet === undefined || !isOpen(now, startsAt)) return false
  return slotsOfDay(vet, dateAt(startsAt), kind).some((slot) => slot.startsAt === startsAt)
}

/** The next three free slots from a wished time on, for an answer to somebody who could not have that one. */
export function nextFreeSlots(
  db: DatabaseSync,
  now: number,
  wish: { kind: AppointmentKind; startsAt: number },
): Slot[] {
  const from = dateAt(Math.max(now, wish.startsAt))
  const later = Math.max(now, wish.startsAt - 1)
  return freeSlots(db, later, { kind: wish.kind, from, to: from.add({ days: 14 }), limit: 3 })
}

/** When an appointment of this kind ends that starts at a given instant. */
export function endOf(kind: AppointmentKind, startsAt: number): number {
  return startsAt + APPOINTMENT_KINDS[kind].minutes * 60_000
}

function isOpen(now: number, startsAt: number): boolean {
  return startsAt > now && startsAt <= now + HORIZON
}

function slotsOfDay(vet: Vet, date: Temporal.PlainDate, kind: AppointmentKind): Slot[] {
  return shiftsOf(vet, date).flatMap((shift) => {
    const closes = instantAt(date, shift.closes)
    const slots: Slot[] = []
    for (let at = instantAt(date, shift.opens); endOf(kind, at) <= closes; at += QUARTER_HOUR) {
      slots.push({ vetId: vet.id, startsAt: at, endsAt: endOf(kind, at) })
    }
    return slots
  })
}

function takenQuarters(db: DatabaseSync, search: SlotSearch): Set<string> {
  const rows = all<{ vetId: string; at: number }>(
    db,
    'select vet_id as "vetId", quarter_at as at from diary where quarter_at >= :from and quarter_at < :to',
    { from: instantAt(search.from, '00:00'), to: instantAt(search.to.add({ days: 1 }), '00:00') },
  )
  return new Set(rows.map((row) => `${row.vetId} ${row.at}`))
}

function isFree(slot: Slot, taken: Set<string>): boolean {
  for (let at = slot.startsAt; at < slot.endsAt; at += QUARTER_HOUR) {
    if (taken.has(`${slot.vetId} ${at}`)) return false
  }
  return true
}

function isPartOfDay(slot: Slot, part: SlotSearch['partOfDay']): boolean {
  if (part === undefined) return true
  return zoned(slot.startsAt).hour < 12 === (part === 'morning')
}
