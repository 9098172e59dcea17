import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { guard, objectRule, where, type AuditEvent, type AuditOptions } from './index.ts'
import { createTestIssuer, ISSUER, messageOf, modern, NOW, RESOURCE, type TestIssuer } from './test-issuer.ts'

let issuer: TestIssuer
before(async () => {
  issuer = await createTestIssuer()
})

type Server = [serve: (request: Request) => Promise<Response>, events: AuditEvent[], errors: Error[]]

function server(audit: Partial<AuditOptions> = {}): Server {
  const events: AuditEvent[] = []
  const errors: Error[] = []
  const serve = guard({
    issuer: ISSUER,
    resource: RESOURCE,
    defaultScopes: [],
    tools: {
      show_pet: {
        scope: 'pets:read',
        object: objectRule({
          argument: '$.petId',
          type: 'pet',
          load: (id) => {
            if (id === 'broken') throw new Error('database is down')
            return id === 'fido' ? { ownerId: 'bob' } : undefined
          },
          plan: ({ sub }) => where({ ownerId: sub }),
        }),
      },
    },
    audit: { sink: (event) => void events.push(event), ...audit },
    onError: (error) => errors.push(error),
    clock: () => NOW,
    fetch: issuer.fetch,
  })(async () => Response.json({ reached: true }))
  return [serve, events, errors]
}

async function call(serve: (request: Request) => Promise<Response>, petId: string, claims = {}): Promise<Response> {
  const token = await issuer.token({ scope: 'pets:read', jti: 'j1', fam: 'f1', ...claims })
  return serve(modern('tools/call', { name: 'show_pet', arguments: { petId, note: 'private' } }, token))
}

describe('what is told about a decision', () => {
  test('who, through which client and token, what, on which object, and why', async () => {
    const [serve, events] = server()
    await call(serve, 'fido')
    const [event] = events
    assert.match(event?.decision_id ?? '', /^dec_[0-9a-f]{32}$/)
    assert.deepEqual(event, {
      decision_id: event?.decision_id,
      at: NOW,
      outcome: 'allow',
      reasons: ['allowed'],
      iss: ISSUER,
      sub: 'bob',
      client_id: 'vet-assist-ai',
      jti: 'j1',
      fam: 'f1',
      action: 'tools/call',
      resource: { type: 'tool', id: 'show_pet' },
      object: { type: 'pet', id: 'fido' },
    })
  })

  test('a refusal names its decision to the model, so that the two can be brought together', async () => {
    const [serve, events] = server()
    const { result } = await messageOf(await call(serve, 'nessie'))
    assert.deepEqual(events[0]?.reasons, ['object_absent'])
    assert.ok(JSON.stringify(result).includes(events[0]?.decision_id ?? 'none'))
  })

  test('a challenge tells which scopes were asked for', async () => {
    const [serve, events] = server()
    assert.equal((await call(serve, 'fido', { scope: '' })).status, 403)
    assert.deepEqual([events[0]?.outcome, events[0]?.scopes], ['challenge', ['pets:read']])
  })

  test('a tool that no rule names is told too', async () => {
    const [serve, events] = server()
    await serve(modern('tools/call', { name: 'guessed' }, await issuer.token()))
    assert.deepEqual([events[0]?.outcome, events[0]?.reasons], ['never', ['rule_missing']])
  })

  test('a loader that fails is told as an error, and nothing runs', async () => {
    const [serve, events] = server()
    await assert.rejects(call(serve, 'broken'), /database is down/)
    assert.deepEqual([events[0]?.outcome, events[0]?.reasons], ['error', []])
  })
})

describe('arguments', () => {
  test('are not told without a key, not even as a hash', async () => {
    const [serve, events] = server()
    await call(serve, 'fido')
    assert.ok(!JSON.stringify(events).includes('private'))
    assert.equal(events[0]?.arguments_hmac, undefined)
  })

  test('are told as an HMAC of their canonical form, so that the order of keys does not matter', async () => {
    const key = new Uint8Array(32).fill(7)
    const [serve, events] = server({ key })
    const token = await issuer.token({ scope: 'pets:read' })
    for (const args of [
      { petId: 'fido', b: { y: 1, x: [2] } },
      { b: { x: [2], y: 1 }, petId: 'fido' },
    ]) {
      await serve(modern('tools/call', { name: 'show_pet', arguments: args }, token))
    }
    const expected = createHmac('sha256', key).update('{"b":{"x":[2],"y":1},"petId":"fido"}').digest('base64url')
    assert.deepEqual(
      events.map((event) => event.arguments_hmac),
      [expected, expected],
    )
  })
})

describe('a sink that fails', () => {
  const sink = (): Promise<void> => Promise.reject(new Error('disk is full'))

  test('stops the call, since there is no call without its record', async () => {
    const [serve] = server({ sink })
    await assert.rejects(call(serve, 'fido'), /audit sink failed/)
  })

  test('lets the call go on where that is said, and the operator is told', async () => {
    const [serve, , errors] = server({ sink, onFailure: 'allow' })
    assert.deepEqual(await (await call(serve, 'fido')).json(), { reached: true })
    assert.match(errors[0]?.message ?? '', /audit sink failed for dec_/)
  })
})
