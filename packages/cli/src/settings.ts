import { resolve } from 'node:path'
import type { Environment } from './environment.ts'
import { CliError } from './cli-error.ts'

/** Where Permitry finds its things, from the environment. docs/reference/cli.md has the table. */
export interface Settings {
  readonly configFile: string
  readonly dataDir: string
  /** The SQLite file in the data folder, or the PostgreSQL of `DATABASE_URL`. */
  readonly databaseUrl: string
  readonly isPostgres: boolean
  readonly masterKey: string | undefined
  readonly masterKeyFile: string | undefined
  readonly port: number | undefined
  readonly gatewayPort: number
}

export function readSettings(environment: Environment, folder: string): Settings {
  const read = (name: string) => environment[name] || undefined
  const dataDir = resolve(folder, read('PERMITRY_DATA_DIR') ?? '.permitry')
  const databaseUrl = read('DATABASE_URL')
  if (databaseUrl !== undefined && !/^postgres(ql)?:\/\//.test(databaseUrl))
    throw new CliError(
      '`DATABASE_URL` must begin with postgres://: leave it unset to use SQLite in `PERMITRY_DATA_DIR`',
    )
  const masterKeyFile = read('PERMITRY_MASTER_KEY_FILE')
  return {
    configFile: resolve(folder, read('PERMITRY_CONFIG') ?? 'permitry.yaml'),
    dataDir,
    databaseUrl: databaseUrl ?? resolve(dataDir, 'permitry.db'),
    isPostgres: databaseUrl !== undefined,
    masterKey: read('PERMITRY_MASTER_KEY'),
    masterKeyFile: masterKeyFile && resolve(folder, masterKeyFile),
    port: parsePort('PERMITRY_PORT', read('PERMITRY_PORT')),
    gatewayPort: parsePort('PERMITRY_GATEWAY_PORT', read('PERMITRY_GATEWAY_PORT')) ?? 9403,
  }
}

function parsePort(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535)
    throw new CliError(`\`${name}\` is \`${text}\`: set it to a port number`)
  return Number(text)
}
