// Wycheproof's signatures: damaged, forged, of the wrong algorithm, or by a key that is for something else (RFC 7515, RFC 8725).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { compactVerify, errors, type JWK } from 'jose'
import { isCompactJwt, readCredentials } from '../credentials.ts'
import { guard } from '../guard.ts'
import { ALGORITHMS } from './jwt.ts'
import { createKeys } from './keys.ts'

type Vector = readonly [tcId: number, result: 'valid' | 'invalid', comment: string, jws: string]

const file = new URL('./testing/wycheproof-signatures.json', import.meta.url)
const { groups } = JSON.parse(readFileSync(file, 'utf8')) as {
  groups: readonly { readonly key: JWK; readonly vectors: readonly Vector[] }[]
}

const ISSUER = 'https://auth.example.com'
const RESOURCE = 'https://mcp.example.com/mcp'

/** An authorization server whose only key is this one. */
const publishing =
  (key: JWK): typeof fetch =>
  async (input) => {
    const url = input instanceof Request ? input.url : input.toString()
    return Response.json(url.endsWith('/jwks') ? { keys: [key] } : { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` })
  }

const requestWith = (token: string): Request =>
  new Request(RESOURCE, { method: 'POST', headers: { authorization: `Bearer ${token}` } })

/** Whether the guard takes the signature: as it reads a token, finds its key and verifies it, whatever the payload says. */
async function takes(jws: string, key: JWK): Promise<boolean> {
  // Not every text can stand in a header at all.
  if (!/^[\x20-\x7e]*$/.test(jws)) return false
  const credentials = readCredentials(requestWith(jws), { dpop: undefined })
  if (credentials.kind !== 'token' || !isCompactJwt(credentials.token)) return false
  const keys = createKeys({
    issuer: ISSUER,
    locate: async () => `${ISSUER}/jwks`,
    fetch: publishing(key),
    clock: Date.now,
    onError: (error) => assert.fail(error),
    onReplaced: () => {},
  })
  try {
    await compactVerify(credentials.token, keys, { algorithms: ALGORITHMS })
    return true
  } catch (error) {
    if (error instanceof errors.JOSEError) return false
    throw error
  }
}

test('of all signatures those are taken that are right, and by an algorithm that the guard has', async () => {
  const [disagreements, taken]: [string[], number[]] = [[], []]
  for (const { key, vectors } of groups) {
    for (const [tcId, result, comment, jws] of vectors) {
      // A token has claims, so an empty payload, right as it is, is none.
      const expected = result === 'valid' && ALGORITHMS.includes(String(key.alg)) && !jws.includes('..')
      const isTaken = await takes(jws, key)
      if (isTaken) taken.push(tcId)
      if (isTaken !== expected) disagreements.push(`${tcId} ${comment}: ${String(key.alg)}, ${result}`)
    }
  }
  assert.deepEqual(disagreements, [])
  assert.ok(taken.length >= 5, 'some are right')
})

test('none of them, right ones included, is an access token', async () => {
  let tried = 0
  for (const { key, vectors } of groups) {
    const options = { issuer: ISSUER, resource: RESOURCE, defaultScopes: [], tools: {}, fetch: publishing(key) }
    const serve = guard(options)(async () => assert.fail('the server was reached'))
    for (const [tcId, , , jws] of vectors) {
      if (!/^[\x20-\x7e]*$/.test(jws)) continue
      assert.equal((await serve(requestWith(jws))).status, 401, String(tcId))
      tried += 1
    }
  }
  assert.ok(tried > 350, `${tried} were tried`)
})
