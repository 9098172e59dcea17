import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { CliError } from './cli-error.ts'
import type { Settings } from './settings.ts'

const HOW_TO_MAKE_ONE = "`openssl rand -base64 32 | tr '+/' '-_' | tr -d '='`"

/**
 * The key above all other secrets. It belongs outside of database and data folder, so that whoever copies those cannot read
 * what is sealed in them; only on a machine that serves itself it is made beside the data.
 */
export function serverMasterKey(settings: Settings, isLoopback: boolean): Uint8Array {
  const { masterKeyFile, dataDir } = settings
  if (!isLoopback && masterKeyFile?.startsWith(dataDir + sep))
    throw new CliError(
      '`PERMITRY_MASTER_KEY_FILE` lies in the data folder: keep it where a copy of the data does not take it along',
    )
  const given = givenMasterKey(settings)
  if (given) return given
  if (!isLoopback)
    throw new CliError(
      `the master key is missing: make one with ${HOW_TO_MAKE_ONE} and set PERMITRY_MASTER_KEY or PERMITRY_MASTER_KEY_FILE`,
    )
  const file = besideData(settings)
  if (!existsSync(file)) {
    // `wx`: of two servers that start at once, one makes the key and the other fails instead of replacing it.
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { flag: 'wx', mode: 0o600, flush: true })
  }
  return readKeyFile(file)
}

/** The key that a server of this folder uses, for commands that need it too; never makes one. */
export function existingMasterKey(settings: Settings): Uint8Array | undefined {
  const file = besideData(settings)
  return givenMasterKey(settings) ?? (existsSync(file) ? readKeyFile(file) : undefined)
}

/** As `existingMasterKey`, for commands that cannot do without. */
export function requireMasterKey(settings: Settings): Uint8Array {
  const masterKey = existingMasterKey(settings)
  if (masterKey === undefined)
    throw new CliError('the master key is missing: set PERMITRY_MASTER_KEY or PERMITRY_MASTER_KEY_FILE as for `serve`')
  return masterKey
}

function givenMasterKey({ masterKey, masterKeyFile }: Settings): Uint8Array | undefined {
  if (masterKey !== undefined && masterKeyFile !== undefined)
    throw new CliError('PERMITRY_MASTER_KEY and PERMITRY_MASTER_KEY_FILE are both set: keep one')
  if (masterKey !== undefined) return parseKey(masterKey, 'PERMITRY_MASTER_KEY')
  return masterKeyFile === undefined ? undefined : readKeyFile(masterKeyFile)
}

function readKeyFile(file: string): Uint8Array {
  if (!existsSync(file))
    throw new CliError(`the master key file \`${file}\` does not exist: create it, or name another one`)
  // Windows has no such modes and reports all bits set.
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
    throw new CliError(`the master key file \`${file}\` can be read by others: run \`chmod 600 ${file}\``)
  return parseKey(readFileSync(file, 'utf8').trim(), `the master key file \`${file}\``)
}

function parseKey(text: string, source: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]{43}$/.test(text))
    throw new CliError(`${source} must hold 32 bytes in base64url: make one with ${HOW_TO_MAKE_ONE}`)
  return Buffer.from(text, 'base64url')
}

function besideData({ dataDir }: Settings): string {
  return join(dataDir, 'master.key')
}
