import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { VET_ASSIST } from '@permitry/testkit'
import { athOf, createHolder, type Holder, proved } from './dpop.ts'
import {
  ask,
  assertAccepted,
  assertError,
  assertRefused,
  basicHeader,
  claimsOf,
  codeFor,
  conformanceStack,
  type Parameters,
  post,
  postForm,
  type Reply,
  requestOf,
} from './harness.ts'
import { type Answer, answerOf } from './mcp-client.ts'
import { SECRET } from './parties.ts'

const server = conformanceStack()
let [holder, thief]: Holder[] = []
before(async () => ([holder, thief] = await Promise.all([createHolder(), createHolder()])))

/** The two keys of this file: of the client, and of whoever stole its tokens. */
function keys(): { holder: Holder; thief: Holder } {
  assert.ok(holder && thief)
  return { holder, thief }
}

const IDENTITY = { resource: undefined, scope: 'openid' }

/** The form that redeems a fresh code of Bob. */
async function codeForm(clientId: string, changes: Parameters = {}): Promise<Parameters> {
  return (await codeFor('bob', server().issuer, clientId, changes)).form
}

const refreshForm = (client_id: string, { body }: Reply): Parameters => ({
  grant_type: 'refresh_token',
  refresh_token: String(body['refresh_token']),
  client_id,
})

function assertBound({ status, body }: Reply, { jkt }: Holder): void {
  assert.equal(status, 200, JSON.stringify(body))
  assert.equal(body['token_type'], 'DPoP')
  assert.deepEqual(claimsOf(String(body['access_token']))['cnf'], { jkt })
}

test('AS-213: the algorithms of proofs are published, asymmetric ones only', async () => {
  for (const name of ['oauth-authorization-server', 'openid-configuration']) {
    const document = (await (await fetch(`${server().issuer}/.well-known/${name}`)).json()) as {
      dpop_signing_alg_values_supported: string[]
    }
    const algs = document.dpop_signing_alg_values_supported
    assert.ok(algs.includes('ES256'))
    assert.ok(!algs.some((alg) => alg === 'none' || alg.startsWith('HS')))
  }
})

test('AS-215: whoever proves a key gets a token that is bound to it, and who proves none gets a bearer token', async () => {
  const { holder } = keys()
  const { issuer } = server()
  assertBound(await proved(issuer, await codeForm('exact'), holder), holder)
  const plain = await post(`${issuer}/token`, await codeForm('exact'), {})
  assert.equal(plain.body['token_type'], 'Bearer')
  assert.equal(claimsOf(String(plain.body['access_token']))['cnf'], undefined)
})

test('AS-117: a code that was asked for with dpop_jkt needs a proof of that key, and a wrong one spends nothing', async () => {
  const { holder, thief } = keys()
  const { issuer } = server()
  const form = await codeForm('exact', { dpop_jkt: holder.jkt })
  assertError(await post(`${issuer}/token`, form, {}), 400, 'invalid_grant')
  assertError(await proved(issuer, form, thief), 400, 'invalid_grant')
  assertBound(await proved(issuer, form, holder), holder)
})

test('AS-117: dpop_jkt is a thumbprint', async () => {
  const { issuer } = server()
  for (const dpop_jkt of ['x', `${keys().holder.jkt}=`, '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4!'])
    assertRefused(await ask(issuer, requestOf('exact', { dpop_jkt })), issuer, 'invalid_request')
  assertAccepted(await ask(issuer, requestOf('exact', { dpop_jkt: keys().holder.jkt })), issuer)
})

test('AS-117: the refresh token of a public client is bound to the key that got it', async () => {
  const { holder, thief } = keys()
  const { issuer } = server()
  const form = refreshForm('exact', await proved(issuer, await codeForm('exact'), holder))
  assertError(await post(`${issuer}/token`, form, {}), 400, 'invalid_grant')
  assertError(await proved(issuer, form, thief), 400, 'invalid_grant')
  const next = await proved(issuer, form, holder)
  assertBound(next, holder)
  // A lost answer: the same key gets the same successor.
  const again = await proved(issuer, form, holder)
  assert.equal(again.body['refresh_token'], next.body['refresh_token'])
  assertError(await proved(issuer, refreshForm('exact', next), thief), 400, 'invalid_grant')
  assertBound(await proved(issuer, refreshForm('exact', next), holder), holder)
})

test('AS-117: a refresh token that was not bound is so from the first proof of its public client on', async () => {
  const { holder, thief } = keys()
  const { issuer } = server()
  const first = await post(`${issuer}/token`, await codeForm('exact'), {})
  const bound = await proved(issuer, refreshForm('exact', first), holder)
  assertBound(bound, holder)
  assertError(await post(`${issuer}/token`, refreshForm('exact', bound), {}), 400, 'invalid_grant')
  assertError(await proved(issuer, refreshForm('exact', bound), thief), 400, 'invalid_grant')
})

test('AS-117: a confidential client may change its key, and its access token is bound to the one that it shows', async () => {
  const { holder, thief: second } = keys()
  const { issuer } = server()
  const secret = { client_secret: SECRET }
  const first = await proved(issuer, { ...(await codeForm('posting-app')), ...secret }, holder)
  assertBound(first, holder)
  const next = await proved(issuer, { ...refreshForm('posting-app', first), ...secret }, second)
  assertBound(next, second)
})

test('AS-214: a client that must use DPoP gets nothing without a proof', async () => {
  const { holder } = keys()
  const { issuer } = server()
  const form = await codeForm('bound-app')
  const bare = await post(`${issuer}/token`, form, {})
  assertError(bare, 400, 'invalid_dpop_proof')
  const nonce = bare.headers.get('dpop-nonce')
  const reply = await proved(issuer, form, holder, { nonce })
  assertBound(reply, holder)
  assertError(await post(`${issuer}/token`, refreshForm('bound-app', reply), {}), 400, 'invalid_dpop_proof')
  assertBound(await proved(issuer, refreshForm('bound-app', reply), holder, { nonce }), holder)
})

test('AS-118: a client that must use DPoP is given a nonce, which its proof needs and which grows old', async () => {
  const conformance = server()
  const { issuer } = conformance
  const { holder } = keys()
  const form = { grant_type: 'refresh_token', client_id: 'bound-app', refresh_token: 'nobody issued this' }
  const send = (nonce?: unknown): Promise<Reply> => proved(issuer, form, holder, { nonce, ...nowOf() })
  const asked = await send()
  assertError(asked, 400, 'use_dpop_nonce')
  const nonce = asked.headers.get('dpop-nonce') ?? ''
  assert.match(nonce, /^[\w-]{43}$/)
  assert.equal((await send(nonce)).body['error'], 'invalid_grant')
  for (const made of ['', 'x', nonce.toLowerCase(), `${nonce}x`, 1, 'x'.repeat(43)])
    assertError(await send(made), 400, 'use_dpop_nonce')

  conformance.advance(300)
  const later = await send(nonce)
  assert.equal(later.body['error'], 'invalid_grant', 'the one of the slot before is good')
  const fresh = later.headers.get('dpop-nonce') ?? ''
  assert.notEqual(fresh, nonce, 'and the answer has the next one')
  conformance.advance(300)
  assertError(await send(nonce), 400, 'use_dpop_nonce')
  assert.equal((await send(fresh)).body['error'], 'invalid_grant')
})

test('AS-118: other clients need no nonce, and a wrong one is told to them', async () => {
  const { issuer } = server()
  const form = { grant_type: 'refresh_token', client_id: 'exact', refresh_token: 'nobody issued this' }
  const plain = await proved(issuer, form, keys().thief, nowOf())
  assert.deepEqual([plain.body['error'], plain.headers.get('dpop-nonce')], ['invalid_grant', null])
  const wrong = await proved(issuer, form, keys().thief, { nonce: 'of another server', ...nowOf() })
  assertError(wrong, 400, 'use_dpop_nonce')
  const nonce = wrong.headers.get('dpop-nonce')
  assert.equal((await proved(issuer, form, keys().thief, { nonce, ...nowOf() })).body['error'], 'invalid_grant')
})

/** When a proof is made, by the clock of the server. */
const nowOf = (): { iat: number } => ({ iat: Math.floor(server().now()) })

const userinfo = async (scheme: string, token: string, dpop?: string): Promise<Answer> =>
  answerOf(
    await fetch(`${server().issuer}/userinfo`, {
      headers: { authorization: `${scheme} ${token}`, ...(dpop === undefined ? {} : { dpop }) },
    }),
  )

test('AS-116, AS-215: a bound token opens /userinfo with a proof by its key, for this token and address, once', async () => {
  const { issuer } = server()
  const { holder, thief } = keys()
  const url = `${issuer}/userinfo`
  const at = nowOf()
  const reply = await proved(issuer, await codeForm('exact', IDENTITY), holder, at)
  const token = String(reply.body['access_token'])
  const claims = { ath: athOf(token), ...at }
  const proof = await holder.proof('GET', url, { claims })
  const good = await userinfo('DPoP', token, proof)
  assert.equal(good.status, 200, good.text)
  assert.equal((await userinfo('dpop', token, await holder.proof('GET', url, { claims }))).status, 200)

  const refused = async (scheme: string, dpop: string | undefined, error: string, because: string): Promise<void> => {
    const answer = await userinfo(scheme, token, dpop)
    assert.equal(answer.status, 401, because)
    const [challenge] = answer.challenges
    assert.equal(challenge?.scheme, scheme.toLowerCase(), because)
    assert.equal(challenge?.parameters.get('error'), error, because)
    assert.doesNotMatch(answer.text, /bob/i)
  }
  await refused('DPoP', proof, 'invalid_dpop_proof', 'a proof that was spent')
  await refused('DPoP', undefined, 'invalid_dpop_proof', 'no proof')
  await refused('Bearer', undefined, 'invalid_token', 'a bound token as a bearer token')
  await refused('Bearer', await holder.proof('GET', url, { claims }), 'invalid_token', 'a proof beside a bearer token')
  await refused('DPoP', await thief.proof('GET', url, { claims }), 'invalid_token', 'a proof by another key')
  await refused('DPoP', await holder.proof('GET', url, { claims: at }), 'invalid_dpop_proof', 'no ath')
  const other = { ...at, ath: athOf('another token') }
  await refused('DPoP', await holder.proof('GET', url, { claims: other }), 'invalid_dpop_proof', 'another ath')
  await refused('DPoP', await holder.proof('POST', url, { claims }), 'invalid_dpop_proof', 'another method')
  const elsewhere = await holder.proof('GET', `${issuer}/token`, { claims })
  await refused('DPoP', elsewhere, 'invalid_dpop_proof', 'another address')
})

test('AS-215: a token that is not bound is refused under the DPoP scheme', async () => {
  const { issuer } = server()
  const { holder } = keys()
  const reply = await post(`${issuer}/token`, await codeForm('exact', IDENTITY), {})
  const token = String(reply.body['access_token'])
  const claims = { ath: athOf(token), ...nowOf() }
  const answer = await userinfo('DPoP', token, await holder.proof('GET', `${issuer}/userinfo`, { claims }))
  assert.deepEqual([answer.status, answer.challenges[0]?.parameters.get('error')], [401, 'invalid_token'])
  assert.match(answer.challenges[0]?.parameters.get('algs') ?? '', /\bES256\b/)
  assert.equal((await userinfo('Bearer', token)).status, 200)
})

test('AS-215: a client that acts for itself gets a bound token, and an MCP server that asks is told the key', async () => {
  const { issuer } = server()
  const { holder } = keys()
  const url = `${issuer}/token`
  const form = { grant_type: 'client_credentials', resource: VET_ASSIST, scope: 'pet-profile:read' }
  const dpop = await holder.proof('POST', url, { claims: nowOf() })
  const reply = await post(url, form, { authorization: basicHeader('job', SECRET), dpop })
  assertBound(reply, holder)
  const token = String(reply.body['access_token'])
  const { body } = await postForm(`${issuer}/introspect`, { token }, ['vet-server', SECRET])
  assert.deepEqual([body['active'], body['token_type'], body['cnf']], [true, 'DPoP', { jkt: holder.jkt }])
})

test('AS-118: /userinfo asks a client that must use DPoP for a nonce', async () => {
  const { issuer } = server()
  const { holder } = keys()
  const at = nowOf()
  const form = await codeForm('bound-app', IDENTITY)
  const nonce = (await post(`${issuer}/token`, form, {})).headers.get('dpop-nonce')
  const token = String((await proved(issuer, form, holder, { nonce, ...at })).body['access_token'])
  const claims = { ath: athOf(token), ...at }
  const asked = await userinfo('DPoP', token, await holder.proof('GET', `${issuer}/userinfo`, { claims }))
  assert.deepEqual([asked.status, asked.challenges[0]?.parameters.get('error')], [401, 'use_dpop_nonce'])
  const fresh = asked.headers.get('dpop-nonce')
  const proof = await holder.proof('GET', `${issuer}/userinfo`, { claims: { ...claims, nonce: fresh } })
  assert.equal((await userinfo('DPoP', token, proof)).status, 200)
})

test('AS-118: scripts of any origin may send proofs and read nonces', async () => {
  const { issuer } = server()
  for (const path of ['/token', '/userinfo']) {
    const asked = await fetch(`${issuer}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'dpop,authorization',
      },
    })
    assert.match(asked.headers.get('access-control-allow-headers') ?? '', /\bdpop\b/i)
    const answer = await fetch(`${issuer}${path}`, { method: 'POST', headers: { origin: 'https://app.example.com' } })
    assert.match(answer.headers.get('access-control-expose-headers') ?? '', /\bDPoP-Nonce\b/)
  }
})
