import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { loadArticles } from './articles.ts'
import type { Clinic } from './clinic.ts'
import { SCHEMA, SCHEMA_VERSION } from './schema.ts'
import { seed } from './seed.ts'
import type { Clock } from './time.ts'

/** Opens the clinic's database and, at the first start, fills it with the example's people, pets and dates. */
export function openClinic(options: { dataFile: string; issuer: string; clock: Clock }): Clinic {
  if (options.dataFile !== ':memory:') {
    mkdirSync(dirname(options.dataFile), { recursive: true })
    // What is known about people is for the server's own user; SQLite gives its other files (-wal, -shm) the same mode.
    closeSync(openSync(options.dataFile, 'a', 0o600))
  }
  const db = new DatabaseSync(options.dataFile, { timeout: 5000 })
  const clinic: Clinic = { db, clock: options.clock }
  try {
    db.exec('pragma journal_mode = wal; pragma foreign_keys = on')
    transaction(db, () => {
      prepare(clinic, options)
      checkIssuer(db, options)
      loadArticles(db)
    })
  } catch (error) {
    db.close()
    throw error
  }
  return clinic
}

function prepare(clinic: Clinic, { dataFile, issuer }: { dataFile: string; issuer: string }): void {
  const { db } = clinic
  const version = Number(db.prepare('pragma user_version').get()?.['user_version'])
  if (version === SCHEMA_VERSION) return
  if (version !== 0) {
    throw new Error(
      `${dataFile} has the schema version ${version}, this program knows ${SCHEMA_VERSION}: run \`npm run reset\``,
    )
  }
  db.exec(SCHEMA)
  db.prepare('insert into clinic (only, issuer) values (1, ?)').run(issuer)
  seed(clinic, issuer)
  db.exec(`pragma user_version = ${SCHEMA_VERSION}`)
}

/** Owners are stored as (iss, sub): under another issuer nobody would find his pets, so say that instead of showing none. */
function checkIssuer(db: DatabaseSync, options: { dataFile: string; issuer: string }): void {
  const stored = String(db.prepare('select issuer from clinic').get()?.['issuer'])
  if (stored === options.issuer) return
  throw new Error(
    `the people in ${options.dataFile} belong to the issuer ${stored}, not ${options.issuer}; ` +
      'start with that issuer (PERMITRY_PORT), or run `npm run reset`',
  )
}

function transaction(db: DatabaseSync, work: () => void): void {
  db.exec('begin immediate')
  try {
    work()
    db.exec('commit')
  } catch (error) {
    db.exec('rollback')
    throw error
  }
}
