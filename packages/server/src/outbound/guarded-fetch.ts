import { request as requestPlain } from 'node:http'
import { type Agent, request as requestSecure } from 'node:https'
import { pipeline, Readable, Transform } from 'node:stream'
import { type AddressPolicy, checkUrl, describeAddressFault } from '@permitry/oauth/address'
import { answerTo, networkFault, pinnedTo, toHeaders } from './exchange.ts'
import { findAddresses, type Resolve, systemResolve } from './find-addresses.ts'
import type { OutboundFailure } from './outbound.ts'
import { createSecureAgent } from './secure-agent.ts'

export interface GuardedFetchSettings {
  /** Loopback by http and https, for a server whose own issuer is on loopback, and nothing else. */
  readonly allowLoopback: boolean
  /** Certificates in PEM that are trusted beside those of the system. */
  readonly extraCaCertificates?: readonly string[]
  /** Resolves names; by DNS unless given. */
  readonly resolve?: Resolve
  /** All answers together: one byte more ends the conversation. */
  readonly maxBytes: number
  /** When the conversation ends, whatever is still under way. */
  readonly signal: AbortSignal
}

/** A `fetch` for one conversation, as libraries take it: strings and URLs, text bodies. */
export type GuardedFetch = (url: string | URL, init?: RequestInit) => Promise<Response>

/** Why a guarded fetch gave no answer. `message` says more about networks than a stranger should know. */
export class GuardedFetchError extends Error {
  override readonly name = 'GuardedFetchError'
  readonly reason: OutboundFailure['reason']

  constructor({ reason, detail }: OutboundFailure) {
    super(detail)
    this.reason = reason
  }
}

/**
 * A `fetch` under the rules of `createOutbound`, for a conversation with an MCP server that somebody named: the address is
 * checked and is what the connection goes to, redirects and cookies are not followed, and all of it is bounded in size and
 * time. Answers stream, because the official client reads events.
 */
export function createGuardedFetch(settings: GuardedFetchSettings): GuardedFetch {
  const policy: AddressPolicy = { allowLoopback: settings.allowLoopback }
  const resolve = settings.resolve ?? systemResolve
  let secureAgent: Agent | undefined
  let bytesLeft = settings.maxBytes

  const bounded = (): Transform =>
    new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        bytesLeft -= chunk.byteLength
        if (bytesLeft < 0) done(new GuardedFetchError(tooLarge(settings.maxBytes)))
        else done(null, chunk)
      },
    })

  return async (address, init = {}) => {
    const fault = checkUrl(address, policy)
    if (fault !== undefined)
      throw new GuardedFetchError({ reason: 'address_refused', detail: describeAddressFault(fault) })
    const url = new URL(address)
    const signal = init.signal ? AbortSignal.any([settings.signal, init.signal]) : settings.signal
    const found = await findAddresses(url, { policy, resolve, signal })
    if (!found.ok) throw new GuardedFetchError(found.error)
    const isSecure = url.protocol === 'https:'
    if (isSecure) secureAgent ??= createSecureAgent(settings.extraCaCertificates ?? [])
    const headers = new Headers(init.headers)
    headers.set('accept-encoding', 'identity')
    const request = (isSecure ? requestSecure : requestPlain)(url, {
      method: init.method ?? 'GET',
      headers: Object.fromEntries(headers),
      agent: isSecure ? secureAgent : false,
      lookup: pinnedTo(found.value),
      signal,
    })
    request.end(typeof init.body === 'string' ? init.body : undefined)
    try {
      const response = await answerTo(request)
      const status = response.statusCode ?? 0
      if (status >= 300 && status < 400) {
        request.destroy()
        throw new GuardedFetchError({ reason: 'redirected', detail: `the answer is a redirect to ${where(response)}` })
      }
      // Whoever stops reading ends the connection, and a connection that ends early ends the reading.
      const stream = pipeline(response, bounded(), () => void request.destroy())
      const body = [204, 205].includes(status) ? null : (Readable.toWeb(stream) as ReadableStream<Uint8Array>)
      return new Response(body, { status, headers: toHeaders(response) })
    } catch (error) {
      if (error instanceof GuardedFetchError) throw error
      if (settings.signal.aborted)
        throw new GuardedFetchError({ reason: 'timed_out', detail: 'there was no whole answer in time' })
      const detail = networkFault(error)
      if (detail === undefined) throw error
      throw new GuardedFetchError({ reason: 'unreachable', detail })
    }
  }
}

function where({ headers }: { readonly headers: { readonly location?: string | undefined } }): string {
  return headers.location?.slice(0, 200) ?? 'nowhere'
}

function tooLarge(maxBytes: number): OutboundFailure {
  return { reason: 'too_large', detail: `the answers are larger than ${maxBytes} bytes` }
}
