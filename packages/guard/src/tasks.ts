// Tasks belong to whoever started them: MCP 2025-11-25, Tasks, Task Isolation; SEP-2663, Auth binding.
import type { Era } from './era.ts'
import type { MessageFilter } from './list-filter.ts'
import { isRecord, type Message } from './message.ts'
import type { Item } from './operation.ts'
import { createOwned, type Owned } from './owned.ts'
import type { Settings } from './settings.ts'
import type { Principal } from './types.ts'

/** Tasks by id, each with the call that started it: its rule decides again whenever the task is asked about. */
export type Tasks = Owned<Item>

/** The extension of 2026-07-28; before, tasks were a part of the protocol that looked otherwise. */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks'

export function createTasks(): Tasks {
  return createOwned()
}

/** Notes the task that the answer to a call opens. Undefined where the server may open none, and nothing has to be read. */
export function notingTask(
  message: Message,
  era: Era,
  item: Item,
  principal: Principal,
  tasks: Tasks,
  settings: Settings,
): MessageFilter | undefined {
  if (!settings.tasks || message.kind !== 'request' || message.method !== 'tools/call') return undefined
  const mayOpen = era === 'modern' ? declaresTasks(message) : isRecord(message.params['task'])
  if (!mayOpen) return undefined
  return (answer) => {
    const taskId = openedBy(answer, era)
    if (taskId !== undefined) tasks.remember(taskId, principal, remembered(item, settings))
    return answer
  }
}

/** From 2026-07-28 on a server may open a task only for a request that says that its client knows them. */
export function declaresTasks(message: Message): boolean {
  const meta = message.kind === 'response' ? undefined : message.params['_meta']
  const capabilities = isRecord(meta) ? meta['io.modelcontextprotocol/clientCapabilities'] : undefined
  const extensions = isRecord(capabilities) ? capabilities['extensions'] : undefined
  return isRecord(extensions) && Object.hasOwn(extensions, TASKS_EXTENSION)
}

function openedBy(answer: unknown, era: Era): string | undefined {
  const result = isRecord(answer) ? answer['result'] : undefined
  if (!isRecord(result)) return undefined
  const task = era === 'modern' ? result['resultType'] === 'task' && result : result['task']
  const taskId = isRecord(task) ? task['taskId'] : undefined
  return typeof taskId === 'string' ? taskId : undefined
}

/** With its arguments only where the rule looks at them: they are kept for as long as the task is. */
function remembered(item: Item, settings: Settings): Item {
  const rule = settings.items.tool.get(item.id)
  const looks = rule?.input !== undefined || rule?.when !== undefined || rule?.object !== undefined
  return looks ? item : { ...item, arguments: {} }
}
