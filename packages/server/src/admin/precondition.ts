import { hash } from 'node:crypto'
import { err, ok, type Result } from '@permitry/oauth'
import { canonical } from '../commands/canonical.ts'
import type { Http } from '../http/endpoint.ts'
import type { Refusal } from './refusal.ts'

/** What must be there for a change to happen (RFC 9110 §13.1). */
export type Precondition =
  | { readonly state: 'any' }
  | { readonly state: 'absent' }
  | { readonly state: 'version'; readonly etags: readonly string[] }

/** The version of a representation: a strong tag, the same for all that is equal (RFC 9110 §8.8.3). */
export function etagOf(representation: unknown): string {
  return `"${hash('sha256', JSON.stringify(canonical(representation)), 'base64url').slice(0, 27)}"`
}

/** Which version a request says that it changes. `*` would be any, and so overwrite what its sender never saw. */
export function preconditionOf(c: Http): Result<Precondition, Refusal> {
  const [ifMatch, ifNoneMatch] = [c.req.header('if-match'), c.req.header('if-none-match')]
  if (ifMatch !== undefined && ifNoneMatch !== undefined)
    return err({ kind: 'malformed', detail: 'send If-Match or If-None-Match, not both' })
  if (ifNoneMatch === '*' && c.req.method === 'PUT') return ok({ state: 'absent' })
  const etags = (ifMatch ?? '').split(',').map((tag) => tag.trim())
  if (ifMatch === undefined || etags.includes('*'))
    return err({
      kind: 'precondition_required',
      detail: 'send the ETag that you have read as If-Match, or `If-None-Match: *` with a PUT that makes something new',
    })
  return ok({ state: 'version', etags })
}

/** Compares with what is there now; undefined when the change may happen. What is not there is the command's to say. */
export function checkPrecondition(precondition: Precondition, current: object | undefined): Refusal | undefined {
  switch (precondition.state) {
    case 'any':
      return undefined
    case 'absent':
      return (
        current && { kind: 'changed_meanwhile', detail: 'it is there already: read it, and change what you have read' }
      )
    case 'version':
      if (current && precondition.etags.includes(etagOf(current))) return undefined
      return {
        kind: 'changed_meanwhile',
        detail: 'it is not what you have read any more: read it again, and decide once more',
      }
  }
}
