import { decide, type AccessRequest, type Decision, type Plan } from '@permitry/policy'
import type { Caller } from './issuer/claims.ts'
import { deepFreeze } from './deep-freeze.ts'
import { isRecord } from './message.ts'
import { idAt } from './object-rule.ts'
import type { Item } from './operation.ts'
import type { ItemRule } from './options.ts'
import type { Settings } from './settings.ts'
import type { Principal, SchemaIssue } from './types.ts'

/** A decision about one item, with what it was made on. */
export interface ItemDecision {
  readonly decision: Decision
  readonly arguments: unknown
  readonly object: unknown
  /** Which object the arguments name, for the audit row. */
  readonly objectId: string | number | undefined
  readonly plan: Plan | undefined
}

/** Asks about an item as a list does: without arguments, so that conditions on them hide nothing. */
export function decideListed(item: Item, method: string, caller: Caller, settings: Settings): Decision {
  return decide(settings.rules, requestOf(item, method, caller, settings))
}

/**
 * Decides a call: first what no argument can change, so that a caller without the scopes learns nothing about objects;
 * then the arguments are validated and frozen, the object is loaded, and both go to the handler as decided on.
 */
export async function decideItem(
  item: Item,
  method: string,
  caller: Caller,
  settings: Settings,
): Promise<ItemDecision> {
  const first = decideListed(item, method, caller, settings)
  const rule = settings.items[item.type].get(item.id)
  const nothing = { arguments: {}, object: undefined, objectId: undefined, plan: undefined }
  if (first.outcome !== 'allow' || rule === undefined) return { decision: first, ...nothing }
  const plan = rule.plan?.(caller.principal)
  if (item.arguments === undefined) return { decision: first, ...nothing, plan }

  const { args, fault } = await validate(rule, item.arguments)
  const objectId = fault === undefined && rule.object ? idAt(rule.object.path, args) : undefined
  const object = objectId === undefined ? null : await rule.object?.load(objectId, caller.principal)
  const request = requestOf(item, method, caller, settings)
  const decision = decide(settings.rules, {
    ...request,
    resource: { ...request.resource, object },
    context: { ...request.context, arguments: args, ...(fault !== undefined && { argumentFault: fault }) },
  })
  return { decision, arguments: args, object: object ?? undefined, objectId, plan }
}

function requestOf(item: Item, method: string, caller: Caller, settings: Settings): AccessRequest<Principal> {
  const { principal, scopes, entitlements } = caller
  return {
    subject: { type: 'user', id: principal.sub, properties: principal },
    action: { name: method },
    resource: { type: item.type, id: item.id },
    context: {
      scopes,
      client: principal.client_id,
      now: settings.clock(),
      ...(entitlements && { entitlements }),
      ...(principal.acr !== undefined && { acr: principal.acr }),
      ...(principal.auth_time !== undefined && { authTime: principal.auth_time }),
    },
  }
}

type Arguments = Readonly<Record<string, unknown>>

async function validate(
  { input }: ItemRule,
  args: Arguments,
): Promise<{ readonly args: Arguments; readonly fault?: string }> {
  deepFreeze(args)
  if (input === undefined) return { args }
  const result = await input['~standard'].validate(args)
  if (result.issues) return { args, fault: `the arguments are not valid: ${result.issues.map(sentenceOf).join('; ')}` }
  if (!isRecord(result.value)) return { args, fault: 'the arguments are not valid' }
  return { args: deepFreeze(result.value) }
}

function sentenceOf({ message, path = [] }: SchemaIssue): string {
  const where = path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.')
  return where === '' ? message : `\`${where}\`: ${message}`
}
