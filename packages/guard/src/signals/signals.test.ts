import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { guard, type GuardOptions, type Protect } from '../index.ts'
import { createTestIssuer, ISSUER, modern, NOW, RESOURCE, type Members, type TestIssuer } from '../test-issuer.ts'
import {
  createTestTimers,
  createTestTransmitter,
  jtiOf,
  URLS,
  type TestTimers,
  type TestTransmitter,
} from './test-transmitter.ts'

const OURS = 'urn:permitry:secevent:'

let issuer: TestIssuer
let transmitter: TestTransmitter
let timers: TestTimers
let protect: Protect
let errors: Error[]

beforeEach(async () => {
  issuer = await createTestIssuer()
  transmitter = await createTestTransmitter(issuer)
  timers = createTestTimers()
  errors = []
})
afterEach(() => protect.close())

function open(options: Partial<GuardOptions> = {}): void {
  const { credential, fetch } = transmitter
  const { clock, schedule } = timers
  protect = guard({
    issuer: ISSUER,
    resource: RESOURCE,
    defaultScopes: [],
    tools: { list_pets: 'pet-profile:read' },
    onError: (error) => errors.push(error),
    credential,
    fetch,
    clock,
    schedule,
    ...options,
  })
}

const statusOf = async (token: string): Promise<number> => {
  const handler = protect(async () => Response.json({ jsonrpc: '2.0', id: 1, result: {} }))
  return (await handler(modern('tools/call', { name: 'list_pets', arguments: {} }, token))).status
}
const token = (claims: Members = {}): Promise<string> =>
  issuer.token({ epoch: 7, fam: 'fam_1', exp: NOW / 1000 + 3600, ...claims })
const revocation = (type: string, sub_id: Members, epoch = 8): Promise<string> =>
  transmitter.set({ sub_id, events: { [`${OURS}${type}`]: { epoch, event_timestamp: NOW / 1000 } } })

describe('a guard with a credential', () => {
  test('serves nothing before the snapshot is there, and says when to come back', async () => {
    const opening = Promise.withResolvers<undefined>()
    transmitter.behaviours.set('events', () => opening.promise)
    open()
    const handler = protect(() => assert.fail('served'))
    const answer = await handler(modern('tools/call', { name: 'list_pets', arguments: {} }, await token()))
    assert.equal(answer.status, 503)
    assert.equal(answer.headers.get('retry-after'), '5')
    assert.equal(((await answer.json()) as { error: { code: number } }).error.code, -32603)
    assert.equal(protect.status().signals, 'connecting')
    opening.resolve(undefined)
    await protect.ready()
    assert.equal(protect.status().signals, 'connected')
    assert.equal(await statusOf(await token()), 200)
  })

  test('still serves its metadata and asks for a token meanwhile, which nobody can revoke', async () => {
    transmitter.behaviours.set('events', () => new Promise(() => {}))
    open()
    const handler = protect(() => assert.fail('served'))
    const metadata = await handler(new Request(new URL('/.well-known/oauth-protected-resource/mcp', RESOURCE)))
    assert.equal(metadata.status, 200)
    assert.equal((await handler(modern('tools/list', {}))).status, 401)
  })

  test('is as ready as it will be when it is closed before it began', async () => {
    transmitter.behaviours.set('events', () => new Promise(() => {}))
    open()
    const ready = protect.ready()
    await protect.close()
    await ready
  })

  test('knows what was revoked before it started', async () => {
    transmitter.send(await transmitter.set())
    open()
    await transmitter.waiting()
    assert.equal(await statusOf(await token()), 401)
    assert.equal(await statusOf(await token({ sub: 'carol' })), 200)
    assert.equal(await statusOf(await token({ epoch: 8 })), 200)
    assert.equal(await statusOf(await token({ epoch: undefined })), 401)
  })

  const revoked: readonly (readonly [what: string, type: string, subject: Members])[] = [
    ['a person', 'subject-revoked', { format: 'iss_sub', iss: ISSUER, sub: 'bob' }],
    ['a family', 'family-revoked', { format: 'opaque', id: 'fam_1' }],
    ['a client', 'client-revoked', { format: 'opaque', id: 'vet-assist-ai' }],
    ['everybody', 'issuer-revoked', { format: 'uri', uri: ISSUER }],
  ]
  for (const [what, type, subject] of revoked) {
    test(`refuses a token that it has served, as soon as ${what} is revoked`, async () => {
      open()
      await transmitter.waiting()
      const bob = await token()
      const stranger = await token({ sub: 'carol', client_id: 'other', fam: 'fam_2' })
      assert.deepEqual([await statusOf(bob), await statusOf(stranger)], [200, 200])
      transmitter.send(await revocation(type, subject))
      await transmitter.waiting()
      assert.deepEqual([await statusOf(bob), await statusOf(stranger)], [401, what === 'everybody' ? 401 : 200])
      assert.equal(await statusOf(await token({ epoch: 8 })), 200)
    })
  }

  test('takes no key that was revoked, whatever epoch a token by it claims', async () => {
    open()
    await transmitter.waiting()
    // As whoever has stolen the key would make it.
    const forged = await token({ epoch: 1_000_000 })
    assert.equal(await statusOf(forged), 200)
    const unseen = await token({ epoch: 1_000_000 })
    await issuer.rotate('k2')
    transmitter.send(await revocation('issuer-revoked', { format: 'uri', uri: ISSUER }))
    await transmitter.waiting()
    assert.deepEqual([await statusOf(forged), await statusOf(unseen)], [401, 401])
    assert.equal(await statusOf(await token({ epoch: 8 })), 200)
  })

  test('takes no key that was on its way when it was revoked', async () => {
    open()
    await transmitter.waiting()
    const forged = await token({ epoch: 1_000_000 })
    const keys = issuer.documents.get(`${ISSUER}/jwks`)
    const late = Promise.withResolvers<Response>()
    const asked = Promise.withResolvers<void>()
    let isFirst = true
    transmitter.behaviours.set('accessKeys', () => {
      if (!isFirst) return undefined
      isFirst = false
      asked.resolve()
      return late.promise
    })
    const answer = statusOf(forged)
    await asked.promise
    await issuer.rotate('k2')
    transmitter.send(await revocation('issuer-revoked', { format: 'uri', uri: ISSUER }))
    await transmitter.waiting()
    late.resolve(Response.json(keys))
    assert.equal(await answer, 401)
  })

  test('refuses a call whose body came slowly enough for the token to be revoked meanwhile', async () => {
    open()
    await transmitter.waiting()
    const whole = modern('tools/call', { name: 'list_pets', arguments: {} }, await token())
    const body = new Uint8Array(await whole.clone().arrayBuffer())
    const slow = new TransformStream<Uint8Array, Uint8Array>()
    const writer = slow.writable.getWriter()
    const started = writer.write(body.slice(0, 20))
    const init: RequestInit & { duplex: 'half' } = {
      method: 'POST',
      headers: whole.headers,
      body: slow.readable,
      duplex: 'half',
    }
    const answer = protect(() => assert.fail('served'))(new Request(RESOURCE, init))
    await started
    transmitter.send(await transmitter.set())
    await transmitter.waiting()
    await writer.write(body.slice(20))
    await writer.close()
    assert.equal((await answer).status, 401)
  })

  test('acknowledges what it has applied, and asks at once until nothing more is there', async () => {
    const sets = [await transmitter.set(), await transmitter.set()]
    transmitter.send(...sets)
    open()
    await transmitter.waiting()
    const more = await transmitter.set()
    transmitter.send(more)
    await transmitter.waiting()
    assert.deepEqual(
      transmitter.polls.map(({ ack, returnImmediately }) => ({ ack, returnImmediately })),
      [
        { ack: [], returnImmediately: true },
        { ack: sets.map(jtiOf), returnImmediately: false },
        { ack: [jtiOf(more)], returnImmediately: false },
      ],
    )
  })

  test('loads a snapshot of many parts to its end before it serves', async () => {
    let part = 0
    transmitter.behaviours.set('events', async () => {
      part += 1
      if (part > 3) return undefined
      assert.equal(protect.status().signals, 'connecting')
      const set = await revocation('subject-revoked', { format: 'iss_sub', iss: ISSUER, sub: `p${part}` })
      return Response.json({ sets: { [jtiOf(set)]: set }, moreAvailable: part < 3 })
    })
    open()
    await transmitter.waiting()
    assert.equal(part, 4)
    for (const sub of ['p1', 'p2', 'p3']) assert.equal(await statusOf(await token({ sub })), 401)
  })

  test('authenticates by an assertion for the issuer that is used once, and names the guard API', async () => {
    const forms: URLSearchParams[] = []
    transmitter.behaviours.set('token', async (request) => {
      forms.push(new URLSearchParams(await request.clone().text()))
      return undefined
    })
    open()
    await transmitter.waiting()
    const [form] = forms
    assert.equal(form?.get('grant_type'), 'client_credentials')
    assert.equal(form?.get('resource'), `${ISSUER}/guard`)
    const assertion = form?.get('client_assertion') ?? ''
    assert.equal(decodeProtectedHeader(assertion).kid, 'g1')
    assert.equal(decodeJwt(assertion).aud, ISSUER)
    assert.equal(forms.length, 1)
  })

  test('gets another token when its own is refused', async () => {
    let refusals = 1
    transmitter.behaviours.set('events', () => (refusals-- > 0 ? new Response(null, { status: 401 }) : undefined))
    open()
    await transmitter.waiting()
    assert.equal(transmitter.requests.filter((request) => request === `POST ${URLS.token}`).length, 2)
    assert.deepEqual(errors, [])
  })

  test('takes its stream down when it is closed, and asks for nothing any more', async () => {
    open()
    await transmitter.waiting()
    await protect.close()
    assert.match(transmitter.requests.at(-1) ?? '', /^DELETE .*stream_id=st_1$/)
  })

  test('without a credential has no signals, and serves until tokens expire', async () => {
    protect = guard({
      issuer: ISSUER,
      resource: RESOURCE,
      defaultScopes: [],
      tools: { list_pets: [] },
      fetch: transmitter.fetch,
      clock: timers.clock,
    })
    assert.equal(protect.status().signals, 'off')
    assert.equal(await statusOf(await token()), 200)
    assert.deepEqual(transmitter.requests, [`GET ${URLS.accessKeys}`])
  })
})

describe('a guard that hears nothing', () => {
  /** Resolves when the guard has met the silence. */
  function cutOff(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    transmitter.behaviours.set('events', () => {
      resolve()
      return Promise.reject(new TypeError('fetch failed'))
    })
    transmitter.release()
    return promise
  }

  for (const onSignalLoss of ['allow', 'deny'] as const) {
    test(`is degraded after ten seconds, and with \`${onSignalLoss}\` ${onSignalLoss === 'allow' ? 'serves on' : 'refuses'}`, async () => {
      open({ onSignalLoss })
      await transmitter.waiting()
      await cutOff()
      timers.advance(9_999)
      assert.equal(protect.status().signals, 'connected')
      timers.advance(1)
      assert.equal(protect.status().signals, 'degraded')
      assert.equal(await statusOf(await token()), onSignalLoss === 'allow' ? 200 : 503)
    })

    test(`knows what it missed before it is connected again, with \`${onSignalLoss}\``, async () => {
      open({ onSignalLoss })
      await transmitter.waiting()
      const bob = await token()
      assert.equal(await statusOf(bob), 200)
      await cutOff()
      timers.advance(60_000)
      transmitter.send(await transmitter.set())
      // Not known yet, and not said to be.
      assert.equal(protect.status().signals, 'degraded')
      transmitter.behaviours.delete('events')
      await transmitter.waiting()
      assert.equal(protect.status().signals, 'connected')
      assert.equal(await statusOf(bob), 401)
    })
  }

  test('takes a new snapshot when its stream has ended meanwhile', async () => {
    open()
    await transmitter.waiting()
    await cutOff()
    timers.advance(600_000)
    transmitter.endStreams()
    transmitter.send(await transmitter.set())
    transmitter.behaviours.delete('events')
    await transmitter.waiting()
    assert.equal(protect.status().signals, 'connected')
    assert.equal(await statusOf(await token()), 401)
  })

  test('tries again with pauses that grow, differ, and stay below five seconds', async () => {
    open()
    await transmitter.waiting()
    let tries = 0
    const many = Promise.withResolvers<void>()
    transmitter.behaviours.set('events', () => {
      tries += 1
      if (tries > 40) many.resolve()
      return new Response(null, { status: 500 })
    })
    timers.advance(5_000)
    transmitter.release()
    await many.promise
    const pauses = timers.pauses.slice(0, 40)
    for (const [index, pause] of pauses.entries()) {
      const longest = Math.min(100 * 2 ** index, 5_000)
      assert.ok(pause >= longest / 2 && pause < longest, `${index}: ${pause}`)
    }
    assert.ok(new Set(pauses.slice(10)).size > 20)
    assert.equal(errors.length, 1)
  })

  test('is told nothing new by a clock that goes back', async () => {
    open({ onSignalLoss: 'deny' })
    await transmitter.waiting()
    timers.advance(-60_000)
    assert.equal(protect.status().signals, 'degraded')
    transmitter.release()
    await transmitter.waiting()
    assert.equal(protect.status().signals, 'connected')
    assert.equal(transmitter.requests.filter((request) => request === `POST ${URLS.streams}`).length, 2)
  })
})
