// The one way out to URLs that somebody else chose: documents and keys of clients, logos. Nothing else in the server
// may connect to anything (tests/architecture), so what protects us from such URLs stands in this folder and nowhere else.
import type { Agent } from 'node:https'
import { err, type Result } from '@permitry/oauth'
import { type AddressPolicy, checkUrl, describeAddressFault } from '@permitry/oauth/address'
import { exchange } from './exchange.ts'
import { findAddresses, type Resolve, systemResolve } from './find-addresses.ts'
import { createSlots } from './slots.ts'
import { createSecureAgent } from './secure-agent.ts'

export interface Outbound {
  /**
   * Fetches a document by GET, without cookies, redirects, proxies or reused connections. Every status but redirects
   * comes back: what a 404 means is the caller's to say. Never throws for what the URL or the other side does.
   */
  get(url: string, options: OutboundOptions): Promise<Result<OutboundDocument, OutboundFailure>>
}

export interface OutboundOptions {
  /** The media types that are asked for; the caller checks what came. */
  readonly accept: string
  /** The size of the body, as sent and as unpacked; one byte more is a failure. */
  readonly maxBytes: number
  /** Sent as `If-None-Match`; a 304 may come back then. */
  readonly etag?: string
}

export interface OutboundDocument {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
}

export interface OutboundFailure {
  /** `busy`: the host has as many fetches as it may have, and more wait already. */
  readonly reason: 'address_refused' | 'redirected' | 'too_large' | 'timed_out' | 'unreachable' | 'busy'
  /** For logs and audit; says more about networks than a stranger should know. */
  readonly detail: string
}

export interface OutboundLimits {
  /** All of one fetch: waiting, resolving, connecting, reading. */
  readonly milliseconds: number
  readonly perHost: number
  /** Many names may lead to one machine, which we are not to flood for anybody. */
  readonly perAddress: number
  readonly total: number
  readonly waiting: number
}

export interface OutboundSettings {
  /** Loopback by http and https, for a server whose own issuer is on loopback (CIMD §6.5), and nothing else. */
  readonly allowLoopback: boolean
  /** Certificates in PEM that are trusted beside those of the system. */
  readonly extraCaCertificates?: readonly string[]
  readonly limits?: Partial<OutboundLimits>
  /** Resolves names; by DNS unless given. */
  readonly resolve?: Resolve
}

const LIMITS: OutboundLimits = { milliseconds: 5_000, perHost: 2, perAddress: 4, total: 32, waiting: 64 }

/** Made once for all tenants of a process, so that its limits hold for the process. */
export function createOutbound(settings: OutboundSettings): Outbound {
  const limits = { ...LIMITS, ...settings.limits }
  const policy: AddressPolicy = { allowLoopback: settings.allowLoopback }
  const resolve = settings.resolve ?? systemResolve
  let secureAgent: Agent | undefined
  const byHost = createSlots({ ...limits, perKey: limits.perHost })
  const byAddress = createSlots({ ...limits, perKey: limits.perAddress })

  return {
    async get(address, options) {
      const fault = checkUrl(address, policy)
      if (fault !== undefined) return err({ reason: 'address_refused', detail: describeAddressFault(fault) })
      const url = new URL(address)
      const signal = AbortSignal.timeout(limits.milliseconds)

      using hostSlot = await byHost.take([url.hostname.replace(/\.$/, '')], signal)
      if (!hostSlot) return err(BUSY)
      const addresses = await findAddresses(url, { policy, resolve, signal })
      if (!addresses.ok) return addresses
      // All of them: which one the connection takes is not known before it stands.
      using addressSlot = await byAddress.take(addresses.value, signal)
      if (!addressSlot) return err(BUSY)
      secureAgent ??= createSecureAgent(settings.extraCaCertificates ?? [])
      const document = await exchange(url, { ...options, addresses: addresses.value, secureAgent, signal })
      return document.ok && isRedirect(document.value.status) ? err(REDIRECTED) : document
    },
  }
}

const BUSY: OutboundFailure = { reason: 'busy', detail: 'too many fetches from this host are under way' }
const REDIRECTED: OutboundFailure = { reason: 'redirected', detail: 'the answer is a redirect, which is not followed' }

const isRedirect = (status: number): boolean => status >= 300 && status < 400 && status !== 304
