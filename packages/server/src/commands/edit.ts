import { err, type Result } from '@permitry/oauth'
import type { InTenant } from '../store/in-tenant.ts'
import type { SubjectDefinition } from '../store/repositories/subject-definitions.ts'
import { putClient } from './client.ts'
import type { Command } from './command.ts'
import type { CommandFailure, Kind } from './failure.ts'
import { putGroup } from './group.ts'
import { putRole } from './role.ts'
import { putServer } from './server.ts'
import { putSubject } from './subject.ts'

type Find<D> = (t: InTenant, id: string) => Promise<D | undefined>

/** What to make of a definition, or a sentence that says why nothing can be made of it. */
export interface Edit<D> {
  readonly id: string
  readonly edit: (before: D) => Result<D>
}

/** Two who change different things at the same moment both get their way: each edits what the other one left. */
function changing<D>(kind: Kind, find: Find<D>, put: Command<D>): Command<Edit<D>> {
  return async (context, { id, edit }) => {
    await context.t.tenants.lock()
    const before = await find(context.t, id)
    if (before === undefined) return err({ reason: 'unknown', kind, id })
    const after = edit(before)
    return after.ok ? put(context, after.value) : err({ reason: 'invalid', message: after.error })
  }
}

type Taken = Extract<CommandFailure, { reason: 'taken' }>['what']

/** What is new must not replace what somebody else made under its id. */
function adding<D extends { readonly id: string }>(what: Taken, find: Find<D>, put: Command<D>): Command<D> {
  return async (context, definition) => {
    await context.t.tenants.lock()
    if (await find(context.t, definition.id)) return err({ reason: 'taken', what, name: definition.id })
    return put(context, definition)
  }
}

const server = (t: InTenant, id: string) => t.serverDefinitions.find(id)
const role = (t: InTenant, id: string) => t.roles.find(id)
const group = (t: InTenant, id: string) => t.groups.find(id)
const subject: Find<SubjectDefinition> = (t, id) => t.subjectDefinitions.find(id)
const client = (t: InTenant, id: string) => t.clientDefinitions.find(id)

export const addServer = adding('server id', server, putServer)
export const changeServer = changing('server', server, putServer)
export const addRole = adding('role id', role, putRole)
export const changeRole = changing('role', role, putRole)
export const addGroup = adding('group id', group, putGroup)
export const changeGroup = changing('group', group, putGroup)
/** Adds a person. */
export const addSubject = adding('person id', subject, putSubject)
/** Changes a person. */
export const changeSubject = changing('subject', subject, putSubject)
export const changeClient = changing('client', client, putClient)
