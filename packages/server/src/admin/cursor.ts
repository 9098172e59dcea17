import { createHmac } from 'node:crypto'
import { equalInConstantTime } from '@permitry/oauth'
import type { Position } from '../store/repositories/page.ts'

/** The list that a cursor belongs to: its operation, what the path names, and its filters. */
export type ListKey = readonly [operation: string, params: object, filters: object]

/** Writes down where the next page begins, for this list alone. */
export function makeCursor(key: Buffer, list: ListKey, position: Position): string {
  const text = Buffer.from(JSON.stringify(position)).toString('base64url')
  return `${text}.${macOf(key, list, text)}`
}

/** Where a page begins; undefined for a cursor that we did not make for this list. The key is one tenant's. */
export function positionOf(key: Buffer, list: ListKey, cursor: string): Position | undefined {
  const [text = '', mac = '', ...more] = cursor.split('.')
  if (more.length > 0 || !equalInConstantTime(mac, macOf(key, list, text))) return undefined
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as Position
}

function macOf(key: Buffer, list: ListKey, text: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([list, text]))
    .digest('base64url')
}
