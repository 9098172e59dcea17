// The transmitter as SSF 1.0 and RFC 8936 describe it: its metadata, streams, polls and who gets at them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { endFamily, resumeClient, runCommand, suspendClient } from '@permitry/server'
import { addCredential, type ServerCredential, startStack, type Stack } from '@permitry/testkit'
import { tokensOf } from '../security/world.ts'
import { Receiver } from './receiver.ts'

const EVENTS = 'urn:permitry:secevent:'

// What setting up the clinic revoked, such as the first passwords, is past by then.
let now = Date.now() + 2 * 3_600_000
let stack: Stack
let credential: ServerCredential
before(async () => {
  stack = await startStack({ now: () => now })
  credential = await addCredential(stack)
})
after(() => stack.close())

const operator = () =>
  ({ store: stack.store, tenant: 'default', actor: { kind: 'cli', id: 'test' }, now: () => now }) as const

/** Raises revocations of families, without people who sign in for each. */
async function revokeFamilies(count: number): Promise<string[]> {
  const ids: string[] = []
  for (let n = 0; n < count; n++) {
    const { access } = await tokensOf(stack.issuer, 'bob')
    const { fam } = JSON.parse(Buffer.from(access.split('.')[1] ?? '', 'base64url').toString()) as { fam: string }
    assert.ok((await runCommand(operator(), endFamily, { id: fam })).ok)
    ids.push(fam)
  }
  return ids
}

test('the metadata names what is served, and nothing else', async () => {
  const response = await fetch(`${stack.issuer}/.well-known/ssf-configuration`)
  const { issuer } = stack
  assert.deepEqual(await response.json(), {
    spec_version: '1_0',
    issuer,
    jwks_uri: `${issuer}/guard/jwks`,
    delivery_methods_supported: ['urn:ietf:rfc:8936'],
    configuration_endpoint: `${issuer}/guard/streams`,
    status_endpoint: `${issuer}/guard/status`,
    verification_endpoint: `${issuer}/guard/verify`,
    authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:6749' }],
    default_subjects: 'ALL',
  })
})

test('the key of signals is published apart, and signs no token', async () => {
  const kidsAt = async (path: string) => {
    const { keys } = (await (await fetch(`${stack.issuer}${path}`)).json()) as { keys: { kid: string }[] }
    return keys.map(({ kid }) => kid)
  }
  const [tokens, signals] = [await kidsAt('/jwks'), await kidsAt('/guard/jwks')]
  assert.equal(signals.length, 1)
  assert.ok(!tokens.includes(signals[0] ?? ''))
})

test('a stream is made, read, changed, asked for its status and ended', async () => {
  const receiver = await Receiver.withToken(credential, now)
  const made = await receiver.open({ description: 'guard 1' })
  const { streamId } = receiver
  assert.deepEqual(
    [made['iss'], made['aud'], made['inactivity_timeout'], made['description']],
    [stack.issuer, 'vetassist-guard', 300, 'guard 1'],
  )
  assert.deepEqual(made['delivery'], {
    method: 'urn:ietf:rfc:8936',
    endpoint_url: `${stack.issuer}/guard/streams/${streamId}/events`,
  })
  assert.deepEqual(made['events_delivered'], made['events_supported'])
  const json = async (response: Promise<Response>) => (await response).json() as Promise<Record<string, unknown>>
  assert.deepEqual(await json(receiver.send('GET', `streams?stream_id=${streamId}`)), made)
  assert.ok(((await json(receiver.send('GET', 'streams'))) as unknown as object[]).length > 0)

  const less = { stream_id: streamId, events_requested: [`${EVENTS}family-revoked`, 'urn:nobody'] }
  const patched = await json(receiver.send('PATCH', 'streams', less))
  assert.deepEqual([patched['events_delivered'], patched['description']], [[`${EVENTS}family-revoked`], 'guard 1'])
  const put = await json(receiver.send('PUT', 'streams', { stream_id: streamId }))
  assert.deepEqual([put['events_delivered'], put['description']], [made['events_supported'], undefined])
  assert.deepEqual(await json(receiver.send('GET', `status?stream_id=${streamId}`)), {
    stream_id: streamId,
    status: 'enabled',
  })
  for (const status of ['paused', 'disabled'])
    assert.equal((await receiver.send('POST', 'status', { stream_id: streamId, status })).status, 403)
  assert.equal((await receiver.send('POST', 'status', { stream_id: streamId, status: 'enabled' })).status, 200)
  assert.equal((await receiver.send('DELETE', `streams?stream_id=${streamId}`)).status, 204)
  assert.equal((await receiver.send('DELETE', `streams?stream_id=${streamId}`)).status, 404)
  assert.equal((await receiver.poll({ returnImmediately: true })).status, 404)
})

test('what is not a request of the specifications is refused', async () => {
  const receiver = await Receiver.withToken(credential, now)
  await receiver.open()
  const { streamId } = receiver
  const push = { delivery: { method: 'urn:ietf:rfc:8935', endpoint_url: 'https://guard.example/' } }
  for (const [method, path, body] of [
    ['POST', 'streams', push],
    ['PATCH', 'streams', { description: 'no id' }],
    ['PATCH', 'streams', { stream_id: streamId, aud: 'somebody-else' }],
    ['PUT', 'streams', { stream_id: streamId, iss: 'https://other.example' }],
    ['POST', 'status', { stream_id: streamId, status: 'asleep' }],
    ['POST', 'verify', {}],
    ['POST', `streams/${streamId}/events`, { maxEvents: -1 }],
    ['POST', `streams/${streamId}/events`, { ack: 'all' }],
    ['POST', `streams/${streamId}/events`, []],
  ] as const)
    assert.equal((await receiver.send(method, path, body)).status, 400, `${method} ${path} ${JSON.stringify(body)}`)
  for (const [method, path, body] of [
    ['GET', 'streams?stream_id=str_nobody', undefined],
    ['PATCH', 'streams', { stream_id: 'str_nobody' }],
    ['GET', 'status?stream_id=str_nobody', undefined],
    ['POST', 'status', { stream_id: 'str_nobody', status: 'enabled' }],
    ['POST', 'verify', { stream_id: 'str_nobody' }],
    ['POST', 'streams/str_nobody/events', {}],
  ] as const)
    assert.equal((await receiver.send(method, path, body)).status, 404, `${method} ${path}`)
})

test('the backlog of a new stream is the snapshot, in pieces as large as the guard takes', async () => {
  const families = await revokeFamilies(3)
  const receiver = await Receiver.withToken(credential, now)
  await receiver.open()
  const first = await receiver.poll({ maxEvents: 1, returnImmediately: true })
  assert.deepEqual([first.told.map(({ subject }) => subject['id']), first.moreAvailable], [[families[0]], true])
  const again = await receiver.poll({ maxEvents: 1, returnImmediately: true })
  assert.deepEqual(again.told, first.told, 'until it is acknowledged')
  const nothing = await receiver.poll({ maxEvents: 0 })
  assert.deepEqual([nothing.told, nothing.moreAvailable], [[], true])
  const rest = await receiver.poll({ ack: first.told.map(({ jti }) => jti), returnImmediately: true })
  assert.deepEqual(
    rest.told.map(({ subject }) => subject['id']),
    families.slice(1),
  )
  assert.equal(rest.moreAvailable, false)
  const [second, third] = rest.told
  const outOfOrder = await receiver.poll({ ack: [third?.jti ?? ''], returnImmediately: true })
  assert.deepEqual(outOfOrder.told, [second])
  const last = await receiver.poll({ ack: [second?.jti ?? '', 'rev_nobody'], returnImmediately: true })
  assert.deepEqual([last.told, last.moreAvailable], [[], false])

  const other = await Receiver.withToken(credential, now)
  await other.open()
  const snapshot = await other.drain()
  assert.deepEqual(
    snapshot.map(({ subject }) => subject['id']),
    families,
    'each guard process acknowledges for itself',
  )
  now += 71 * 60_000
  const late = await Receiver.withToken(credential, now)
  await late.open()
  assert.deepEqual(await late.drain(), [], 'no token of before is alive')
})

test('a long poll answers as soon as something is revoked, and otherwise before a guard calls itself degraded', async () => {
  const receiver = await Receiver.withToken(credential, now)
  await receiver.open()
  await receiver.drain()
  const begun = Date.now()
  const waiting = receiver.poll()
  const [family] = await revokeFamilies(1)
  const { told } = await waiting
  assert.deepEqual(
    told.map(({ type, subject }) => [type, subject['id']]),
    [[`${EVENTS}family-revoked`, family]],
  )
  assert.ok(Date.now() - begun < 4_500)
  const { epoch, event_timestamp } = told[0]?.payload ?? {}
  assert.deepEqual([typeof epoch, event_timestamp], ['number', Math.floor(now / 1000)])

  const idle = Date.now()
  const empty = await receiver.poll({ ack: told.map(({ jti }) => jti) })
  assert.deepEqual([empty.status, empty.told], [200, []])
  assert.ok(Date.now() - idle > 3_000 && Date.now() - idle < 9_000, `${Date.now() - idle} ms`)
})

test('the token is looked at again when a long poll answers, and a suspended credential ends it at once', async () => {
  const receiver = await Receiver.withToken(credential, now)
  await receiver.open()
  await receiver.drain()
  const begun = Date.now()
  const waiting = receiver.poll()
  const [beforeIt] = await Promise.all([receiver.send('GET', 'streams'), receiver.poll({ returnImmediately: true })])
  assert.equal(beforeIt.status, 200)
  assert.ok((await runCommand(operator(), suspendClient, { id: 'vetassist-guard' })).ok)
  assert.equal((await waiting).status, 401)
  assert.ok(Date.now() - begun < 4_500)
  assert.ok((await runCommand(operator(), resumeClient, { id: 'vetassist-guard' })).ok)
  assert.equal((await receiver.poll({ returnImmediately: true })).status, 401, 'the old token stays revoked')
  const next = await Receiver.withToken(credential, now)
  next.streamId = receiver.streamId
  assert.equal((await next.poll({ returnImmediately: true })).status, 200, 'the stream goes on')

  const expiring = next.poll()
  now += 301_000
  assert.equal((await expiring).status, 401)
})

test('a stream that nobody polls for five minutes has ended', async () => {
  const receiver = await Receiver.withToken(credential, now)
  await receiver.open()
  now += 299_000
  assert.equal((await receiver.poll({ returnImmediately: true })).status, 200)
  for (let minutes = 0; minutes < 4; minutes++) {
    now += 200_000
    const poller = await Receiver.withToken(credential, now)
    poller.streamId = receiver.streamId
    assert.equal((await poller.poll({ returnImmediately: true })).status, 200, 'each poll is a sign of life')
  }
  now += 301_000
  const late = await Receiver.withToken(credential, now)
  late.streamId = receiver.streamId
  assert.equal((await late.poll({ returnImmediately: true })).status, 404)
  assert.deepEqual(await (await late.send('GET', 'streams')).json(), [])
  now += 3_600_000
  await stack.server.forgetExpired()
  const rows = await stack.store.read((db) => db.selectFrom('signal_streams').select('id').execute())
  assert.deepEqual(rows, [], 'and is forgotten')
})

test('a guard that could not read a signal loses its stream, and finds the signal in the next one', async () => {
  const receiver = await Receiver.withToken(credential, now)
  await receiver.open()
  await revokeFamilies(1)
  const { told } = await receiver.poll({ returnImmediately: true })
  const jti = told[0]?.jti ?? ''
  const refused = await receiver.poll({ setErrs: { [jti]: { err: 'invalid_key' } }, returnImmediately: true })
  assert.equal(refused.status, 404)
  await receiver.open()
  assert.ok((await receiver.drain()).some((one) => one.jti === jti))
})

test('a verification event comes with the state that the guard gave, once', async () => {
  const receiver = await Receiver.withToken(credential, now)
  await receiver.open()
  await receiver.drain()
  const waiting = receiver.poll()
  const asked = await receiver.send('POST', 'verify', { stream_id: receiver.streamId, state: 'seen at noon' })
  assert.equal(asked.status, 204)
  const { told } = await waiting
  assert.deepEqual(
    told.map(({ type, subject, payload }) => [type, subject, payload]),
    [
      [
        'https://schemas.openid.net/secevent/ssf/event-type/verification',
        { format: 'opaque', id: receiver.streamId },
        { state: 'seen at noon' },
      ],
    ],
  )
  const ack = told.map(({ jti }) => jti)
  assert.deepEqual((await receiver.poll({ ack, returnImmediately: true })).told, [])
})

test('no other token opens a stream, and no other credential finds it', async () => {
  const receiver = await Receiver.withToken(credential, now)
  await receiver.open()
  const { access, id } = await tokensOf(stack.issuer, 'bob', { scope: 'openid pet-profile:read' })
  const { access: forIssuer } = await tokensOf(stack.issuer, 'bob', { scope: 'openid' })
  const { told, sets } = await receiver.poll({ returnImmediately: true })
  assert.ok(told.length > 0)
  const [set = ''] = Object.values(sets)
  for (const token of [access, id, forIssuer, set]) {
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(`${stack.issuer}/guard/streams`, { headers })
    assert.equal(response.status, 401)
  }
  const userinfo = await fetch(`${stack.issuer}/userinfo`, { headers: { authorization: `Bearer ${receiver.token}` } })
  assert.equal(userinfo.status, 401, 'the token of a guard tells nothing of people')
  assert.equal(userinfo.headers.get('access-control-allow-origin'), '*')
  const streams = await receiver.send('GET', 'streams')
  assert.equal(streams.headers.get('access-control-allow-origin'), null, 'no page of a browser reads signals')
})
