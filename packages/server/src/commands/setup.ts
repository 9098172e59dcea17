import { err, ok, type Result } from '@permitry/oauth'
import { OWNER_ROLE } from '../access/admin-api.ts'
import { newId, newSecret, sha256 } from '../keys/secrets.ts'
import { isPasswordHash } from '../login/password.ts'
import { inTenant } from '../store/in-tenant.ts'
import { defineCommand } from './command.ts'
import { type CommandFailure, describeFailure } from './failure.ts'
import { hasOwner } from './power.ts'
import { type Operator, runCommand } from './run.ts'

const HOUR = 3_600_000

/** Whoever opens the page of a link may make one owner, within an hour and while there is none (design, section 8). */
const addSetupLink = defineCommand<{ readonly hash: string }>('setup.link', async ({ t, now }, { hash }) => {
  if (await hasOwner(t)) return err({ reason: 'has_owner' })
  await t.setupLinks.add(hash, now + HOUR)
  return ok({ type: 'tenant.changed', detail: { setup_link: 'made' } })
})

/** Makes a setup link. The token is in it and nowhere else: of it only the hash is kept. */
export async function makeSetupLink(operator: Operator, issuer: string): Promise<Result<string, CommandFailure>> {
  const token = newSecret('setup_')
  const done = await runCommand(operator, addSetupLink, { hash: sha256(token) })
  return done.ok ? ok(`${issuer}/setup?token=${token}`) : done
}

/** As above for a start of the server, where an owner who is there is no failure. */
export async function offerSetupLink(operator: Operator, issuer: string): Promise<string | undefined> {
  if (await operator.store.read((db) => hasOwner(inTenant(db, operator.tenant)))) return undefined
  const made = await makeSetupLink(operator, issuer)
  if (made.ok) return made.value
  if (made.error.reason === 'has_owner') return undefined
  throw new Error(`a setup link could not be made: ${describeFailure(made.error)}`)
}

interface FirstOwner {
  readonly token: string
  readonly username: string
  readonly name: string
  readonly passwordHash: string
}

/** Spends a setup link on a person who is an owner, and on nothing else; a failure leaves the link as it was. */
export const makeFirstOwner = defineCommand<FirstOwner>(
  'setup.owner',
  async ({ t, now }, { token, username, name, passwordHash }) => {
    if (!isPasswordHash(passwordHash)) return err({ reason: 'invalid', message: 'the password hash is not Argon2id' })
    if (!(await t.setupLinks.spend(sha256(token), now)) || (await hasOwner(t))) return err({ reason: 'has_owner' })
    if (await t.subjects.findByUsername(username)) return err({ reason: 'taken', what: 'user name', name: username })
    const id = newId('usr')
    await t.subjectDefinitions.put({ id, username, name, email: null, roles: [OWNER_ROLE], groups: [] }, now)
    await t.subjectDefinitions.setPasswordHash(id, passwordHash, now)
    return ok({ type: 'subject.changed', subjectId: id, detail: { change: 'created', roles: [OWNER_ROLE] } })
  },
)
