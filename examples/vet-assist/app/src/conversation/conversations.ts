// Owns what was said and done in a conversation, in order, and tells the pages that show it.
import type { DatabaseSync } from 'node:sqlite'
import type { Keys } from '../store/keys.ts'
import type { AssistantItem, ServerEvent, ToolState } from '../wire.ts'
import { type StoredItem, type StoredTool, toWire } from './stored.ts'

export interface Conversations {
  items: (conversation: string) => StoredItem[]
  find: (conversation: string, id: string) => StoredItem | undefined
  /** Adds the item, or writes its new state. */
  put: (conversation: string, item: StoredItem) => void
  /** Shows an item that grows, without writing each letter down; `put` writes it at the end. */
  grow: (conversation: string, item: AssistantItem, delta: string) => void
  /** Moves a call from one state to another; of two that try, one succeeds. The gate for everything that happens once. */
  move: (conversation: string, id: string, from: ToolState, to: ToolState) => StoredTool | undefined
  /** The conversations that there are. */
  all: () => string[]
  forget: (conversation: string) => void
  tell: (conversation: string, event: ServerEvent) => void
  /** Calls back for each event; gives the way to stop. */
  listen: (conversation: string, listener: (event: ServerEvent) => void) => () => void
}

export function createConversations(db: DatabaseSync, keys: Keys): Conversations {
  const all = db.prepare('select body from items where conversation = ? order by seq')
  const one = db.prepare('select body from items where conversation = ? and id = ?')
  const upsert = db.prepare(
    'insert into items (conversation, id, state, body) values (?, ?, ?, ?) on conflict (id) do update set state = excluded.state, body = excluded.body where conversation = excluded.conversation',
  )
  const swap = db.prepare(
    'update items set state = ?, body = ? where conversation = ? and id = ? and state = ? returning body',
  )
  const forget = db.prepare('delete from items where conversation = ?')
  const known = db.prepare('select distinct conversation from items')
  const growing = new Map<string, AssistantItem>()
  const listeners = new Map<string, Set<(event: ServerEvent) => void>>()

  const parse = (row: Record<string, unknown>): StoredItem => JSON.parse(String(row['body'])) as StoredItem
  const current = (item: StoredItem): StoredItem => growing.get(item.id) ?? item
  const tell = (conversation: string, event: ServerEvent): void =>
    listeners.get(conversation)?.forEach((listener) => listener(event))
  const find = (conversation: string, id: string): StoredItem | undefined => {
    const row = one.get(conversation, id)
    return row && current(parse(row))
  }

  return {
    items: (conversation) => all.all(conversation).map(parse).map(current),
    find,
    put(conversation, item) {
      growing.delete(item.id)
      upsert.run(conversation, item.id, 'state' in item ? item.state : '', JSON.stringify(item))
      tell(conversation, { type: 'item', item: toWire(conversation, item, keys) })
    },
    grow(conversation, item, delta) {
      growing.set(item.id, item)
      tell(conversation, { type: 'text', id: item.id, text: delta })
    },
    move(conversation, id, from, to) {
      const item = find(conversation, id)
      if (item?.kind !== 'tool') return undefined
      const moved: StoredTool = { ...item, state: to }
      if (swap.get(to, JSON.stringify(moved), conversation, id, from) === undefined) return undefined
      tell(conversation, { type: 'item', item: toWire(conversation, moved, keys) })
      return moved
    },
    all: () => known.all().map((row) => String(row['conversation'])),
    forget: (conversation) => void forget.run(conversation),
    tell,
    listen(conversation, listener) {
      const set = listeners.get(conversation) ?? new Set()
      listeners.set(conversation, set.add(listener))
      return () => {
        set.delete(listener)
        if (set.size === 0) listeners.delete(conversation)
      }
    },
  }
}
