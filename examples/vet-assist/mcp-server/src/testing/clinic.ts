// A clinic for tests: the example's data in memory, at a fixed time, and its people.
import type { Caller, Clinic } from '../clinic/clinic.ts'
import { openClinic } from '../clinic/database.ts'
import { listPets } from '../clinic/pets.ts'
import type { Result } from '../clinic/result.ts'
import { PEOPLE } from '../clinic/seed.ts'

export const ISSUER = 'http://localhost:9400'
/** A Tuesday. */
export const NOON = Date.parse('2026-11-24T12:00:00Z')

export const bob: Caller = { iss: ISSUER, sub: PEOPLE.bob, staff: false }
export const carol: Caller = { iss: ISSUER, sub: PEOPLE.carol, staff: false }
export const dana: Caller = { iss: ISSUER, sub: PEOPLE.dana, staff: true }

export interface TestClinic extends Clinic {
  /** Sets the clock. */
  at: (now: string) => void
  fido: string
  bella: string
  misty: string
}

export function createTestClinic(options: { now?: number; dataFile?: string } = {}): TestClinic {
  let now = options.now ?? NOON
  const { db, clock } = openClinic({ dataFile: options.dataFile ?? ':memory:', issuer: ISSUER, clock: () => now })
  const pet = (name: string): string => {
    const [found] = listPets({ db, clock }, dana, { name, limit: 1 })
    if (found === undefined) throw new Error(`the example has no ${name}`)
    return found.petId
  }
  const at = (iso: string): void => {
    now = Date.parse(iso)
  }
  return { db, clock, at, fido: pet('Fido'), bella: pet('Bella'), misty: pet('Misty') }
}

/** The value of a result that a test expects to be good. */
export function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.failure)}`)
  return result.value
}

/** Why a result is refused, for a test that expects it to be. */
export function reasonOf(result: Result<unknown>): string {
  return result.ok ? 'not refused' : result.failure.reason
}
