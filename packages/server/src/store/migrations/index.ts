import type { Migrations } from '../engine/migrate.ts'
import { up as first } from './0001-first.ts'

/** Every migration, by the name under which a database remembers it. */
export const migrations: Migrations = { '0001-first': { up: first } }
