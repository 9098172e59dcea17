import type { ToolResultPart } from 'ai'
import type { Keys } from '../store/keys.ts'
import type { AccessItem, Item, ToolItem } from '../wire.ts'

/** A call as it is kept: with what the model is told of its result, which the page needs no second time. */
export interface StoredTool extends ToolItem {
  /** The tool as it was when the card was made: what was shown, and what a yes counts for. */
  definition?: string
  output?: ToolResultPart['output']
}

/** An offer as it is kept: with the address where the person answers it, if that was made already. */
export interface StoredAccess extends AccessItem {
  url?: string
  until?: number
  /** Somebody else is signed in there, who may have allowed this long ago: without being asked, they would come back at once. */
  askWho?: boolean
  /** What the token held before. */
  before: readonly string[]
}

export type StoredItem = Exclude<Item, ToolItem | AccessItem> | StoredTool | StoredAccess

/** An item as the page gets it. A call that waits for a yes carries the proof that a yes must bring back. */
export function toWire(conversation: string, item: StoredItem, keys: Pick<Keys, 'prove'>): Item {
  if (item.kind === 'access') {
    const { url: _url, until: _until, askWho: _askWho, before: _before, ...wire } = item
    return wire
  }
  if (item.kind !== 'tool') return item
  const { output: _, definition: _definition, ...wire } = item
  return item.state === 'asks' ? { ...wire, proof: proofOf(conversation, item, keys) } : wire
}

/**
 * Binds a yes to one call: this conversation, this card, this tool as it was defined, exactly these arguments. Models never see it, so a yes
 * can only come from a page that was given the card.
 */
export function proofOf(conversation: string, item: StoredTool, keys: Pick<Keys, 'prove'>): string {
  return keys.prove([conversation, item.id, item.tool, item.definition ?? '', JSON.stringify(item.arguments)])
}
