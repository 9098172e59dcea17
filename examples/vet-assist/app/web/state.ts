import type { Item, ScopeInWords, ServerEvent, State } from '../src/wire.ts'

/** What the page knows: the server's state, and whether the line to it holds. */
export interface PageState {
  state: State | null
  connected: boolean
}

export type Change = ServerEvent | { type: 'line'; connected: boolean }

export function reduce(page: PageState, change: Change): PageState {
  if (change.type === 'line') return { ...page, connected: change.connected }
  if (change.type === 'state') return { state: change.state, connected: true }
  const { state } = page
  if (state === null) return page
  switch (change.type) {
    case 'item':
      return { ...page, state: { ...state, items: withItem(state.items, change.item) } }
    case 'text':
      return { ...page, state: { ...state, items: state.items.map((item) => grown(item, change)) } }
    case 'busy':
      return { ...page, state: { ...state, busy: change.busy } }
    case 'messages':
      return { ...page, state: { ...state, messages: change.count } }
    case 'over':
      return page
  }
}

function withItem(items: Item[], item: Item): Item[] {
  const isKnown = items.some(({ id }) => id === item.id)
  return isKnown ? items.map((other) => (other.id === item.id ? item : other)) : [...items, item]
}

function grown(item: Item, { id, text }: { id: string; text: string }): Item {
  return item.kind === 'assistant' && item.id === id ? { ...item, text: item.text + text } : item
}

/** What the app may do at the clinic, as far as this conversation tells; null when it may do nothing. */
export function heldNow(items: readonly Item[]): ScopeInWords[] | null {
  const last = items.findLast(
    (item) =>
      (item.kind === 'tool' && item.held) ||
      (item.kind === 'access' && (item.held || (item.state === 'offered' && item.reason !== 'more'))) ||
      (item.kind === 'notice' && item.endsAccess),
  )
  return last && 'held' in last && last.held ? last.held : null
}
