import type { Result } from '@permitry/oauth'
import type { OutboundDocument, OutboundFailure } from '../../outbound/outbound.ts'
import type { DynamicClientPolicy } from '../policy.ts'
import { type DocumentContent, readDocument } from './read.ts'

/** What an attempt to fetch a document says about it. */
export type Verdict =
  | { readonly verdict: 'good'; readonly content: DocumentContent; readonly headers: Headers }
  | { readonly verdict: 'unchanged'; readonly headers: Headers }
  /** There is no such client any more, or what stands there is not one: it stops at once. */
  | { readonly verdict: 'gone' | 'invalid'; readonly detail: string }
  /** Nothing was learned. Only here a stale document may serve on. */
  | { readonly verdict: 'unavailable'; readonly detail: string }
  /** Nothing that may be used, and no outage either: this request ends, the client does not. */
  | { readonly verdict: 'refused'; readonly detail: string }

/** Judges the outcome of a fetch (CIMD §4, §4.3, §4.4). `conditional` says that an ETag was sent. */
export function judge(
  url: string,
  fetched: Result<OutboundDocument, OutboundFailure>,
  conditional: boolean,
  policy: DynamicClientPolicy,
): Verdict {
  if (!fetched.ok) return judgeFailure(fetched.error)
  const { status, headers, body } = fetched.value
  const detail = `its host answered with ${status}`
  if (status === 200) {
    const content = readDocument(url, headers.get('content-type'), body, policy)
    return content.ok
      ? { verdict: 'good', content: content.value, headers }
      : { verdict: 'invalid', detail: content.error }
  }
  if (status === 304 && conditional) return { verdict: 'unchanged', headers }
  if (status === 404 || status === 410) return { verdict: 'gone', detail }
  if (status === 403 || status >= 500) return { verdict: 'unavailable', detail }
  return { verdict: 'refused', detail }
}

function judgeFailure({ reason, detail }: OutboundFailure): Verdict {
  switch (reason) {
    case 'too_large':
      return { verdict: 'invalid', detail: 'it is larger than 5 KB' }
    case 'timed_out':
    case 'unreachable':
    // Our own limit says nothing about the document, and a flood of requests must not stop a client that is known.
    case 'busy':
      return { verdict: 'unavailable', detail }
    case 'address_refused':
    case 'redirected':
      return { verdict: 'refused', detail }
  }
}
