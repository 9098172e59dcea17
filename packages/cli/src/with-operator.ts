import { existsSync, mkdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import {
  completeBuiltIn,
  createTenant,
  DEFAULT_TENANT,
  runCommand,
  tenantExists,
  type Operator,
} from '@permitry/server'
import { CliError } from './cli-error.ts'
import { openDatabase } from './open-database.ts'
import { readSettings, type Settings } from './settings.ts'
import type { Terminal } from './terminal.ts'

export interface OperatorOptions {
  readonly tenant: string
  /** Whether a database that is not there is made; otherwise a wrong folder would look like an empty tenant. */
  readonly create?: boolean
}

/** Opens the database for one command, as the person at the machine, and closes it again. */
export async function withOperator<T>(
  terminal: Terminal,
  { tenant, create = false }: OperatorOptions,
  work: (operator: Operator) => Promise<T>,
): Promise<T> {
  const settings = readSettings(terminal.environment, terminal.folder)
  prepareDataDir(settings, create)
  const store = await openDatabase(settings)
  try {
    const operator: Operator = { store, tenant, actor: { kind: 'cli', id: operatorName() }, now: Date.now }
    await ensureDefaultTenant(operator)
    return await work(operator)
  } finally {
    await store.close()
  }
}

/** The default tenant is there from the start; all others are made by `tenant create`. What is built in is in each. */
export async function ensureDefaultTenant(operator: Operator): Promise<void> {
  if (await tenantExists(operator)) return completeBuiltIn(operator)
  if (operator.tenant !== DEFAULT_TENANT) return
  // Without a name until a configuration says one.
  const done = await runCommand(operator, createTenant, { name: '' })
  // Two processes that start at once both try; the one that comes second finds it there.
  if (!done.ok && done.error.reason !== 'taken')
    throw new Error(`the default tenant could not be made: ${done.error.reason}`)
}

/** Makes the data folder for its owner alone, or says that there is no database yet. */
export function prepareDataDir({ isPostgres, databaseUrl, dataDir }: Settings, create: boolean): void {
  if (create) mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  else if (!isPostgres && !existsSync(databaseUrl))
    throw new CliError(
      `there is no database at \`${databaseUrl}\`: run \`permitry apply\` first, or set PERMITRY_DATA_DIR to its folder`,
    )
}

function operatorName(): string {
  try {
    return userInfo().username
  } catch {
    // In a container the user may have a number and no name.
    return `uid:${process.getuid?.() ?? 'unknown'}`
  }
}
