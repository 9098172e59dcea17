import { err, ok, unionScopes, type Result } from '@permitry/oauth'
import type { Decision } from '@permitry/policy'
import { capabilityMissing, rpcError, schemeOf, taskNotFound, toAnswer } from './answers.ts'
import type { Told } from './audit.ts'
import { decideItem, type ItemDecision } from './decide-item.ts'
import type { Decided } from './decided.ts'
import { createDecisionId } from './digest.ts'
import type { Era } from './era.ts'
import type { Caller } from './issuer/claims.ts'
import { createListFilter, type MessageFilter, type OnListed } from './list-filter.ts'
import { isRecord, type Message } from './message.ts'
import { readOperation, type Item } from './operation.ts'
import { idOf, type Post } from './read-post.ts'
import type { Settings } from './settings.ts'
import { declaresTasks, notingTask, TASKS_EXTENSION, type Tasks } from './tasks.ts'

/** An operation that may go on: what it was decided on, and what the handler gets as the body. */
export interface Authorized {
  readonly decisionId: string
  readonly decided: Omit<Decided, 'decisionId' | 'principal'>
  readonly body: unknown
  readonly filter: MessageFilter | undefined
  /** Only `initialize` does, and only before 2026-07-28. */
  readonly opensSession: boolean
  /** The answer goes on for as long as the client listens. */
  readonly isStream: boolean
}

type Authorize = (post: Post, caller: Caller) => Promise<Result<Authorized, Response>>

/** Makes the function that decides what a message asks for, and tells each decision before anything follows from it. */
export function createAuthorize(
  settings: Settings,
  tasks: Tasks,
  tell: (told: Told) => Promise<void>,
  onListed: OnListed,
): Authorize {
  return async (post, caller) => {
    const { message, era, body } = post
    const decisionId = createDecisionId()
    const id = idOf(message)
    const scheme = schemeOf(caller.principal)
    const operation = readOperation(message, era, settings)
    const authorized = (more: Partial<Authorized>): Result<Authorized, Response> =>
      ok({ ...OPEN, decisionId, body, ...more })

    switch (operation.kind) {
      case 'open':
        return authorized({ opensSession: methodOf(message) === 'initialize' })
      case 'list':
        return authorized({ filter: createListFilter(caller, era, settings, tasks, onListed) })
      case 'unknown_method':
        return err(rpcError(statusOfUnknown(message, era), -32601, 'Method not found', id))
      case 'invalid_params':
        return err(rpcError(era === 'modern' ? 400 : 200, -32602, operation.message, id))
      case 'item': {
        const { decision, ...decided } = await decideAndTell(operation.item, decisionId, message, caller)
        const answer = toAnswer(decision, { id, era, item: operation.item, decisionId, scheme }, settings)
        if (answer !== undefined) return err(answer)
        const { arguments: args, object, plan } = decided
        return authorized({
          decided: { arguments: args, object, plan },
          filter: filterOf(operation.item, post, caller),
        })
      }
      case 'task': {
        // Before 2026-07-28 that is agreed on once, by `initialize`.
        if (era === 'modern' && !declaresTasks(message)) return err(capabilityMissing(id, TASKS_EXTENSION))
        const item = tasks.find(operation.taskId, caller.principal)
        if (item === undefined) return err(taskNotFound(id))
        const { decision, ...decided } = await decideAndTell(item, decisionId, message, caller)
        const { outcome } = decision
        // The answer of a refused call would be no answer to this method, and would tell of what is hidden now.
        if (outcome === 'never' || outcome === 'refuse') return err(taskNotFound(id))
        const answer = toAnswer(decision, { id, era, item, decisionId, scheme }, settings)
        const { arguments: args, object, plan } = decided
        return answer === undefined ? authorized({ decided: { arguments: args, object, plan } }) : err(answer)
      }
      case 'listen': {
        const uris: string[] = []
        const refused: Refused[] = []
        for (const item of operation.items) {
          const { decision } = await decideAndTell(item, decisionId, message, caller)
          if (decision.outcome === 'allow') uris.push(item.name)
          else refused.push({ item, decision })
        }
        const first = challengeOf(refused)
        const answer = first && toAnswer(first.decision, { id, era, item: first.item, decisionId, scheme }, settings)
        if (answer !== undefined) return err(answer)
        const taskIds: string[] = []
        for (const taskId of operation.taskIds) {
          const item = tasks.find(taskId, caller.principal)
          const decided = item && (await decideAndTell(item, decisionId, message, caller))
          if (decided?.decision.outcome === 'allow') taskIds.push(taskId)
        }
        return authorized({ body: withSubscriptions(body, { resourceSubscriptions: uris, taskIds }), isStream: true })
      }
    }
  }

  /** What has to be done with the answer to a call that is allowed. */
  function filterOf(item: Item, { message, era }: Post, caller: Caller): MessageFilter | undefined {
    // What a rule guards is nothing for a shared cache, whatever the server thinks of its own resource.
    if (era === 'modern' && methodOf(message) === 'resources/read')
      return createListFilter(caller, era, settings, tasks, onListed)
    return notingTask(message, era, item, caller.principal, tasks, settings)
  }

  async function decideAndTell(
    item: Item,
    decisionId: string,
    message: Message,
    caller: Caller,
  ): Promise<ItemDecision> {
    const method = methodOf(message)
    const told = { decisionId, principal: caller.principal, method, item }
    let decided: ItemDecision
    try {
      decided = await decideItem(item, method, caller, settings)
    } catch (error) {
      await tell({ ...told, decision: undefined, objectId: undefined })
      throw error
    }
    await tell({ ...told, decision: decided.decision, objectId: decided.objectId })
    return decided
  }
}

/** What holds unless a case says otherwise: nothing was decided on but the token. */
const OPEN: Omit<Authorized, 'decisionId' | 'body'> = {
  decided: { arguments: {}, object: undefined, plan: undefined },
  filter: undefined,
  opensSession: false,
  isStream: false,
}

/** A GET of the revisions before 2026-07-28: a stream of what the server sends on its own, or resumes. DELETE ends a session. */
export function authorizeSession(caller: Caller, settings: Settings, tasks: Tasks, onListed: OnListed): Authorized {
  const filter = createListFilter(caller, 'legacy', settings, tasks, onListed)
  return { ...OPEN, decisionId: createDecisionId(), body: undefined, filter, isStream: true }
}

function methodOf(message: Message): string {
  return message.kind === 'response' ? '' : message.method
}

/** 404 as 2026-07-28 says; before, it would tell a client that its session has ended, so requests are answered in band. */
function statusOfUnknown(message: Message, era: Era): number {
  if (era === 'modern') return 404
  return message.kind === 'request' ? 200 : 400
}

interface Refused {
  readonly item: Item
  readonly decision: Decision
}

/**
 * What to ask of the client before it subscribes: consent to all scopes that are missing, in one challenge, or else
 * another login. Undefined when neither would open more: what is beyond reach is left out of the subscription, as a list
 * leaves it out, and the server's acknowledgement says what remains.
 */
function challengeOf(refused: readonly Refused[]): Refused | undefined {
  const challenges = refused.flatMap(({ item, decision }) =>
    decision.outcome === 'challenge' ? [{ item, decision }] : [],
  )
  const [first] = challenges
  if (first === undefined) return refused.find(({ decision }) => decision.outcome === 'step_up')
  const scopes = unionScopes(...challenges.map(({ decision }) => decision.scopes))
  return { item: first.item, decision: { ...first.decision, scopes } }
}

/** The body with what may be subscribed to in place of what was asked for; what was not asked for stays away. */
function withSubscriptions(body: Post['body'], allowed: Readonly<Record<string, readonly string[]>>): Post['body'] {
  const params = isRecord(body['params']) ? body['params'] : {}
  const notifications = isRecord(params['notifications']) ? params['notifications'] : {}
  const replaced = Object.entries(allowed).filter(([member]) => Object.hasOwn(notifications, member))
  if (replaced.length === 0) return body
  return { ...body, params: { ...params, notifications: { ...notifications, ...Object.fromEntries(replaced) } } }
}
