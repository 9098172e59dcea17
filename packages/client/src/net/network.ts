import type { FetchLike } from '@modelcontextprotocol/client'
import { ClientError } from '../errors.ts'
import type { AddressPolicy } from '@permitry/oauth/address'
import { checkPolicy, checkUrl } from './policy.ts'

/** The one way out to addresses that servers hand over: metadata, endpoints, and the MCP servers themselves. */
export interface Network {
  /** Fetches what the policy allows, and follows no redirect: a redirect comes back without its target. */
  readonly fetch: FetchLike
  /** Why an address must not be used; undefined when it may. */
  readonly check: (url: string | URL) => string | undefined
}

/**
 * A network for runtimes other than Node, on a `fetch` of the app. Names are checked as they are written and not as they
 * resolve: where the runtime can reach private addresses, the app's fetch must go through an egress proxy.
 */
export function webNetwork(send: FetchLike, policy: AddressPolicy = {}): Network {
  checkPolicy(policy)
  const check = (url: string | URL): string | undefined => checkUrl(url, policy)
  return {
    check,
    async fetch(url, init) {
      const refusal = check(url)
      if (refusal !== undefined) throw addressRefused(url, refusal)
      return withoutTarget(await send(url, { ...init, redirect: 'manual' }))
    },
  }
}

export function addressRefused(url: string | URL, reason: string): ClientError {
  return new ClientError('address_refused', `refused to fetch \`${String(url).slice(0, 200)}\`: ${reason}`)
}

/** The SDK follows redirects inside an origin when it sees where they go; an open redirector would widen what was checked. */
export function withoutTarget(response: Response): Response {
  const isRedirect = response.status >= 300 && response.status < 400
  if (!isRedirect) return response
  const headers = new Headers(response.headers)
  headers.delete('location')
  void response.body?.cancel()
  return new Response(null, { status: response.status, headers })
}
