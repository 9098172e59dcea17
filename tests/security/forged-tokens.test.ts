// Tokens that nobody here signed, at the authorization server's own doors (RFC 8725, RFC 7515 §10). The guard's half is
// tests/conformance/mcp-tokens.test.ts.
import assert from 'node:assert/strict'
import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { after, before, test } from 'node:test'
import { authorizationUrl, Browser, listen, type Listening, startStack, type Stack } from '@permitry/testkit'
import type { JWK } from 'jose'
import { CALLBACK, refresh, type Tokens, tokensOf } from './world.ts'

let stack: Stack
let tokens: Tokens
let elsewhere: Listening
let asked = 0
const bobs = new Browser()
const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' })
before(async () => {
  stack = await startStack()
  tokens = await tokensOf(stack.issuer, 'bob', { scope: 'openid', browser: bobs })
  elsewhere = await listen()
  elsewhere.serve(() => (asked++, Response.json({ keys: [publicJwk()] })))
})
after(async () => {
  await elsewhere.close()
  await stack.close()
})

const publicJwk = () => ({ ...attacker.publicKey.export({ format: 'jwk' }), kid: 'mine', alg: 'ES256', use: 'sig' })

type Header = Readonly<Record<string, unknown>>

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const part = (jwt: string, index: number): Header =>
  JSON.parse(Buffer.from(jwt.split('.')[index] ?? '', 'base64url').toString()) as Header

/** Puts another header before the claims of a good token and signs it as told. */
function resigned(jwt: string, changes: Header, signature: (input: string) => Buffer | string): string {
  const header = Object.fromEntries(
    Object.entries({ ...part(jwt, 0), ...changes }).filter(([, value]) => value !== undefined),
  )
  const input = `${encode(header)}.${jwt.split('.')[1]}`
  const made = signature(input)
  return `${input}.${typeof made === 'string' ? made : made.toString('base64url')}`
}

const byAttacker = (input: string): Buffer =>
  sign('sha256', Buffer.from(input), { key: attacker.privateKey, dsaEncoding: 'ieee-p1363' })

/** Every spelling of the public keys that a confused verifier would take for a shared secret. */
async function confusedSecrets(): Promise<string[]> {
  const { keys } = (await (await fetch(`${stack.issuer}/jwks`)).json()) as { keys: (JWK & { kid: string })[] }
  return keys.flatMap((key) => {
    const { alg: _, use: __, kid: ___, ...jwk } = key
    const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString()
    return [pem, pem.trim(), JSON.stringify(key), JSON.stringify(jwk), String(key.n ?? key.x)]
  })
}

/** Forgeries of a token that the server itself issued: the claims are right, the signature is not ours. */
async function forgeries(jwt: string): Promise<[string, string][]> {
  const [head = '', payload = '', signature = ''] = jwt.split('.')
  const raw = Buffer.from(signature, 'base64url')
  const hmac = (secret: string, hash: string) => (input: string) => createHmac(hash, secret).update(input).digest()
  const url = `${elsewhere.origin}/keys`
  return [
    ...['none', 'None', 'NONE', 'nOnE', ''].flatMap((alg): [string, string][] => [
      [`alg ${alg} without signature`, resigned(jwt, { alg }, () => '')],
      [`alg ${alg} with the old signature`, resigned(jwt, { alg }, () => signature)],
      [`alg ${alg} without kid`, resigned(jwt, { alg, kid: undefined }, () => '')],
    ]),
    ...(await confusedSecrets()).flatMap((secret): [string, string][] => [
      ['HS256 under a public key', resigned(jwt, { alg: 'HS256' }, hmac(secret, 'sha256'))],
      ['HS512 under a public key', resigned(jwt, { alg: 'HS512', kid: undefined }, hmac(secret, 'sha512'))],
    ]),
    ['HS256 under nothing', resigned(jwt, { alg: 'HS256' }, hmac('', 'sha256'))],
    ['a key of the attacker under our kid', resigned(jwt, {}, byAttacker)],
    ['a key in jwk', resigned(jwt, { jwk: publicJwk(), kid: 'mine' }, byAttacker)],
    ['a key at jku', resigned(jwt, { jku: url, kid: 'mine' }, byAttacker)],
    ['a certificate at x5u', resigned(jwt, { x5u: url, kid: 'mine' }, byAttacker)],
    [
      'a certificate in x5c',
      resigned(
        jwt,
        { x5c: [attacker.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')] },
        byAttacker,
      ),
    ],
    ...['../../dev/null', '/dev/null', "x' or '1'='1", '', '__proto__', 'constructor', `${elsewhere.origin}/keys`].map(
      (kid): [string, string] => [`kid ${kid}`, resigned(jwt, { kid }, byAttacker)],
    ),
    ['crit', resigned(jwt, { crit: ['exp'] }, byAttacker)],
    ['b64 false', resigned(jwt, { crit: ['b64'], b64: false }, () => signature)],
    // Wycheproof, JWS vectors of ES256: a verifier that checks numbers loosely takes one of these for a signature.
    ['a signature of zeros', `${head}.${payload}.${Buffer.alloc(raw.length).toString('base64url')}`],
    ['r and s as the order', `${head}.${payload}.${Buffer.from(`${ORDER}${ORDER}`, 'hex').toString('base64url')}`],
    ['zeros behind the signature', `${head}.${payload}.${Buffer.concat([raw, Buffer.alloc(1)]).toString('base64url')}`],
    ['zeros before the signature', `${head}.${payload}.${Buffer.concat([Buffer.alloc(1), raw]).toString('base64url')}`],
    ['half a signature', `${head}.${payload}.${raw.subarray(0, raw.length / 2).toString('base64url')}`],
    ['no signature', `${head}.${payload}.`],
    ['no signature part', `${head}.${payload}`],
    ['a fourth part', `${jwt}.x`],
    ['padding', `${jwt}=`],
    ['white space', `${head}.${payload}. ${signature}`],
    ['the JSON serialization', JSON.stringify({ protected: head, payload, signature })],
    ['a detached payload', `${head}..${signature}`],
  ]
}

const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'

test('/userinfo takes no forged access token, and the good one', async () => {
  const status = async (token: string): Promise<number> =>
    (await fetch(`${stack.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } })).status
  for (const [name, token] of await forgeries(tokens.access)) assert.equal(await status(token), 401, name)
  assert.equal(await status(tokens.access), 200)
})

test('a forged ID token is no hint: it signs nobody out and vouches for nobody', async () => {
  const request = { clientId: 'vet-assist-dev', redirectUri: CALLBACK, scope: 'openid' }
  const { url } = await authorizationUrl(stack.issuer, { ...request, extra: { prompt: 'none' } })
  const errorFor = async (hint: string): Promise<string | null> => {
    const page = await bobs.open(`${url}&id_token_hint=${encodeURIComponent(hint)}`)
    return new URL(page.url).searchParams.get('error')
  }
  for (const [name, token] of await forgeries(tokens.id)) {
    assert.equal(await errorFor(token), 'invalid_request', name)
    const page = await bobs.open(`${stack.issuer}/logout?id_token_hint=${encodeURIComponent(token)}`)
    assert.match(page.text, /Sign out/, name)
  }
  assert.equal(await errorFor(tokens.id), 'consent_required')
})

test('a forged access token revokes nothing', async () => {
  for (const [name, token] of await forgeries(tokens.access)) {
    const body = new URLSearchParams({ client_id: 'vet-assist-dev', token })
    const response = await fetch(`${stack.issuer}/revoke`, { method: 'POST', body })
    assert.equal(response.status, 200, name)
  }
  assert.equal((await refresh(stack.issuer, tokens.refresh)).status, 200)
})

test('no header of a token made the server fetch a key', () => {
  assert.equal(asked, 0)
})
