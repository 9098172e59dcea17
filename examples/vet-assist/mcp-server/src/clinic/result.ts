// Owns what the clinic says when it cannot do what was asked. A failure is a value; the sentence is written for a model that
// has to decide what to do next.
import { dateInWords, inWords, toWire } from './time.ts'
import type { Slot } from './slots.ts'

/** Why the clinic could not do it. A foreign object and an absent one are the same failure. */
export type Failure =
  | { reason: 'not_found'; what: 'pet' | 'appointment' | 'reminder' }
  | { reason: 'article_not_found' }
  | { reason: 'owner_unknown' }
  | { reason: 'microchip_taken' }
  | { reason: 'nothing_to_change' }
  | { reason: 'date_in_future'; field: string }
  | { reason: 'date_order' }
  | { reason: 'vaccine_not_for_species'; species: string; vaccines: string[] }
  | { reason: 'already_recorded'; givenOn: string }
  | { reason: 'slot_taken'; next: Slot[] }
  | { reason: 'not_a_slot'; next: Slot[] }
  | { reason: 'pet_is_busy'; startsAt: number }
  | { reason: 'appointment_not_open'; status: 'cancelled' | 'past' }
  | { reason: 'time_in_past' }
  | { reason: 'occurrence_changed'; dueAt: number }

export type Result<T> = { ok: true; value: T } | { ok: false; failure: Failure }

export function success<T>(value: T): Result<T> {
  return { ok: true, value }
}

export function refuse(failure: Failure): { ok: false; failure: Failure } {
  return { ok: false, failure }
}

/** The failure in one sentence, with what to do about it. No `default`: a new reason does not compile until it has words. */
export function toSentence(failure: Failure): string {
  switch (failure.reason) {
    case 'not_found':
      return `no ${failure.what} with this id among those that you can reach; call list_${failure.what}s for the ids`
    case 'article_not_found':
      return 'no article with this id; call search_articles for the ids'
    case 'owner_unknown':
      return 'no client of the clinic has this id; list_pets shows the ids of owners'
    case 'microchip_taken':
      return 'this microchip number belongs to another pet; check the number'
    case 'nothing_to_change':
      return 'nothing to change: name at least one field besides petId'
    case 'date_in_future':
      return `\`${failure.field}\` lies in the future; give a date up to today, in the form YYYY-MM-DD`
    case 'date_order':
      return '`to` must not be before `from`, and both at most 31 days apart'
    case 'vaccine_not_for_species':
      return `the clinic does not give this vaccine to a ${failure.species}; choose one of ${failure.vaccines.join(', ')}`
    case 'already_recorded':
      return `this vaccine is on record for ${dateInWords(failure.givenOn)} already; nothing was added`
    case 'slot_taken':
      return `somebody has that slot already; ${offer(failure.next)}`
    case 'not_a_slot':
      return `no appointment of this kind can start then; ${offer(failure.next)}`
    case 'pet_is_busy':
      return `this pet has another appointment at ${inWords(failure.startsAt)}; move or cancel that one, or choose another time`
    case 'appointment_not_open':
      return `this appointment is ${failure.status} and cannot be changed; list_appointments shows those that can`
    case 'time_in_past':
      return 'that time has passed; give one in the future, with its offset'
    case 'occurrence_changed':
      return `this occurrence was completed already; the next is due at ${toWire(failure.dueAt)}`
  }
}

function offer(next: Slot[]): string {
  if (next.length === 0) return 'none is free in the following two weeks; call find_free_slots with later dates'
  const slots = next.map((slot) => `${toWire(slot.startsAt)} with ${slot.vetId}`)
  return `the next free ones are ${slots.join(', ')}`
}
