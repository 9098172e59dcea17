// Certified client libraries that bind their tokens to a key: what they accept and send, others accept and send.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { appSecret, Browser, people, signIn, startStack, type Stack } from '@permitry/testkit'
import { calculateJwkThumbprint, decodeJwt, exportJWK } from 'jose'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'

let stack: Stack
before(async () => {
  stack = await startStack()
  await stack.store.unit((db) =>
    db.updateTable('clients').set({ dpop_bound: 1 }).where('id', '=', 'vet-assist-ai').execute(),
  )
})
after(() => stack.close())

/** Loopback without TLS; the libraries refuse it unless told. */
const insecure = { [oauth.allowInsecureRequests]: true }

const kinds = [
  ['a public client that may use DPoP', 'vet-assist-dev', undefined, 'http://127.0.0.1:4711/callback'],
  ['a confidential client that must, with a nonce', 'vet-assist-ai', appSecret, 'http://localhost:9402/callback'],
] as const

async function consent(url: string): Promise<URL> {
  const browser = new Browser()
  const page = await signIn(browser, await browser.open(url), 'bob')
  const answer = page.url.includes('/consent') ? await browser.submit(page, { decision: 'allow' }) : page
  return new URL(answer.url)
}

async function assertBound(accessToken: string, publicKey: CryptoKey): Promise<void> {
  const jkt = await calculateJwkThumbprint(await exportJWK(publicKey))
  assert.deepEqual(decodeJwt(accessToken)['cnf'], { jkt })
}

for (const [kind, client_id, secret, redirectUri] of kinds) {
  test(`oauth4webapi as ${kind}: code, identity and refresh with the same key`, async () => {
    const issuer = new URL(stack.issuer)
    const client: oauth.Client = { client_id }
    const authentication = secret === undefined ? oauth.None() : oauth.ClientSecretBasic(secret)
    const discovery = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' })
    const server = await oauth.processDiscoveryResponse(issuer, discovery)
    const keyPair = await oauth.generateKeyPair('ES256')
    const options = { ...insecure, DPoP: oauth.DPoP(client, keyPair) }
    let retries = 0
    /** As the documentation of the library has it: once more when a nonce is asked for, which the handle has kept. */
    const withNonce = async <T>(send: () => Promise<T>): Promise<T> => {
      try {
        return await send()
      } catch (error) {
        if (!oauth.isDPoPNonceError(error)) throw error
        retries++
        return send()
      }
    }

    const verifier = oauth.generateRandomCodeVerifier()
    const state = oauth.generateRandomState()
    const url = new URL(server.authorization_endpoint ?? '')
    url.search = new URLSearchParams({
      client_id,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid profile',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      dpop_jkt: await options.DPoP.calculateThumbprint(),
    }).toString()
    const params = oauth.validateAuthResponse(server, client, await consent(url.href), state)
    const tokens = await withNonce(async () =>
      oauth.processAuthorizationCodeResponse(
        server,
        client,
        await oauth.authorizationCodeGrantRequest(
          server,
          client,
          authentication,
          params,
          redirectUri,
          verifier,
          options,
        ),
        { requireIdToken: true },
      ),
    )
    assert.equal(retries, secret === undefined ? 0 : 1)
    assert.equal(tokens.token_type, 'dpop')
    await assertBound(tokens.access_token, keyPair.publicKey)

    const person = await withNonce(async () =>
      oauth.processUserInfoResponse(
        server,
        client,
        people.bob,
        await oauth.userInfoRequest(server, client, tokens.access_token, options),
      ),
    )
    assert.equal(person.name, 'Bob Fletcher')
    const next = await withNonce(async () =>
      oauth.processRefreshTokenResponse(
        server,
        client,
        await oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token ?? '', options),
      ),
    )
    await assertBound(next.access_token, keyPair.publicKey)
    assert.equal(retries, secret === undefined ? 0 : 1, 'the nonce of the first answer is good for all of it')
  })

  test(`openid-client as ${kind}: code, identity and refresh with the same key`, async () => {
    const authentication = secret === undefined ? openid.None() : openid.ClientSecretBasic(secret)
    const config = await openid.discovery(new URL(stack.issuer), client_id, undefined, authentication, {
      execute: [openid.allowInsecureRequests],
    })
    const keyPair = await openid.randomDPoPKeyPair('ES256')
    const DPoP = openid.getDPoPHandle(config, keyPair)
    const pkceCodeVerifier = openid.randomPKCECodeVerifier()
    const expectedState = openid.randomState()
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid profile',
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      dpop_jkt: await DPoP.calculateThumbprint(),
    })
    const answer = await consent(url.href)
    const tokens = await openid.authorizationCodeGrant(
      config,
      answer,
      { pkceCodeVerifier, expectedState, idTokenExpected: true },
      undefined,
      { DPoP },
    )
    await assertBound(tokens.access_token, keyPair.publicKey)
    const person = await openid.fetchUserInfo(config, tokens.access_token, people.bob, { DPoP })
    assert.equal(person.name, 'Bob Fletcher')
    const next = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP })
    await assertBound(next.access_token, keyPair.publicKey)
  })
}
