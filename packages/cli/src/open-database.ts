import { migrateStore, openStore, type Store } from '@permitry/server'
import { CliError } from './cli-error.ts'
import type { Settings } from './settings.ts'

/** Opens the database. That it cannot be opened is an operator's to put right, so it is a sentence and no stack. */
export async function openDatabase({ databaseUrl }: Settings): Promise<Store> {
  return openStore({ url: databaseUrl }).catch((error: unknown) => fail('opened', error))
}

/** Brings the database to the schema of this version and returns what it ran. */
export async function migrateDatabase({ databaseUrl }: Settings): Promise<string[]> {
  return migrateStore({ url: databaseUrl }).catch((error: unknown) => fail('migrated', error))
}

function fail(done: string, error: unknown): never {
  throw new CliError(`the database cannot be ${done}: ${reasonsOf(error).join(': ')}`, { cause: error })
}

/** An error and what caused it; drivers hide the telling one below, or in a list of attempts. */
function reasonsOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)]
  const below: unknown = error instanceof AggregateError ? error.errors[0] : error.cause
  return [error.message, ...(below === undefined ? [] : reasonsOf(below))].filter((reason) => reason !== '')
}
