import { type GuardApi, isOfGuardApi } from '../issuer/guard-api.ts'
import { endpointOf, fetchJson } from '../issuer/metadata.ts'
import { isRecord } from '../message.ts'
import type { SetError } from './security-event.ts'

/** What a poll tells the transmitter, RFC 8936 §2.2. */
export interface Poll {
  readonly ack: readonly string[]
  readonly setErrs?: Readonly<Record<string, SetError>>
  /** Do not wait for events that are still to come. */
  readonly returnImmediately: boolean
  readonly maxEvents: number
}

/** What a transmitter answers, RFC 8936 §2.3. Nothing of it is verified. */
export interface Delivery {
  /** By `jti`. */
  readonly sets: Readonly<Record<string, unknown>>
  readonly moreAvailable: boolean
}

/** The stream is not there any more, or was ended: what it still had to say is in the beginning of another. */
export class StreamGone extends Error {
  override readonly name = 'StreamGone'
}

/** The requests of a receiver to the transmitter of an issuer. All of them throw when they are not answered as they should. */
export interface Transmitter {
  /** Where the keys are that sign SETs, and nothing else. */
  readonly findKeys: () => Promise<string>
  createStream(signal: AbortSignal): Promise<Stream>
}

/** One stream of events, which begins with what is not over yet. */
export interface Stream {
  poll(poll: Poll, signal: AbortSignal): Promise<Delivery>
  remove(): Promise<void>
}

const POLL_DELIVERY = 'urn:ietf:rfc:8936'
/** A transmitter answers a long poll within five seconds; after eight the way there is broken. */
const POLL_LIMITS = { timeoutMs: 8_000, maxBytes: 1024 * 1024 }
/** For somebody who is about to go. */
const REMOVE_LIMITS = { timeoutMs: 1_000, maxBytes: 1024 }

/** Reaches the Shared Signals transmitter of an issuer, SSF 1.0 §7 and §8, with delivery by poll, RFC 8936. */
export function createTransmitter(issuer: string, fetch: typeof globalThis.fetch, send: GuardApi): Transmitter {
  /** SSF 1.0 §7.2: the document has to name the issuer whose place it was found at. */
  async function discover(): Promise<Readonly<Record<string, unknown>>> {
    const url = configurationUrl(issuer)
    const configuration = await fetchJson(url, fetch)
    if (configuration === undefined) throw new Error(`there is no transmitter at ${url}`)
    if (configuration['issuer'] !== issuer) throw new Error(`${url} is the configuration of another issuer`)
    return configuration
  }

  return {
    async findKeys() {
      const url = endpointOf(await discover(), 'jwks_uri')
      if (new URL(url).origin !== new URL(issuer).origin) throw new Error(`${url} is no place for keys of ${issuer}`)
      return url
    },

    async createStream(signal) {
      const url = endpointOf(await discover(), 'configuration_endpoint')
      const { status, value } = await send({
        method: 'POST',
        url,
        body: { delivery: { method: POLL_DELIVERY } },
        signal,
      })
      if (!isRecord(value)) throw new Error(`${url} made no stream: ${status}`)
      const { stream_id: id, delivery } = value
      const endpoint = isRecord(delivery) ? delivery['endpoint_url'] : undefined
      if (typeof id !== 'string' || typeof endpoint !== 'string' || !isOfGuardApi(endpoint, issuer))
        throw new Error(`${url} made no stream to poll`)
      return {
        async poll(body, signal) {
          const answer = await send({ method: 'POST', url: endpoint, body, signal, ...POLL_LIMITS })
          if (answer.status === 404) throw new StreamGone(`${endpoint} is gone`)
          return deliveryOf(answer.value, endpoint, answer.status)
        },
        async remove() {
          await send({ method: 'DELETE', url: `${url}?stream_id=${encodeURIComponent(id)}`, ...REMOVE_LIMITS })
        },
      }
    },
  }
}

function deliveryOf(value: unknown, endpoint: string, status: number): Delivery {
  if (!isRecord(value)) throw new Error(`${endpoint} did not answer a poll: ${status}`)
  const { sets, moreAvailable = false } = value
  if (!isRecord(sets) || typeof moreAvailable !== 'boolean') throw new Error(`${endpoint} answered with no SETs`)
  return { sets, moreAvailable }
}

/** SSF 1.0 §7.2: the well-known part stands between host and path. */
function configurationUrl(issuer: string): string {
  const { origin, pathname } = new URL(issuer)
  return `${origin}/.well-known/ssf-configuration${pathname === '/' ? '' : pathname}`
}
