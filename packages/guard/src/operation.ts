import type { ResourceType } from '@permitry/policy'
import type { Era } from './era.ts'
import { isRecord, type Message, type Params } from './message.ts'
import type { Settings } from './settings.ts'

/** The member of a list result that holds the items. */
export type ListKind = 'tasks' | 'tools' | 'prompts' | 'resources' | 'resourceTemplates'

/** What a message asks for, as far as authorization goes. */
export type Operation =
  /** A valid token is enough. */
  | { readonly kind: 'open' }
  /** The answer shows what the caller may see. */
  | { readonly kind: 'list'; readonly of: ListKind }
  /** One rule decides. `arguments` is left out where the message has none to decide on. */
  | { readonly kind: 'item'; readonly item: Item }
  /** Streams of changes to resources: a rule decides for each of the URIs. The tasks have to be the caller's own. */
  | { readonly kind: 'listen'; readonly items: readonly Item[]; readonly taskIds: readonly string[] }
  /** A call that goes on by itself: the rule of its tool decides again. */
  | { readonly kind: 'task'; readonly taskId: string }
  | { readonly kind: 'unknown_method' }
  | { readonly kind: 'invalid_params'; readonly message: string }

/** One tool, prompt or resource that a message names. */
export interface Item {
  readonly type: ResourceType
  /** The key of its rule. */
  readonly id: string
  /** As the message names it: a URI where the rule is a template. */
  readonly name: string
  readonly arguments?: Params
}

const LISTS: Readonly<Record<string, ListKind>> = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
}

/** Methods that need a token and nothing else: they show what the server is, and nothing of what it has. */
const OPEN: Readonly<Record<Era, ReadonlySet<string>>> = {
  modern: new Set(['server/discover', 'notifications/cancelled', 'notifications/progress']),
  legacy: new Set([
    'initialize',
    'ping',
    'logging/setLevel',
    'server/discover',
    'notifications/initialized',
    'notifications/cancelled',
    'notifications/progress',
    'notifications/roots/list_changed',
    // About a task that the server has started at the client.
    'notifications/tasks/status',
  ]),
}

/** Methods about one task: of the extension, and of 2025-11-25. */
const TASK_METHODS: Readonly<Record<Era, ReadonlySet<string>>> = {
  modern: new Set(['tasks/get', 'tasks/update', 'tasks/cancel']),
  legacy: new Set(['tasks/get', 'tasks/result', 'tasks/cancel']),
}

/** Reads what a message asks for. A method that is not known here is refused: nobody has said who may use it. */
export function readOperation(message: Message, era: Era, settings: Settings): Operation {
  if (message.kind === 'response') return { kind: 'open' }
  const { method, params } = message
  const isNotification = method.startsWith('notifications/')
  if (isNotification !== (message.kind === 'notification')) return { kind: 'unknown_method' }
  if (OPEN[era].has(method)) return { kind: 'open' }
  if (Object.hasOwn(LISTS, method)) {
    const of = LISTS[method]
    if (of !== undefined) return { kind: 'list', of }
  }
  if (settings.tasks && TASK_METHODS[era].has(method)) return aboutTask(params)
  switch (method) {
    case 'tasks/list':
      return settings.tasks && era === 'legacy' ? { kind: 'list', of: 'tasks' } : { kind: 'unknown_method' }
    case 'tools/call':
      return named('tool', params)
    case 'prompts/get':
      return named('prompt', params)
    case 'resources/read':
      return atUri(params, settings)
    case 'resources/subscribe':
    case 'resources/unsubscribe':
      return era === 'legacy' ? atUri(params, settings) : { kind: 'unknown_method' }
    case 'completion/complete':
      return completed(params)
    case 'subscriptions/listen':
      return era === 'modern' ? listened(params, settings) : { kind: 'unknown_method' }
    default:
      return { kind: 'unknown_method' }
  }
}

function named(type: 'tool' | 'prompt', params: Params): Operation {
  const { name, arguments: args = {} } = params
  if (typeof name !== 'string') return { kind: 'invalid_params', message: '`params.name` must be a text' }
  if (!isRecord(args)) return { kind: 'invalid_params', message: '`params.arguments` must be an object' }
  return { kind: 'item', item: { type, id: name, name, arguments: args } }
}

function atUri({ uri }: Params, settings: Settings): Operation {
  if (typeof uri !== 'string') return { kind: 'invalid_params', message: '`params.uri` must be a text' }
  return { kind: 'item', item: resourceAt(uri, settings) }
}

function resourceAt(uri: string, { matchResource }: Settings): Item {
  const match = matchResource(uri)
  return { type: 'resource', id: match?.key ?? uri, name: uri, arguments: { ...match?.variables, uri } }
}

/** Completion offers values for the arguments of a prompt or template, so it needs what the thing itself needs. */
function completed({ ref }: Params): Operation {
  if (isRecord(ref) && ref['type'] === 'ref/prompt' && typeof ref['name'] === 'string') {
    return { kind: 'item', item: { type: 'prompt', id: ref['name'], name: ref['name'] } }
  }
  if (isRecord(ref) && ref['type'] === 'ref/resource' && typeof ref['uri'] === 'string') {
    return { kind: 'item', item: { type: 'resource', id: ref['uri'], name: ref['uri'] } }
  }
  return { kind: 'invalid_params', message: '`params.ref` must name a prompt or a resource template' }
}

function aboutTask({ taskId }: Params): Operation {
  if (typeof taskId !== 'string') return { kind: 'invalid_params', message: '`params.taskId` must be a text' }
  return { kind: 'task', taskId }
}

const MAX_SUBSCRIPTIONS = 100

function listened({ notifications }: Params, settings: Settings): Operation {
  const asked = isRecord(notifications) ? notifications : {}
  const { resourceSubscriptions: uris = [], taskIds = [] } = asked
  const message = (member: string, what: string): string =>
    `\`params.notifications.${member}\` must be a list of at most ${MAX_SUBSCRIPTIONS} ${what}`
  if (!isShortList(uris)) return { kind: 'invalid_params', message: message('resourceSubscriptions', 'URIs') }
  if (!isShortList(taskIds)) return { kind: 'invalid_params', message: message('taskIds', 'ids') }
  return { kind: 'listen', items: uris.map((uri) => resourceAt(uri, settings)), taskIds }
}

/** Bounded, since each may cost a look-up. */
function isShortList(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= MAX_SUBSCRIPTIONS && value.every((one) => typeof one === 'string')
}
