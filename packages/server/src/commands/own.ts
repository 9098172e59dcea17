// What people change that is their own. No command here takes the id of a person: it acts on whoever runs it, so there is no
// way to say somebody else.
import { err, ok, type Result } from '@permitry/oauth'
import { isPasswordHash } from '../login/password.ts'
import type { Grant } from '../store/repositories/grants.ts'
import type { Subject } from '../store/repositories/subjects.ts'
import { type Command, type CommandContext, type CommandEvent, defineCommand } from './command.ts'
import type { CommandFailure } from './failure.ts'
import { endGrant } from './grant.ts'
import { revokeTokens } from './revoke.ts'
import { endLivingSession } from './session.ts'
import { erase } from './subject.ts'

/** The session in which the person asked: it must be living in the unit that acts, whatever was true before. */
interface InSession {
  readonly sessionId: string
}

type Work<Input> = (
  context: CommandContext,
  person: Subject,
  input: Input,
) => Promise<Result<CommandEvent | 'unchanged', CommandFailure>>

/** Gives the person another name. What an administrator declared in a file stays: the next `apply` would set it back. */
export const changeOwnName = defineOwn<InSession & { readonly name: string }>(
  'own.name',
  async ({ t, now }, person, { name }) => {
    if (await t.declarations.has({ kind: 'user', id: person.id }))
      return err({ reason: 'invalid', message: 'this name is declared in a configuration file: change it there' })
    if (person.name === name) return ok('unchanged')
    await t.subjectDefinitions.setName(person.id, name, now)
    return ok({ type: 'subject.changed', subjectId: person.id, detail: { change: 'updated', fields: ['name'] } })
  },
)

/**
 * Sets a new password, given as its hash. Whoever knew the old one is put out: every other session ends, and every family that
 * was not begun in this one. Consents stay.
 */
export const changeOwnPassword = defineOwn<InSession & { readonly passwordHash: string }>(
  'own.set-password',
  async (context, person, { sessionId, passwordHash }) => {
    const { t, now } = context
    if (!isPasswordHash(passwordHash))
      return err({ reason: 'invalid', message: 'the password hash is not Argon2id in PHC form' })
    await t.subjectDefinitions.setPasswordHash(person.id, passwordHash, now)
    const sessions = await endOtherSessions(context, person.id, sessionId)
    const families = await t.families.endOthers({ subjectId: person.id, sessionId }, 'password changed', now)
    await revokeTokens(
      context,
      families.map((familyId) => ({ familyId })),
    )
    return ok({ type: 'password.changed', subjectId: person.id, detail: { sessions, families } })
  },
)

/** Signs the person out of one browser, with what was authorized from it. */
export const endOwnSession = defineOwn<InSession & { readonly id: string }>(
  'own.end-session',
  async (context, person, { id }) => {
    const session = await context.t.sessions.find(id)
    if (session?.subject_id !== person.id) return err({ reason: 'unknown', kind: 'session', id })
    const families = await endLivingSession(context, id)
    if (!families) return ok('unchanged')
    return ok({ type: 'session.ended', subjectId: person.id, detail: { session: id, families } })
  },
)

/** Signs the person out of every browser but this one. */
export const endOwnOtherSessions = defineOwn<InSession>('own.end-other-sessions', async (context, person, input) => {
  const sessions = await endOtherSessions(context, person.id, input.sessionId)
  if (sessions.length === 0) return ok('unchanged')
  return ok({ type: 'session.ended', subjectId: person.id, detail: { sessions } })
})

/**
 * Takes scopes out of a grant: what is not kept goes, and nothing comes in. Living tokens of the grant are revoked; its families
 * go on with what is left. `openid` and `offline_access` stay as long as the grant does.
 */
export const narrowOwnGrant = defineOwn<InSession & { readonly id: string; readonly keep: readonly string[] }>(
  'own.narrow-grant',
  async (context, person, { id, keep }) => {
    const { t, now } = context
    const grant = await holdOwnGrant(context, person, id)
    if (!grant) return err({ reason: 'unknown', kind: 'grant', id })
    const scopes = grant.scopes.filter((scope) => keep.includes(scope))
    const identityScopes = grant.identityScopes.filter(
      (scope) => scope === 'openid' || scope === 'offline_access' || keep.includes(scope),
    )
    const removed = [...grant.scopes, ...grant.identityScopes].filter(
      (scope) => !scopes.includes(scope) && !identityScopes.includes(scope),
    )
    if (removed.length === 0) return ok('unchanged')
    if (grant.scopes.length > 0 && scopes.length === 0) return ok(await endGrant(context, grant))
    await t.grants.put({ ...grant, scopes, identityScopes }, now)
    const families = await t.families.allLiving({ grantId: id }, now)
    await revokeTokens(
      context,
      families.map((family) => ({ familyId: family.id })),
    )
    const { clientId, serverId } = grant
    const detail = { grant: id, removed, scopes, identity_scopes: identityScopes }
    return ok({ type: 'grant.narrowed', subjectId: person.id, clientId, serverId, detail })
  },
)

/** Withdraws a consent of the person's own. */
export const withdrawOwnGrant = defineOwn<InSession & { readonly id: string }>(
  'own.withdraw-grant',
  async (context, person, { id }) => {
    const grant = await holdOwnGrant(context, person, id)
    if (!grant) return err({ reason: 'unknown', kind: 'grant', id })
    return ok(await endGrant(context, grant))
  },
)

/** Erases the person, as an operator's `eraseSubject` does. */
export const eraseOneself = defineOwn<InSession>('own.erase', async (context, person) => {
  await erase(context, person.id)
  return ok({ type: 'subject.erased', subjectId: person.id })
})

function defineOwn<Input extends InSession>(action: string, work: Work<Input>): Command<Input> {
  return defineCommand(action, async (context, input) => {
    const person = await holdActor(context, input)
    return person ? work(context, person, input) : err({ reason: 'unknown', kind: 'session', id: input.sessionId })
  })
}

/** The person who acts, held until the unit ends: active, and signed in in this session. */
async function holdActor({ t, actor, now }: CommandContext, { sessionId }: InSession): Promise<Subject | undefined> {
  if (actor.kind !== 'subject') return undefined
  const person = await t.subjects.hold(actor.id)
  const session = (await t.sessions.allLiving(actor.id, now)).find(({ id }) => id === sessionId)
  return session && person?.status === 'active' && person.kind === 'person' ? person : undefined
}

async function holdOwnGrant({ t }: CommandContext, person: Subject, id: string): Promise<Grant | undefined> {
  const grant = await t.grants.holdLiving(id)
  return grant?.subjectId === person.id ? grant : undefined
}

async function endOtherSessions(context: CommandContext, subjectId: string, keptId: string): Promise<string[]> {
  const living = await context.t.sessions.allLiving(subjectId, context.now)
  const others = living.map(({ id }) => id).filter((id) => id !== keptId)
  for (const id of others) await endLivingSession(context, id)
  return others
}
