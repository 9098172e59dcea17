import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { decided, guard, type Principal } from '../index.ts'
import {
  createTestIssuer,
  ISSUER,
  messageOf,
  modern,
  NOW,
  RESOURCE,
  type Members,
  type TestIssuer,
} from '../test-issuer.ts'

let issuer: TestIssuer
let now = NOW
let serve: (request: Request) => Promise<Response>
before(async () => {
  issuer = await createTestIssuer()
  serve = guard({
    issuer: ISSUER,
    resource: RESOURCE,
    names: ['mcp://vetassist'],
    defaultScopes: ['a'],
    tools: { whoami: [] },
    clock: () => now,
    fetch: issuer.fetch,
  })(async (_request, { authInfo }) => Response.json({ result: decided(authInfo).principal }))
})

function call(authorization: string | undefined, url = RESOURCE): Promise<Response> {
  const request = modern('tools/call', { name: 'whoami' })
  const headers = new Headers(request.headers)
  if (authorization !== undefined) headers.set('authorization', authorization)
  return serve(new Request(url, { method: 'POST', headers, body: request.body, duplex: 'half' } as RequestInit))
}

async function statusOf(claims: Members, header?: Members): Promise<number> {
  return (await call(`Bearer ${await issuer.token(claims, header)}`)).status
}

describe('tokens that are good', () => {
  test('a client that acts for itself is its own subject, without family and login', async () => {
    const agent = { sub: 'night-job', client_id: 'night-job', scope: 'a', entitlements: ['a'], roles: ['vet-staff'] }
    const { result } = await messageOf(await call(`Bearer ${await issuer.token({ ...agent, jti: 'j2' })}`))
    const { sub, client_id, scopes, roles, ...rest } = result as unknown as Principal
    assert.deepEqual([sub, client_id, scopes, roles], ['night-job', 'night-job', ['a'], ['vet-staff']])
    assert.deepEqual([rest.fam, rest.acr, rest.auth_time], [undefined, undefined, undefined])
  })

  test('the principal is what the claims say, by their names', async () => {
    const token = await issuer.token({
      jti: 'j1',
      scope: 'a b',
      entitlements: ['a', 'b', 'c'],
      roles: ['Vet Staff'],
      fam: 'f1',
      acr: 'urn:mfa',
      auth_time: 1_799_999_000,
    })
    const { result } = await messageOf(await call(`Bearer ${token}`))
    const expected: Principal = {
      iss: ISSUER,
      sub: 'bob',
      client_id: 'vet-assist-ai',
      scopes: ['a', 'b'],
      entitlements: ['a', 'b', 'c'],
      roles: ['Vet Staff'],
      jti: 'j1',
      exp: NOW / 1000 + 300,
      fam: 'f1',
      acr: 'urn:mfa',
      auth_time: 1_799_999_000,
    }
    assert.deepEqual(result, expected)
  })

  const good: Record<string, [Members, Members?]> = {
    'an audience among several': [{ aud: ['https://other.example', RESOURCE] }],
    'another name of this server': [{ aud: 'mcp://vetassist' }],
    'the host of the audience in capitals': [{ aud: 'https://MCP.vet.example/mcp' }],
    'the long form of the media type': [{}, { typ: 'application/at+jwt' }],
    'expired within the tolerance of clocks': [{ exp: NOW / 1000 - 20 }],
    'no scope': [{ scope: undefined }],
  }
  for (const [name, [claims, header]] of Object.entries(good)) {
    test(name, async () => assert.equal(await statusOf(claims, header), 200))
  }

  test('the scheme is written in any letter case', async () => {
    assert.equal((await call(`bEARER ${await issuer.token()}`)).status, 200)
  })
})

describe('tokens that are refused, all in the same words', () => {
  const bad: Record<string, [Members, Members?]> = {
    'for another server': [{ aud: 'https://other.example/mcp' }],
    'for a server whose URL starts like ours': [{ aud: `${RESOURCE}/sub` }],
    'for a server whose path differs in letter case': [{ aud: 'https://mcp.vet.example/MCP' }],
    'for nobody': [{ aud: undefined }],
    'for an empty list of servers': [{ aud: [] }],
    'of another issuer': [{ iss: 'https://evil.example' }],
    'of an issuer with one slash more': [{ iss: `${ISSUER}/` }],
    'of no issuer': [{ iss: undefined }],
    expired: [{ exp: NOW / 1000 - 61 }],
    'without an end': [{ exp: undefined }],
    'not valid yet': [{ nbf: NOW / 1000 + 61 }],
    'without a subject': [{ sub: undefined }],
    'with an empty subject': [{ sub: '' }],
    'without a client': [{ client_id: undefined }],
    'with a client that is no text': [{ client_id: ['a'] }],
    'without an id': [{ jti: undefined }],
    'without a time of issue': [{ iat: undefined }],
    'an ID token': [{}, { typ: 'JWT' }],
    'a logout token': [{}, { typ: 'logout+jwt' }],
    'without a type': [{}, { typ: undefined }],
    'with a critical extension': [{}, { crit: ['b64'], b64: true }],
    'with a key id that nobody has': [{}, { kid: 'k9' }],
    'bound to a key': [{ cnf: { jkt: 'x'.repeat(43) } }],
    'bound to a key that is none': [{ cnf: { jkt: 'x' } }],
    'bound to a certificate': [{ cnf: { 'x5t#S256': 'x'.repeat(43) } }],
    'bound to nothing': [{ cnf: {} }],
    'with scopes as a list': [{ scope: ['a'] }],
    'with entitlements as a text': [{ entitlements: 'a' }],
    'with roles that are no texts': [{ roles: [1] }],
    'with a login time that is no number': [{ auth_time: '1799999000' }],
  }
  for (const [name, [claims, header]] of Object.entries(bad)) {
    test(name, async () => {
      const response = await call(`Bearer ${await issuer.token(claims, header)}`)
      await assertRefused(response)
    })
  }

  test('without a signature', async () => {
    const claims = { iss: ISSUER, aud: RESOURCE, sub: 'bob', client_id: 'c', jti: 'j', iat: 1, exp: 9e9 }
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    for (const alg of ['none', 'None', 'NONE']) {
      const unsigned = `${encode({ alg, typ: 'at+jwt' })}.${encode(claims)}`
      await assertRefused(await call(`Bearer ${unsigned}.`))
      await assertRefused(await call(`Bearer ${unsigned}.AAAA`))
    }
  })

  test('with the signature of another token, or with changed claims', async () => {
    const [header, payload, signature] = (await issuer.token()).split('.')
    const [otherHeader, otherPayload] = (await issuer.token({ sub: 'admin' })).split('.')
    await assertRefused(await call(`Bearer ${otherHeader}.${otherPayload}.${signature}`))
    await assertRefused(await call(`Bearer ${header}.${payload}.${signature?.slice(0, -2)}AA`))
  })

  test('signed with a key that the token brings along or points to', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    const jwk = await exportJWK(publicKey)
    issuer.documents.set('https://evil.example/jwks', { keys: [{ ...jwk, kid: 'k1' }] })
    for (const header of [{ jwk }, { jku: 'https://evil.example/jwks' }, { x5u: 'https://evil.example/jwks' }]) {
      await assertRefused(await call(`Bearer ${await issuer.token({}, header, privateKey)}`))
    }
    assert.ok(!issuer.fetched.includes('https://evil.example/jwks'))
  })

  test('signed with HMAC under the public key', async () => {
    const { keys } = issuer.documents.get(`${ISSUER}/jwks`) as { keys: object[] }
    const secret = new TextEncoder().encode(JSON.stringify(keys[0]))
    const forged = await new SignJWT({ sub: 'bob', client_id: 'c', jti: 'j' })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'k1' })
      .setIssuer(ISSUER)
      .setAudience(RESOURCE)
      .setIssuedAt(NOW / 1000)
      .setExpirationTime(NOW / 1000 + 60)
      .sign(secret)
    await assertRefused(await call(`Bearer ${forged}`))
  })

  const malformed = {
    'no token after the scheme': 'Bearer',
    'two tokens': 'Bearer a.b.c, Bearer a.b.c',
    'five parts, as an encrypted token has': 'Bearer a.b.c.d.e',
    'characters outside of base64url': 'Bearer a.b+.c',
    'parts that are no JSON': 'Bearer AAAA.AAAA.AAAA',
  }
  for (const [name, authorization] of Object.entries(malformed)) {
    test(name, async () => assertRefused(await call(authorization)))
  }

  test('a token that is longer than any of ours', async () => {
    await assertRefused(await call(`Bearer ${await issuer.token({ note: 'x'.repeat(16_000) })}`))
  })

  test('signed by an algorithm that is not on the list, though the issuer publishes the key', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true })
    const { keys } = issuer.documents.get(`${ISSUER}/jwks`) as { keys: object[] }
    const other = await createTestIssuer()
    other.documents.set(`${ISSUER}/jwks`, { keys: [...keys, { ...(await exportJWK(publicKey)), kid: 'k2' }] })
    const protect = guard({
      issuer: ISSUER,
      resource: RESOURCE,
      defaultScopes: ['a'],
      tools: { whoami: [] },
      clock: () => now,
      fetch: other.fetch,
    })
    const reach = protect(async () => Response.json({}))
    const listed = await reach(modern('tools/call', { name: 'whoami' }, await issuer.token()))
    assert.equal(listed.status, 200)
    const token = await issuer.token({}, { alg: 'ES384', kid: 'k2' }, privateKey)
    await assertRefused(await reach(modern('tools/call', { name: 'whoami' }, token)))
  })

  async function assertRefused(response: Response): Promise<void> {
    const challenge =
      'Bearer error="invalid_token", error_description="the access token is not valid", scope="a", ' +
      'resource_metadata="https://mcp.vet.example/.well-known/oauth-protected-resource/mcp"'
    assert.equal(response.status, 401)
    assert.equal(response.headers.get('www-authenticate'), challenge)
    assert.deepEqual(await response.json(), {
      error: 'invalid_token',
      error_description: 'the access token is not valid',
    })
  }
})

describe('where a token may stand', () => {
  test('not in the query string: such a request has no credentials', async () => {
    const response = await call(undefined, `${RESOURCE}?access_token=${await issuer.token()}`)
    assert.equal(response.status, 401)
    assert.ok(!response.headers.get('www-authenticate')?.includes('error='))
  })

  test('not in header and query string at once', async () => {
    const token = await issuer.token()
    const response = await call(`Bearer ${token}`, `${RESOURCE}?access_token=${token}`)
    assert.equal(response.status, 400)
    assert.match(response.headers.get('www-authenticate') ?? '', /error="invalid_request"/)
  })

  test('not behind another scheme', async () => {
    const token = await issuer.token()
    for (const scheme of ['Basic', 'Token']) {
      const response = await call(`${scheme} ${token}`)
      assert.equal(response.status, 401)
      assert.ok(!response.headers.get('www-authenticate')?.includes('error='))
    }
  })
})

test('a token that was verified is not taken past its end', async () => {
  const authorization = `Bearer ${await issuer.token({ exp: NOW / 1000 + 10 })}`
  assert.equal((await call(authorization)).status, 200)
  now = NOW + 9_000
  assert.equal((await call(authorization)).status, 200)
  now = NOW + 41_000
  assert.equal((await call(authorization)).status, 401)
  now = NOW
})
