import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startStack, type Stack } from '@permitry/testkit'
import { encode, requestOf } from './harness.ts'
import { addParties } from './parties.ts'

const ISSUER = 'https://auth.example.com'

let stack: Stack
before(async () => {
  stack = await startStack({ issuer: ISSUER })
  await addParties(stack.store)
})
after(() => stack.close())

test('AS-75, AS-24, AS-80: an issuer without TLS is refused at start, on loopback it is not', async () => {
  for (const issuer of [
    'http://auth.example.com',
    'http://192.168.1.2:9400',
    'http://0.0.0.0:9400',
    'http://localhost.evil.example',
    'ftp://auth.example.com',
    'auth.example.com',
    `${ISSUER}/`,
    `${ISSUER}?a`,
    `${ISSUER}#a`,
  ]) {
    await assert.rejects(startStack({ issuer }), TypeError, issuer)
  }
  for (const issuer of ['http://localhost:9400', 'http://127.0.0.1:9400', 'http://[::1]:9400'])
    await (await startStack({ issuer })).close()
})

test('AS-24, AS-75: behind TLS every address that the server gives is https, whatever way the request came', async () => {
  for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']) {
    const metadata = (await (await fetch(`${stack.origin}${path}`)).json()) as Record<string, unknown>
    assert.equal(metadata['issuer'], ISSUER)
    for (const [name, value] of Object.entries(metadata)) {
      if (name.endsWith('_endpoint') || name === 'jwks_uri') assert.ok(String(value).startsWith(`${ISSUER}/`), name)
    }
  }
  const response = await fetch(`${stack.origin}/authorize?${encode(requestOf('exact')).toString()}`, {
    redirect: 'manual',
  })
  assert.ok(response.headers.get('location')?.startsWith(`${ISSUER}/login?`))
})

test('AS-24, AS-53: behind TLS the cookies are __Host-, Secure, HttpOnly and SameSite', async () => {
  const response = await fetch(`${stack.origin}/authorize?${encode(requestOf('exact')).toString()}`, {
    redirect: 'manual',
  })
  const cookies = response.headers.getSetCookie()
  assert.ok(cookies.length > 0)
  for (const cookie of cookies) {
    assert.match(cookie, /^__Host-/)
    for (const attribute of [/; Secure/i, /; HttpOnly/i, /; SameSite=(Lax|Strict)/i, /; Path=\/(;|$)/i])
      assert.match(cookie, attribute)
    assert.doesNotMatch(cookie, /; Domain=/i)
  }
})
