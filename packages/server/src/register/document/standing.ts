/**
 * How the stored row of a client stands to what is published now. `stale`: the document could not be fetched again; it
 * counts for people who have a grant, and its keys for nobody.
 */
export type Standing = 'current' | 'stale'

/** Why a client cannot be known by its document. `detail` is for the people who run the client or this server. */
export interface DocumentFailure {
  readonly reason: 'not_trusted' | 'limited' | 'unavailable' | 'refused' | 'gone' | 'invalid'
  readonly detail: string
}

/** Whether the same request may succeed later: what stands at the URL is not known now. */
export function isOutage({ reason }: DocumentFailure): boolean {
  return reason === 'unavailable' || reason === 'refused' || reason === 'limited'
}
