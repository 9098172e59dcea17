// For tests: a Shared Signals transmitter behind an injected `fetch`, and timers that a test moves.
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose'
import type { Schedule } from '../issuer/exchange.ts'
import { ISSUER, NOW, type Members, type TestIssuer } from '../test-issuer.ts'

export const CLIENT_ID = 'vet-assist-guard'
const STREAMS = `${ISSUER}/guard/streams`
export const URLS = {
  configuration: `${ISSUER}/.well-known/ssf-configuration`,
  token: `${ISSUER}/token`,
  keys: `${ISSUER}/guard/jwks`,
  accessKeys: `${ISSUER}/jwks`,
  streams: STREAMS,
  events: `${STREAMS}/events`,
} as const

/** What a test answers in the place of the transmitter; undefined leaves the answer to it. */
export type Behaviour = (request: Request) => Response | undefined | Promise<Response | undefined>

export interface TestTransmitter {
  readonly fetch: typeof fetch
  readonly credential: { readonly client_id: string; readonly private_key: JWK }
  /** By place: how the transmitter is broken or hostile. */
  readonly behaviours: Map<keyof typeof URLS, Behaviour>
  /** Bodies of the polls that came. */
  readonly polls: Record<string, unknown>[]
  /** All requests, as method and URL. */
  readonly requests: string[]
  /** Signs a SET about Bob, right or wrong. */
  set(claims?: Members, header?: Members, key?: CryptoKey): Promise<string>
  /** Delivers SETs to all streams, and to those that are still to come. */
  send(...sets: string[]): void
  /** Resolves when a guard waits for news, and so has taken all that there were. */
  waiting(): Promise<void>
  /** Answers the polls that wait, with nothing. */
  release(): void
  /** Ends all streams, as after five minutes without a poll. */
  endStreams(): void
}

interface OpenStream {
  readonly outbox: Map<string, string>
  wake: () => void
}

export async function createTestTransmitter(issuer: TestIssuer): Promise<TestTransmitter> {
  const pair = await generateKeyPair('ES256', { extractable: true })
  const own = await generateKeyPair('ES256', { extractable: true })
  issuer.documents.set(`${ISSUER}/.well-known/oauth-authorization-server`, {
    issuer: ISSUER,
    jwks_uri: `${ISSUER}/jwks`,
    token_endpoint: URLS.token,
  })
  issuer.documents.set(URLS.configuration, {
    issuer: ISSUER,
    jwks_uri: URLS.keys,
    configuration_endpoint: URLS.streams,
  })
  issuer.documents.set(URLS.keys, { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 's1', alg: 'ES256' }] })

  const streams = new Map<string, OpenStream>()
  const sent: string[] = []
  const behaviours: TestTransmitter['behaviours'] = new Map()
  const polls: TestTransmitter['polls'] = []
  const requests: string[] = []
  const held = new Set<() => void>()
  const waiters: (() => void)[] = []

  function createStream(): Response {
    const id = `st_${streams.size + 1}`
    streams.set(id, { outbox: new Map(sent.map((set) => [jtiOf(set), set])), wake: () => {} })
    const delivery = { method: 'urn:ietf:rfc:8936', endpoint_url: `${URLS.events}/${id}` }
    return Response.json({ stream_id: id, iss: ISSUER, aud: CLIENT_ID, delivery }, { status: 201 })
  }

  async function poll(request: Request): Promise<Response> {
    const stream = streams.get(request.url.split('/').at(-1) ?? '')
    if (stream === undefined) return new Response(null, { status: 404 })
    const {
      ack = [],
      setErrs = {},
      returnImmediately,
    } = polls.at(-1) as {
      ack?: string[]
      setErrs?: object
      returnImmediately?: boolean
    }
    for (const jti of [...ack, ...Object.keys(setErrs)]) stream.outbox.delete(jti)
    if (stream.outbox.size === 0 && returnImmediately !== true) {
      await new Promise<void>((resolve, reject) => {
        stream.wake = () => (held.delete(stream.wake), resolve())
        held.add(stream.wake)
        request.signal.addEventListener('abort', () => (held.delete(stream.wake), reject(request.signal.reason)))
        for (const tell of waiters.splice(0)) tell()
      })
    }
    return Response.json({ sets: Object.fromEntries(stream.outbox), moreAvailable: false })
  }

  return {
    behaviours,
    polls,
    requests,
    credential: {
      client_id: CLIENT_ID,
      private_key: { ...(await exportJWK(own.privateKey)), kid: 'g1', alg: 'ES256' },
    },
    async fetch(input, init) {
      const request = new Request(input, init)
      const { url } = request
      const place = placeOf(url)
      if (/\/guard\/(decisions|catalogue)$/.test(url)) return new Response(null, { status: 204 })
      if (place === undefined) return issuer.fetch(input, init)
      requests.push(`${request.method} ${url}`)
      if (place === 'events') polls.push((await request.clone().json()) as Record<string, unknown>)
      const behaviour = await behaviours.get(place)?.(request)
      if (behaviour !== undefined) return behaviour
      if (place === 'events') return poll(request)
      if (place === 'token')
        return Response.json({ access_token: 'guard-token', token_type: 'Bearer', expires_in: 300 })
      if (place !== 'streams') return issuer.fetch(input, init)
      if (request.method === 'DELETE') return new Response(null, { status: 204 })
      return createStream()
    },
    async set(claims = {}, header = {}, key = pair.privateKey) {
      const payload = {
        iss: ISSUER,
        aud: CLIENT_ID,
        jti: crypto.randomUUID(),
        iat: NOW / 1000,
        sub_id: { format: 'iss_sub', iss: ISSUER, sub: 'bob' },
        events: { 'urn:permitry:secevent:subject-revoked': { epoch: 8, event_timestamp: NOW / 1000 } },
        ...claims,
      }
      const whole = Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined))
      return new SignJWT(whole)
        .setProtectedHeader({ alg: 'ES256', typ: 'secevent+jwt', kid: 's1', ...header })
        .sign(key)
    },
    send(...sets) {
      sent.push(...sets)
      for (const { outbox, wake } of streams.values()) {
        for (const set of sets) outbox.set(jtiOf(set), set)
        wake()
      }
    },
    waiting: () => new Promise((resolve) => (held.size > 0 ? resolve() : waiters.push(resolve))),
    release() {
      for (const wake of held) wake()
    },
    endStreams: () => streams.clear(),
  }
}

/** The id under which a SET is delivered, also for those that are none. */
export function jtiOf(set: string): string {
  try {
    return String((JSON.parse(atob(set.split('.')[1] ?? '')) as { jti?: unknown }).jti)
  } catch {
    return set
  }
}

function placeOf(url: string): keyof typeof URLS | undefined {
  const [path = ''] = url.split('?')
  if (path.startsWith(URLS.events)) return 'events'
  return (Object.keys(URLS) as (keyof typeof URLS)[]).find((place) => URLS[place] === path)
}

/** A clock that stands, and timers that wait for it; pauses between two tries pass at once, and are noted. */
export interface TestTimers {
  readonly clock: () => number
  readonly schedule: Schedule
  readonly pauses: number[]
  /** Moves the clock and runs what is due. */
  advance(milliseconds: number): void
}

/** Limits of requests, and of silence: all other timers are pauses. */
const LIMITS = [1_000, 5_000, 8_000, 10_000]

export function createTestTimers(): TestTimers {
  let now = NOW
  const waiting = new Set<{ at: number; run: () => void }>()
  const pauses: number[] = []
  return {
    clock: () => now,
    pauses,
    schedule(run, milliseconds) {
      if (!LIMITS.includes(milliseconds)) {
        pauses.push(milliseconds)
        const pause = setImmediate(run)
        return () => clearImmediate(pause)
      }
      const timer = { at: now + milliseconds, run }
      waiting.add(timer)
      return () => waiting.delete(timer)
    },
    advance(milliseconds) {
      now += milliseconds
      for (const timer of waiting) {
        if (timer.at > now) continue
        waiting.delete(timer)
        timer.run()
      }
    },
  }
}
