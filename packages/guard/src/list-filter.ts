import { isVisible, type ResourceType } from '@permitry/policy'
import { decideListed } from './decide-item.ts'
import type { Era } from './era.ts'
import type { Caller } from './issuer/claims.ts'
import { isRecord } from './message.ts'
import type { ListKind } from './operation.ts'
import type { Settings } from './settings.ts'
import type { Tasks } from './tasks.ts'

/** Rewrites one JSON-RPC message on its way to the client. */
export type MessageFilter = (message: unknown) => unknown

/** Told of each item before it is decided who sees it, with the key of its rule. */
export type OnListed = (type: ResourceType, id: string, item: Readonly<Record<string, unknown>>) => void

interface ListShape {
  readonly type: ResourceType
  /** The member of an item that names it. */
  readonly key: string
  readonly method: string
}

const LISTS: Readonly<Record<Exclude<ListKind, 'tasks'>, ListShape>> = {
  tools: { type: 'tool', key: 'name', method: 'tools/list' },
  prompts: { type: 'prompt', key: 'name', method: 'prompts/list' },
  resources: { type: 'resource', key: 'uri', method: 'resources/list' },
  resourceTemplates: { type: 'resource', key: 'uriTemplate', method: 'resources/templates/list' },
}

const KINDS = Object.keys(LISTS) as (keyof typeof LISTS)[]

/**
 * Leaves in the results of lists what the caller may see: the same decision that answers a call. Goes by the shape of the
 * result and not by the request, since a resumed stream of the legacy era brings answers to requests of another time. A
 * server of 2025-03-26 may put several into one event, as a batch.
 */
export function createListFilter(
  caller: Caller,
  era: Era,
  settings: Settings,
  tasks: Tasks,
  onListed: OnListed,
): MessageFilter {
  return function filter(message: unknown): unknown {
    if (Array.isArray(message)) return message.map((one) => filter(one))
    if (!isRecord(message) || !isRecord(message['result'])) return message
    const result = message['result']
    const kinds = KINDS.filter((kind) => Array.isArray(result[kind]))
    const lists: Record<string, unknown> = {}
    for (const kind of kinds) lists[kind] = visibleItems(kind, result[kind], caller, settings, onListed)
    if (Array.isArray(result['tasks'])) lists['tasks'] = ownTasks(result['tasks'], caller, settings, tasks)
    return { ...message, result: { ...result, ...lists, ...(era === 'modern' && PRIVATE) } }
  }
}

/** MCP 2026-07-28, Caching: what depends on the caller's authorization must not be shared. */
const PRIVATE = { cacheScope: 'private' }

function visibleItems(
  kind: keyof typeof LISTS,
  items: unknown,
  caller: Caller,
  settings: Settings,
  onListed: OnListed,
): unknown[] {
  if (!Array.isArray(items)) return []
  const { type, key, method } = LISTS[kind]
  return items.filter((item: unknown) => {
    const name = isRecord(item) ? item[key] : undefined
    if (!isRecord(item) || typeof name !== 'string') return false
    const id = type === 'resource' ? (settings.matchResource(name)?.key ?? name) : name
    onListed(type, id, item)
    return isVisible(decideListed({ type, id, name }, method, caller, settings))
  })
}

function ownTasks(listed: readonly unknown[], caller: Caller, settings: Settings, tasks: Tasks): unknown[] {
  return listed.filter((task) => {
    const taskId = isRecord(task) ? task['taskId'] : undefined
    const item = typeof taskId === 'string' ? tasks.find(taskId, caller.principal) : undefined
    return item !== undefined && isVisible(decideListed(item, 'tasks/list', caller, settings))
  })
}
