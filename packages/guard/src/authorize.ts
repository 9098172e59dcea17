import { err, ok, unionScopes, type Result } from '@permitry/oauth'
import type { Decision } from '@permitry/policy'
import { rpcError, toAnswer } from './answers.ts'
import type { Told } from './audit.ts'
import { decideItem, type ItemDecision } from './decide-item.ts'
import type { Decided } from './decided.ts'
import { createDecisionId } from './digest.ts'
import type { Era } from './era.ts'
import { createListFilter, type MessageFilter } from './list-filter.ts'
import { isRecord, type Message } from './message.ts'
import { readOperation, type Item } from './operation.ts'
import { idOf, type Post } from './read-post.ts'
import type { Settings } from './settings.ts'
import type { Caller } from './verify.ts'

/** An operation that may go on: what it was decided on, and what the handler gets as the body. */
export interface Authorized {
  readonly decisionId: string
  readonly decided: Omit<Decided, 'decisionId' | 'principal'>
  readonly body: unknown
  readonly filter: MessageFilter | undefined
  /** Only `initialize` does, and only before 2026-07-28. */
  readonly opensSession: boolean
}

type Tell = (told: Told) => Promise<void>

/** Decides what a message asks for. */
export async function authorize(
  post: Post,
  caller: Caller,
  settings: Settings,
  tell: Tell,
): Promise<Result<Authorized, Response>> {
  const { message, era, body } = post
  const decisionId = createDecisionId()
  const id = idOf(message)
  const operation = readOperation(message, era, settings)
  const authorized = (more: Partial<Authorized>): Authorized => ({
    decisionId,
    decided: NOTHING,
    body,
    filter: undefined,
    opensSession: false,
    ...more,
  })
  switch (operation.kind) {
    case 'open':
      return ok(authorized({ opensSession: methodOf(message) === 'initialize' }))
    case 'list':
      return ok(authorized({ filter: createListFilter(caller, era, settings) }))
    case 'unknown_method':
      return err(rpcError(statusOfUnknown(message, era), -32601, 'Method not found', id))
    case 'invalid_params':
      return err(rpcError(era === 'modern' ? 400 : 200, -32602, operation.message, id))
    case 'item': {
      const { item } = operation
      const decided = await decideAndTell(item, decisionId, methodOf(message), caller, settings, tell)
      const answer = toAnswer(decided.decision, { id, era, item, decisionId }, settings)
      if (answer !== undefined) return err(answer)
      const isRead = era === 'modern' && methodOf(message) === 'resources/read'
      const { arguments: args, object, plan } = decided
      return ok(
        authorized({
          decided: { arguments: args, object, plan },
          filter: isRead ? createListFilter(caller, era, settings) : undefined,
        }),
      )
    }
    case 'listen': {
      const allowed = await authorizeListen(post, operation.items, decisionId, caller, settings, tell)
      return allowed.ok ? ok(authorized({ body: withSubscriptions(body, allowed.value) })) : allowed
    }
  }
}

const NOTHING = { arguments: {}, object: undefined, plan: undefined }

function methodOf(message: Message): string {
  return message.kind === 'response' ? '' : message.method
}

/** 404 as 2026-07-28 says; before, it would tell a client that its session has ended, so requests are answered in band. */
function statusOfUnknown(message: Message, era: Era): number {
  if (era === 'modern') return 404
  return message.kind === 'request' ? 200 : 400
}

async function decideAndTell(
  item: Item,
  decisionId: string,
  method: string,
  caller: Caller,
  settings: Settings,
  tell: Tell,
): Promise<ItemDecision> {
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

/**
 * Subscriptions to resources: URIs beyond reach are left out, as a list leaves out items, and the server's
 * acknowledgement says which remain. Where consent or another login would open some, one challenge asks for all of it.
 */
async function authorizeListen(
  { message, era }: Post,
  items: readonly Item[],
  decisionId: string,
  caller: Caller,
  settings: Settings,
  tell: Tell,
): Promise<Result<readonly string[], Response>> {
  const allowed: string[] = []
  const challenges: Extract<Decision, { outcome: 'challenge' }>[] = []
  for (const item of items) {
    const { decision } = await decideAndTell(item, decisionId, methodOf(message), caller, settings, tell)
    switch (decision.outcome) {
      case 'allow':
        allowed.push(item.name)
        break
      case 'challenge':
        challenges.push(decision)
        break
      case 'step_up': {
        const answer = toAnswer(decision, { id: idOf(message), era, item, decisionId }, settings)
        if (answer !== undefined) return err(answer)
        break
      }
      case 'never':
      case 'refuse':
        break
    }
  }
  const [item] = items
  const [first] = challenges
  if (item !== undefined && first !== undefined) {
    const scopes = unionScopes(...challenges.map((challenge) => challenge.scopes))
    const answer = toAnswer({ ...first, scopes }, { id: idOf(message), era, item, decisionId }, settings)
    if (answer !== undefined) return err(answer)
  }
  return ok(allowed)
}

function withSubscriptions(body: Post['body'], uris: readonly string[]): Post['body'] {
  const params = isRecord(body['params']) ? body['params'] : {}
  const notifications = isRecord(params['notifications']) ? params['notifications'] : {}
  if (!Object.hasOwn(notifications, 'resourceSubscriptions')) return body
  return { ...body, params: { ...params, notifications: { ...notifications, resourceSubscriptions: uris } } }
}
