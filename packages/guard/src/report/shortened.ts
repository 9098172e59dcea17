import type { AuditEvent } from '../audit.ts'

/** Nobody needs to read more of a text to know what it was. */
const MAX_TEXT = 256

/** A decision whose texts, which its caller chose, are short: so a full queue has a known size. */
export function shortened(event: AuditEvent): AuditEvent {
  const { resource, object } = event
  return {
    ...event,
    resource: { type: resource.type, id: shorten(resource.id) },
    ...(object && {
      object: { type: object.type, id: shortenId(object.id) },
    }),
  }
}

/** JSON knows fewer numbers than JavaScript; one that it does not know would be told as nothing. */
function shortenId(id: string | number): string | number {
  return Number.isFinite(id) ? id : shorten(String(id))
}

function shorten(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text
}
