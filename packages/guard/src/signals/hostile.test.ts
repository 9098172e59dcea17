// A transmitter that is broken, or in the hands of somebody else, changes nothing but the status.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { generateKeyPair } from 'jose'
import { guard, type Protect } from '../index.ts'
import { createTestIssuer, ISSUER, modern, NOW, RESOURCE, type Members, type TestIssuer } from '../test-issuer.ts'
import {
  CLIENT_ID,
  createTestTimers,
  createTestTransmitter,
  jtiOf,
  URLS,
  type Behaviour,
  type TestTimers,
  type TestTransmitter,
} from './test-transmitter.ts'

let issuer: TestIssuer
let transmitter: TestTransmitter
let timers: TestTimers
let protect: Protect
let told: PromiseWithResolvers<Error>

beforeEach(async () => {
  issuer = await createTestIssuer()
  transmitter = await createTestTransmitter(issuer)
  timers = createTestTimers()
  told = Promise.withResolvers()
  protect = guard({
    issuer: ISSUER,
    resource: RESOURCE,
    defaultScopes: [],
    tools: { list_pets: [] },
    onError: (error) => told.resolve(error),
    onSignalLoss: 'allow',
    credential: transmitter.credential,
    fetch: transmitter.fetch,
    clock: timers.clock,
    schedule: timers.schedule,
  })
  await transmitter.waiting()
})
afterEach(() => {
  // What is still to be reported gets through, so that the end is not waited for.
  transmitter.behaviours.clear()
  return protect.close()
})

async function statusOf(claims: Members = {}): Promise<number> {
  const token = await issuer.token({ epoch: 7, exp: NOW / 1000 + 3600, ...claims })
  const handler = protect(async () => Response.json({}))
  return (await handler(modern('tools/call', { name: 'list_pets', arguments: {} }, token))).status
}

/** Resolves when the guard has asked `times` more times at this place. */
function asked(place: keyof typeof URLS, behave: Behaviour, times = 3): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let count = 0
  transmitter.behaviours.set(place, (request) => {
    count += 1
    if (count === times) resolve()
    return behave(request)
  })
  return promise
}

/** A body that never ends: what is read of it is counted. */
function endless(chunk: Uint8Array): {
  body: ReadableStream<Uint8Array>
  sent: () => number
  cancelled: Promise<void>
} {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>()
  let sent = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += chunk.length
      controller.enqueue(chunk)
    },
    cancel: () => resolve(),
  })
  return { body, sent: () => sent, cancelled }
}

describe('polls that are answered', () => {
  const answers: readonly (readonly [how: string, behave: Behaviour])[] = [
    ['with an error', () => new Response('no', { status: 500 })],
    ['with a redirect', () => new Response(null, { status: 307, headers: { location: 'https://evil.example/' } })],
    ['with a page', () => new Response('<html>')],
    ['with nothing', () => new Response(null, { status: 200 })],
    ['with no content', () => new Response(null, { status: 204 })],
    ['with a list of SETs', () => Response.json({ sets: [] })],
    ['without SETs', () => Response.json({ moreAvailable: false })],
    ['with a text for what is a yes or no', () => Response.json({ sets: {}, moreAvailable: 'no' })],
    ['with more to come and nothing there', () => Response.json({ sets: {}, moreAvailable: true })],
    ['with a SET that is a number', () => Response.json({ sets: { a: 1 }, moreAvailable: false })],
    ['by a refusal of its token, again and again', () => new Response(null, { status: 401 })],
    ['as if each stream were gone', () => new Response(null, { status: 404 })],
  ]
  for (const [how, behave] of answers) {
    test(`${how} leave the guard as it is, until it is heard of again`, async () => {
      transmitter.send(await transmitter.set({ sub_id: { format: 'iss_sub', iss: ISSUER, sub: 'carol' } }))
      await transmitter.waiting()
      const several = asked('events', behave, 8)
      transmitter.release()
      await several
      timers.advance(10_000)
      assert.equal(protect.status().signals, 'degraded')
      assert.deepEqual([await statusOf(), await statusOf({ sub: 'carol' })], [200, 401])
      assert.match((await told.promise).message, /signals of/)
      assert.ok(!transmitter.requests.some((request) => request.includes('evil')))
      transmitter.behaviours.clear()
      await transmitter.waiting()
      assert.equal(protect.status().signals, 'connected')
    })
  }

  test('with more than a guard reads are given up at that', async () => {
    const { body, sent, cancelled } = endless(new Uint8Array(64 * 1024).fill(32))
    let isFirst = true
    transmitter.behaviours.set('events', () => {
      if (!isFirst) return undefined
      isFirst = false
      return new Response(body)
    })
    transmitter.release()
    await cancelled
    assert.ok(sent() < 2 * 1024 * 1024, String(sent()))
    await transmitter.waiting()
    assert.equal(await statusOf(), 200)
  })

  test('drop by drop are given up after eight seconds', async () => {
    const opened = Promise.withResolvers<void>()
    let isFirst = true
    transmitter.behaviours.set('events', (request) => {
      if (!isFirst) return undefined
      isFirst = false
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{'))
          request.signal.addEventListener('abort', () => controller.error(request.signal.reason))
          opened.resolve()
        },
      })
      return new Response(body)
    })
    transmitter.release()
    await opened.promise
    timers.advance(8_000)
    assert.match(String((await told.promise).cause), /did not answer in time/)
    await transmitter.waiting()
    assert.equal(protect.status().signals, 'connected')
  })

  test('at once with nothing do not make the guard ask all the time', async () => {
    const several = asked('events', () => Response.json({ sets: {}, moreAvailable: false }), 10)
    const before = timers.pauses.length
    transmitter.release()
    await several
    const pauses = timers.pauses.slice(before)
    assert.ok(pauses.length >= 9 && pauses.every((pause) => pause === 200), String(pauses))
  })
})

describe('a SET', () => {
  const sets: readonly (readonly [what: string, make: () => Promise<string>])[] = [
    ['for another guard', () => transmitter.set({ aud: 'other-guard' })],
    ['of another issuer', () => transmitter.set({ iss: 'https://evil.example' })],
    ['by a key that nobody published', () => transmitter.set({}, { kid: 'unknown' })],
    ['by the key of access tokens', () => issuer.token({ aud: CLIENT_ID }, { typ: 'secevent+jwt' })],
    [
      'by another key under the name of the right one',
      async () => {
        return transmitter.set({}, {}, (await generateKeyPair('ES256')).privateKey)
      },
    ],
    ['that is an access token', () => transmitter.set({}, { typ: 'at+jwt' })],
    [
      'about a person of another issuer',
      () => {
        return transmitter.set({ sub_id: { format: 'iss_sub', iss: 'https://other.example', sub: 'bob' } })
      },
    ],
  ]
  for (const [what, make] of sets) {
    test(`${what} revokes nothing, and is no sign of life either`, async () => {
      const set = await make()
      const several = asked('events', async (request) => {
        const { maxEvents } = (await request.json()) as { maxEvents: number }
        return Response.json({ sets: maxEvents === 0 ? {} : { [jtiOf(set)]: set }, moreAvailable: false })
      })
      transmitter.release()
      await several
      timers.advance(10_000)
      assert.equal(protect.status().signals, 'degraded')
      assert.equal(await statusOf(), 200)
    })
  }

  test('that does not verify is told to the transmitter with the reason, and a new snapshot is asked for', async () => {
    const set = await transmitter.set({ aud: 'other-guard' })
    const good = await transmitter.set()
    transmitter.send(set, good)
    await told.promise
    const last = transmitter.polls.at(-1)
    assert.deepEqual(last?.['ack'], [jtiOf(good)])
    assert.deepEqual(last?.['setErrs'], {
      [jtiOf(set)]: { err: 'invalid_audience', description: 'the SET could not be verified' },
    })
    // What was good beside it counts all the same.
    assert.equal(await statusOf(), 401)
  })

  test('with a lower epoch lowers nothing, nor does one that comes again', async () => {
    const high = await transmitter.set()
    const low = await transmitter.set({
      events: { 'urn:permitry:secevent:subject-revoked': { epoch: 2, event_timestamp: NOW / 1000 } },
    })
    for (const set of [high, low, high, low]) {
      transmitter.send(set)
      await transmitter.waiting()
    }
    assert.deepEqual([await statusOf(), await statusOf({ epoch: 8 })], [401, 200])
    assert.equal(protect.status().signals, 'connected')
  })

  test('under the id of another one is not taken', async () => {
    const set = await transmitter.set()
    let isFirst = true
    transmitter.behaviours.set('events', () => {
      if (!isFirst) return undefined
      isFirst = false
      return Response.json({ sets: { another: set }, moreAvailable: false })
    })
    transmitter.release()
    await told.promise
    assert.equal(await statusOf(), 200)
  })
})

describe('a transmitter that sends the guard elsewhere', () => {
  const places: readonly (readonly [what: string, document: Members])[] = [
    ['to streams of another host', { configuration_endpoint: 'https://evil.example/guard/streams' }],
    ['to streams outside of the guard API', { configuration_endpoint: `${ISSUER}/guard/../account` }],
    ['to streams by plain http', { configuration_endpoint: URLS.streams.replace('https', 'http') }],
    ['by a configuration of another issuer', { issuer: 'https://evil.example' }],
  ]
  for (const [what, document] of places) {
    test(`${what} does not get its token`, async () => {
      const configuration = { issuer: ISSUER, jwks_uri: URLS.keys, configuration_endpoint: URLS.streams }
      issuer.documents.set(URLS.configuration, { ...configuration, ...document })
      transmitter.endStreams()
      const before = transmitter.requests.length
      const several = asked('configuration', () => undefined)
      transmitter.release()
      await several
      const after = transmitter.requests.slice(before)
      assert.ok(
        after.every((request) => request.startsWith(`GET ${URLS.configuration}`) || request.includes('/events/')),
      )
      assert.equal(await statusOf(), 200)
    })
  }

  test('by the address of a stream does not get its token', async () => {
    const delivery = { method: 'urn:ietf:rfc:8936', endpoint_url: 'https://evil.example/poll' }
    transmitter.endStreams()
    const several = asked('streams', () => Response.json({ stream_id: 'x', delivery }, { status: 201 }))
    transmitter.release()
    await several
    assert.ok(!issuer.fetched.some((url) => url.includes('evil')))
    assert.equal(await statusOf(), 200)
  })

  test('to keys of another host is not believed', async () => {
    issuer.documents.set(URLS.configuration, { issuer: ISSUER, jwks_uri: 'https://evil.example/jwks' })
    transmitter.send(await transmitter.set())
    await told.promise
    assert.ok(!issuer.fetched.some((url) => url.includes('evil')))
    assert.equal(await statusOf(), 200)
  })
})

describe('a credential that is refused', () => {
  for (const [what, answer] of [
    ['by an error', () => Response.json({ error: 'invalid_client' }, { status: 401 })],
    ['by a token of another kind', () => Response.json({ access_token: 'x', token_type: 'DPoP' })],
    ['by an answer without a token', () => Response.json({ token_type: 'Bearer' })],
  ] as const) {
    test(`${what} leaves the guard as it is`, async () => {
      timers.advance(600_000)
      const several = asked('token', answer)
      transmitter.release()
      await several
      assert.equal(protect.status().signals, 'degraded')
      assert.equal(await statusOf(), 200)
    })
  }
})
