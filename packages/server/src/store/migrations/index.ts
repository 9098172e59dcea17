import type { Migrations } from '../engine/migrate.ts'
import { up as first } from './0001-first.ts'
import { up as clientsOfAllKinds } from './0002-clients-of-all-kinds.ts'

/** Every migration, by the name under which a database remembers it. */
export const migrations: Migrations = {
  '0001-first': { up: first },
  '0002-clients-of-all-kinds': { up: clientsOfAllKinds },
}
