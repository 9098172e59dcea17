import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Agent, buildConnector, fetch as undiciFetch } from 'undici'
import { addressRefused, type Network, withoutTarget } from '../net/network.ts'
import type { AddressPolicy } from '@permitry/oauth/address'
import { checkAddress, checkPolicy, checkUrl } from '../net/policy.ts'

export interface NodeNetworkOptions extends AddressPolicy {
  /** Resolves names; the system's resolver unless given. All addresses of a name must be allowed, or none is used. */
  readonly lookup?: LookupFunction
}

/**
 * The network on Node: each name is resolved once, all its addresses are checked, and the socket goes to one of those,
 * so that a name which leads elsewhere the next time (DNS rebinding) changes nothing. No proxy variables are read.
 */
export function nodeNetwork(options: NodeNetworkOptions = {}): Network {
  const { lookup = systemLookup as LookupFunction, ...policy } = options
  checkPolicy(policy)
  const dispatcher = new Agent({ connect: checkedConnector(policy, lookup), bodyTimeout: 0 })
  const check = (url: string | URL): string | undefined => checkUrl(url, policy)
  return {
    check,
    async fetch(url, init) {
      const refusal = check(url)
      if (refusal !== undefined) throw addressRefused(url, refusal)
      const request = { ...init, redirect: 'manual', dispatcher } as Parameters<typeof undiciFetch>[1]
      const response = await undiciFetch(url, request).catch(rethrowRefusal)
      return withoutTarget(toGlobalResponse(response as unknown as Response))
    },
  }
}

/** Checks what names resolve to. A host that is an address is never looked up: `fetch` has refused it before. */
function checkedConnector(policy: AddressPolicy, lookup: LookupFunction): buildConnector.connector {
  return (target, callback) => {
    const url = new URL(`${target.protocol}//${target.host ?? target.hostname}`)
    buildConnector({ timeout: 5_000, lookup: checkedLookup(url, policy, lookup) })(target, callback)
  }
}

function checkedLookup(url: URL, policy: AddressPolicy, lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, [])
      const addresses = typeof found === 'string' ? [] : found
      const refusal =
        addresses.length === 0
          ? 'its name has no address'
          : addresses.map(({ address }) => checkAddress(address, url, policy)).find((reason) => reason !== undefined)
      if (refusal !== undefined) return callback(addressRefused(url, refusal), [])
      if (options.all) return callback(null, addresses)
      callback(null, addresses[0]!.address, addresses[0]!.family)
    })
  }
}

/** undici wraps what a connector says into `fetch failed`; the reason is what the caller should see. */
function rethrowRefusal(error: unknown): never {
  const cause = error instanceof Error ? error.cause : undefined
  throw cause instanceof Error && cause.name === 'ClientError' ? cause : error
}

/** The SDK asks `instanceof Response`, which undici's own class is not. */
function toGlobalResponse(response: Response): Response {
  const { status, statusText, headers, body } = response
  const withoutBody = status === 204 || status === 205 || status === 304
  return new Response(withoutBody ? null : body, { status, statusText, headers: new Headers([...headers]) })
}
