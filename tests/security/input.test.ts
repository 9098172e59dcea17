// What strangers can send: it is refused with a 4xx, and leaves little behind.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startStack, type Stack, VET_ASSIST } from '@permitry/testkit'

let stack: Stack
const faults: unknown[] = []
before(async () => {
  stack = await startStack({ onFault: (fault) => faults.push(fault) })
})
after(() => stack.close())

test('NUL, which no PostgreSQL takes, is refused wherever something is looked up by what was sent', async () => {
  const { issuer } = stack
  const form = (body: string, authorization: Record<string, string> = {}): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: issuer, ...authorization },
    body,
  })
  const basic = { authorization: `Basic ${btoa('a%00:secret')}` }
  const sent: [path: string, init: RequestInit, status: number][] = [
    ['/authorize?client_id=%00', {}, 400],
    [`/authorize?client_id=vet-assist-ai&nonce=%00`, {}, 400],
    ['/login?request=%00', {}, 400],
    ['/consent?request=%00&proof=x', {}, 400],
    ['/login', form('request=x&proof=x&username=%00&password=x'), 400],
    ['/logout?client_id=%00', {}, 400],
    ['/token', form('client_id=%00&grant_type=refresh_token&refresh_token=x'), 400],
    ['/token', form('grant_type=authorization_code&code=x', basic), 401],
    ['/t/%00/jwks', {}, 404],
  ]
  for (const [path, init, status] of sent) assert.equal((await fetch(issuer + path, init)).status, status, path)
  assert.deepEqual(faults, [])
})

test('what a request says is not told back, or kept in the audit, at any length', async () => {
  const request = (changes: Record<string, string>) =>
    new URLSearchParams({
      response_type: 'code',
      client_id: 'vet-assist-ai',
      redirect_uri: 'http://localhost:9402/callback',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      resource: VET_ASSIST,
      ...changes,
    }).toString()
  const long = 'x'.repeat(3_500)
  for (const body of [
    request({ resource: `https://${long}` }),
    request({ scope: long }),
    `${request({})}&${long}=1&${long}=2`,
  ]) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await fetch(`${stack.issuer}/authorize`, { method: 'POST', headers, body, redirect: 'manual' })
    const location = answer.headers.get('location') ?? ''
    assert.match(location, /[?&]error=invalid_/)
    assert.ok(location.length < 1_000, `${location.length} characters`)
  }
  const kept = await stack.store.read((db) =>
    db.selectFrom('audit_events').select('detail').where('type', '=', 'authorization.refused').execute(),
  )
  assert.equal(kept.length, 3)
  assert.ok(kept.every(({ detail }) => detail.length < 1_000))
})
