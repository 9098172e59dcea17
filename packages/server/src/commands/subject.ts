import { err, ok } from '@permitry/oauth'
import { destroySalt } from '../audit/erase.ts'
import { isPasswordHash } from '../login/password.ts'
import type { SubjectDefinition } from '../store/repositories/subject-definitions.ts'
import { canonical } from './canonical.ts'
import { changeDetail, changesBetween } from './changes.ts'
import { defineCommand, type CommandContext } from './command.ts'
import { checkHandsOut } from './power.ts'
import { checkGroups, checkRoles } from './references.ts'
import { revokeTokens, revokeTokensOfPeople } from './revoke.ts'

/** Makes a person, or replaces names, address, roles and groups. Losing a role or a group, the person's living tokens are revoked. */
export const putSubject = defineCommand<SubjectDefinition>('subject.put', async (context, input) => {
  const { t, now } = context
  const subject = canonical(definitionOf(input))
  const failure = (await checkRoles(t, subject.roles)) ?? (await checkGroups(t, subject.groups))
  if (failure) return err(failure)
  if (await t.agents.find(subject.id))
    return err({ reason: 'invalid', message: `\`${subject.id}\` is a client that acts for itself: choose another id` })
  const owner = subject.username === null ? undefined : await t.subjects.findByUsername(subject.username)
  if (owner && owner.id !== subject.id) return err({ reason: 'taken', what: 'user name', name: subject.username ?? '' })

  const stored = await t.subjectDefinitions.find(subject.id)
  const before = stored && definitionOf(stored)
  const handsOut =
    checkHandsOut(context.actor, before?.roles, subject.roles) ??
    checkHandsOut(context.actor, before?.groups, subject.groups)
  if (handsOut) return err(handsOut)
  const changes = changesBetween(before, subject)
  if (before && changes.length === 0) return ok('unchanged')
  if (before && (loses(before.roles, subject.roles) || loses(before.groups, subject.groups)))
    await revokeTokensOfPeople(context, [subject.id])
  await t.subjectDefinitions.put(subject, now)
  return ok({
    type: 'subject.changed',
    subjectId: subject.id,
    detail: {
      change: before ? 'updated' : 'created',
      ...changeDetail(changes, (field) => field !== 'roles' && field !== 'groups'),
    },
  })
})

/**
 * Removes a person with sessions and grants; agents of theirs stop until somebody else answers for them. The id stays in the
 * audit, and must not be given to somebody else.
 */
export const removeSubject = defineCommand<{ readonly id: string }>('subject.remove', async (context, { id }) => {
  if (!(await remove(context, id))) return err({ reason: 'unknown', kind: 'subject', id })
  return ok({ type: 'subject.changed', subjectId: id, detail: { change: 'removed' } })
})

/**
 * Erases a person: the subject with sessions and grants, and the salt without which the audit's commitments to name and
 * address say nothing any more, while its chain still verifies. Reaches also somebody who was removed before.
 */
export const eraseSubject = defineCommand<{ readonly id: string }>('subject.erase', async (context, { id }) => {
  if (!(await erase(context, id))) return err({ reason: 'unknown', kind: 'subject', id })
  return ok({ type: 'subject.erased', subjectId: id })
})

/** Erases a person, whoever asks for it; false when nobody has or had this id. */
export async function erase(context: CommandContext, id: string): Promise<boolean> {
  const wasThere = await remove(context, id)
  const wasKnown = await destroySalt(context.t.db, context.t.tenant, id)
  return wasThere || wasKnown
}

/**
 * Keeps a person or an agent out: no login, no new token, and the living ones are refused, also those of agents that the person
 * answers for. Roles and grants stay for the day of `resume`.
 */
export const suspendSubject = defineCommand<{ readonly id: string }>('subject.suspend', async (context, { id }) => {
  const { t, now } = context
  if (!(await t.subjects.find(id))) return err({ reason: 'unknown', kind: 'subject', id })
  if (!(await t.subjectDefinitions.setStatus(id, 'suspended', now))) return ok('unchanged')
  await signOutEverywhere(context, id, 'subject suspended')
  return ok({ type: 'subject.suspended', subjectId: id })
})

/** Lets a suspended person or agent in again; everything but the sessions and tokens that ended is as before. */
export const resumeSubject = defineCommand<{ readonly id: string }>('subject.resume', async ({ t, now }, { id }) => {
  if (!(await t.subjects.find(id))) return err({ reason: 'unknown', kind: 'subject', id })
  if (!(await t.subjectDefinitions.setStatus(id, 'active', now))) return ok('unchanged')
  return ok({ type: 'subject.resumed', subjectId: id })
})

/**
 * Sets a password, given as its hash because a unit must not wait for Argon2. Whoever is signed in is signed out: the old
 * password may be in other hands.
 */
export const setPassword = defineCommand<{ readonly id: string; readonly passwordHash: string }>(
  'subject.set-password',
  async (context, { id, passwordHash }) => {
    if (!isPasswordHash(passwordHash))
      return err({
        reason: 'invalid',
        message: 'the password hash is not Argon2id in PHC form: hash it with `hashPassword`',
      })
    if (!(await context.t.subjectDefinitions.setPasswordHash(id, passwordHash, context.now)))
      return err({ reason: 'unknown', kind: 'subject', id })
    await signOutEverywhere(context, id, 'password changed')
    return ok({ type: 'password.changed', subjectId: id })
  },
)

async function remove(context: CommandContext, id: string): Promise<boolean> {
  const { t } = context
  if (!(await t.subjectDefinitions.find(id))) return false
  await revokeTokensOfPeople(context, [id, ...(await t.agents.ownedBy(id))])
  await t.subjectDefinitions.remove(id)
  await t.declarations.remove({ kind: 'user', id })
  return true
}

async function signOutEverywhere(context: CommandContext, subjectId: string, reason: string): Promise<void> {
  const { t, now } = context
  await t.sessions.endAllOf(subjectId, now)
  await t.families.endAll({ subjectId }, reason, now)
  await revokeTokens(context, [{ subjectId, endsSessions: true }])
  await revokeTokensOfPeople(context, await t.agents.ownedBy(subjectId))
}

/** Leaves out what is known about a person beside the definition, such as whether there is a password. */
function definitionOf({ id, username, name, email, roles, groups }: SubjectDefinition): SubjectDefinition {
  return { id, username, name, email, roles, groups }
}

function loses(before: readonly string[], after: readonly string[]): boolean {
  return before.some((item) => !after.includes(item))
}
