// Owns the fields that several tools share, with the words that tell a model where a value comes from.
import { z } from 'zod'
import { APPOINTMENT_KIND_IDS, VETS } from '../clinic/hours.ts'

const id = z.string().min(1).max(64)

export const petId = id.describe('Id of a pet, from list_pets')
export const appointmentId = id.describe('Id of an appointment, from list_appointments')
export const reminderId = id.describe('Id of a reminder, from list_reminders')
export const vetId = z.enum(VETS.map((vet) => vet.id)).describe('Which vet')
export const kind = z.enum(APPOINTMENT_KIND_IDS).describe('Kind of appointment; it decides how long the appointment is')
export const species = z.enum(['dog', 'cat', 'rabbit'])

/** A calendar date at the clinic. */
export function date(words: string): z.ZodISODate {
  return z.iso.date().describe(`${words}, YYYY-MM-DD`)
}

/** A point in time. What goes out has the offset of the clinic's zone; what comes in may have any. */
export function instant(words: string): z.ZodISODateTime {
  return z.iso.datetime({ offset: true }).describe(`${words}, ISO 8601 with offset, such as 2026-12-01T09:15:00+00:00`)
}

/** How many entries a list may have. */
export function limit(standard: number, most: number): z.ZodDefault<z.ZodInt> {
  return z.int().min(1).max(most).default(standard).describe('Greatest number of entries')
}

export const more = z.boolean().describe('Whether there are more entries: narrow the filters or raise the limit')

/** The first `most` of rows that were asked for with one more than that. */
export function cut<Row>(rows: Row[], most: number): { rows: Row[]; more: boolean } {
  return { rows: rows.slice(0, most), more: rows.length > most }
}

/** For tools that change nothing. */
export const READS = { readOnlyHint: true, openWorldHint: false }
/** For tools that add something, each call anew. */
export const ADDS = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false }
/** For tools that overwrite or end something; a second call with the same arguments changes nothing more. */
export const CHANGES = { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false }
