import { createHash } from 'node:crypto'

/** The same for the same definition, in whatever order a server writes its members. */
export function definitionOf(tool: object): string {
  return createHash('sha256').update(JSON.stringify(tool, sorted)).digest('base64url')
}

function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
