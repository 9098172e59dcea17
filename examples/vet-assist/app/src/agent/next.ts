import type { StoredItem, StoredTool } from '../conversation/stored.ts'
import type { ToolItem, ToolState } from '../wire.ts'

/** What comes next in a conversation. It follows from the items alone, so that a restart goes on where things were. */
export type Next =
  | { do: 'call'; item: StoredTool }
  | { do: 'ask-model'; step: number }
  /** A card waits for the person. */
  | { do: 'wait' }
  | { do: 'stop'; because: 'answered' | 'too-many-steps' }

/** A model that calls tools without end is stopped. */
const MOST_STEPS = 10

const SETTLED: ReadonlySet<ToolState> = new Set(['allowed', 'refused', 'failed', 'declined', 'interrupted'])

export function isSettled(item: ToolItem): boolean {
  return SETTLED.has(item.state)
}

export function nextOf(items: readonly StoredItem[]): Next {
  const turn = items.slice(items.findLastIndex((item) => item.kind === 'person'))
  const tools = turn.filter((item) => item.kind === 'tool')
  const isAtTheDoor = tools.some(({ state }) => state === 'needs-access' || state === 'running')
  const ready = tools.find(({ state }) => state === 'ready')
  // A yes counts at once, also while other cards wait for theirs. One permission is asked for at a time.
  if (ready && !isAtTheDoor) return { do: 'call', item: ready }
  const isOpen = tools.some((item) => !isSettled(item))
  if (isOpen || turn.some((item) => item.kind === 'access' && item.state === 'offered')) return { do: 'wait' }

  const last = turn.findLast(
    (item) => item.kind === 'person' || item.kind === 'tool' || (item.kind === 'assistant' && item.broken !== true),
  )
  if (last === undefined || last.kind === 'assistant') return { do: 'stop', because: 'answered' }
  const steps = turn.flatMap((item) => ('step' in item ? [item.step] : []))
  if (new Set(steps).size >= MOST_STEPS) return { do: 'stop', because: 'too-many-steps' }
  const all = items.flatMap((item) => ('step' in item ? [item.step] : []))
  return { do: 'ask-model', step: Math.max(0, ...all) + 1 }
}
