// Codes that come into the wrong hands or sessions, and clients that are talked into leaving PKCE out (RFC 9700 §4.4, §4.5,
// §4.8). Single mismatches are in tests/conformance/token-code.test.ts.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { s256 } from '@permitry/oauth'
import {
  appSecret,
  authorize,
  authorizationUrl,
  Browser,
  requestToken,
  startStack,
  type Stack,
} from '@permitry/testkit'
import { addSecondClinic, APP_CALLBACK, CALLBACK, READ } from './world.ts'

let stack: Stack
let second: string
before(async () => {
  stack = await startStack()
  second = await addSecondClinic(stack)
})
after(() => stack.close())

const browsers = { bob: new Browser(), carol: new Browser() }

async function codeOf(person: 'bob' | 'carol', extra: Record<string, string> = {}) {
  const asked = { clientId: 'vet-assist-ai', redirectUri: APP_CALLBACK, resource: stack.mcpUrl, scope: READ, extra }
  const { params, verifier } = await authorize(stack.issuer, asked, person, { browser: browsers[person] })
  return { code: params.get('code') ?? '', verifier }
}

const redeem = (code: string, verifier: string, changes: Record<string, string> = {}) =>
  requestToken(
    stack.issuer,
    {
      grant_type: 'authorization_code',
      client_id: 'vet-assist-ai',
      redirect_uri: APP_CALLBACK,
      code,
      code_verifier: verifier,
      ...changes,
    },
    appSecret,
  )

test('a stolen code that is injected into a session of the thief with the same client is worth nothing there', async () => {
  const victims = await codeOf('bob')
  const thiefs = await codeOf('carol')
  assert.equal((await redeem(victims.code, thiefs.verifier)).body['error'], 'invalid_grant')
  assert.equal((await redeem(victims.code, victims.verifier)).status, 200, 'and the victim is not disturbed')
})

test('a thief who knows the challenge of a victim in advance gains a code that only the victim can redeem', async () => {
  const victim = randomBytes(32).toString('base64url')
  const { code } = await codeOf('carol', { code_challenge: await s256(victim) })
  for (const guess of [await s256(victim), '', 'A'.repeat(43), `${victim}=`, victim.toUpperCase()])
    assert.equal((await redeem(code, guess)).status, 400)
})

test('nobody can take PKCE out of a request on its way, whatever they put in its place', async () => {
  const asked = { clientId: 'vet-assist-ai', redirectUri: APP_CALLBACK, resource: stack.mcpUrl }
  const { url } = await authorizationUrl(stack.issuer, asked)
  const changes: ((query: URLSearchParams) => void)[] = [
    (query) => query.delete('code_challenge'),
    (query) => query.delete('code_challenge_method'),
    (query) => (query.delete('code_challenge'), query.delete('code_challenge_method')),
    (query) => query.set('code_challenge_method', 'plain'),
    (query) => query.append('code_challenge', 'A'.repeat(43)),
    (query) => query.append('code_challenge_method', 'plain'),
    (query) => (query.set('code_challenge', ''), query.append('nonce', 'instead')),
    (query) => query.set('code_challenge', ' '.repeat(43)),
  ]
  for (const [index, change] of changes.entries()) {
    const changed = new URL(url)
    change(changed.searchParams)
    const page = await browsers.bob.open(changed.href)
    const { searchParams } = new URL(page.url)
    assert.deepEqual(
      [searchParams.get('error'), searchParams.get('code')],
      ['invalid_request', null],
      `change ${index}`,
    )
  }
})

test('a code without verifier is refused also with the secret of the client', async () => {
  const { code, verifier } = await codeOf('bob')
  assert.equal((await redeem(code, '')).body['error'], 'invalid_grant')
  assert.equal((await redeem(code, verifier)).status, 200)
})

test('mix-up: an answer names its issuer, and a code that was sent to another one is worth nothing there and still good here', async () => {
  const asked = { clientId: 'vet-assist-dev', redirectUri: CALLBACK, resource: stack.mcpUrl, scope: READ }
  const honest = await authorize(stack.issuer, asked, 'bob', { browser: browsers.bob })
  const other = await authorize(second, asked, 'bob')
  assert.deepEqual([honest.params.get('iss'), other.params.get('iss')], [stack.issuer, second])
  const form = {
    grant_type: 'authorization_code',
    client_id: 'vet-assist-dev',
    redirect_uri: CALLBACK,
    code: honest.params.get('code') ?? '',
    code_verifier: honest.verifier,
  }
  assert.equal((await requestToken(second, form)).body['error'], 'invalid_grant')
  assert.equal((await requestToken(stack.issuer, form)).status, 200)
})

test('mix-up: an error says which issuer it comes from too, so that nobody can blame another', async () => {
  for (const issuer of [stack.issuer, second]) {
    const asked = {
      clientId: 'vet-assist-dev',
      redirectUri: CALLBACK,
      resource: stack.mcpUrl,
      extra: { prompt: 'none' },
    }
    const page = await new Browser().open((await authorizationUrl(issuer, asked)).url)
    const answer = new URL(page.url).searchParams
    assert.deepEqual([answer.get('error'), answer.get('iss')], ['login_required', issuer])
  }
})
