// A certified OAuth client library that checks every answer: what it accepts, others accept.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { appSecret, people, startStack, type Stack, VET_ASSIST } from '@permitry/testkit'
import * as oauth from 'oauth4webapi'
import { bobAllows, SIGNING_APP_CALLBACK, signingKey, withSigningApp } from './registered.ts'

let stack: Stack
before(async () => (stack = await startStack(withSigningApp)))
after(() => stack.close())

/** Loopback without TLS; the library refuses it unless told. */
const insecure = { [oauth.allowInsecureRequests]: true }

const kinds = [
  ['a public client', 'vet-assist-dev', oauth.None(), 'http://127.0.0.1:4711/callback'],
  [
    'a confidential client with client_secret_basic',
    'vet-assist-ai',
    oauth.ClientSecretBasic(appSecret),
    'http://localhost:9402/callback',
  ],
  ['a client with private_key_jwt', 'signing-app', oauth.PrivateKeyJwt(signingKey), SIGNING_APP_CALLBACK],
] as const

for (const [kind, client_id, authentication, redirectUri] of kinds) {
  describe(`oauth4webapi as ${kind}`, () => {
    it('discovers, signs in, redeems, reads its own identity, refreshes and revokes', async () => {
      const issuer = new URL(stack.issuer)
      const client: oauth.Client =
        client_id === 'signing-app' ? { client_id, id_token_signed_response_alg: 'ES256' } : { client_id }
      const discovery = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' })
      const server = await oauth.processDiscoveryResponse(issuer, discovery)

      const verifier = oauth.generateRandomCodeVerifier()
      const state = oauth.generateRandomState()
      const nonce = oauth.generateRandomNonce()
      const url = new URL(server.authorization_endpoint ?? '')
      url.search = new URLSearchParams({
        client_id,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: 'openid profile',
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      }).toString()
      const answer = await bobAllows(url.href)

      const params = oauth.validateAuthResponse(server, client, new URL(answer), state)
      const redeemed = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        authentication,
        params,
        redirectUri,
        verifier,
        insecure,
      )
      const tokens = await oauth.processAuthorizationCodeResponse(server, client, redeemed, {
        expectedNonce: nonce,
        requireIdToken: true,
      })
      const sub = oauth.getValidatedIdTokenClaims(tokens)?.sub ?? ''
      assert.equal(sub, people.bob)
      await oauth.validateApplicationLevelSignature(server, redeemed, insecure)

      const userinfo = await oauth.userInfoRequest(server, client, tokens.access_token, insecure)
      const person = await oauth.processUserInfoResponse(server, client, sub, userinfo)
      assert.equal(person.name, 'Bob Fletcher')

      const refreshed = await oauth.refreshTokenGrantRequest(
        server,
        client,
        authentication,
        tokens.refresh_token ?? '',
        insecure,
      )
      const next = await oauth.processRefreshTokenResponse(server, client, refreshed)
      assert.notEqual(next.refresh_token, tokens.refresh_token)

      const revoked = await oauth.revocationRequest(server, client, authentication, next.refresh_token ?? '', insecure)
      assert.equal(await oauth.processRevocationResponse(revoked), undefined)
      const late = await oauth.refreshTokenGrantRequest(
        server,
        client,
        authentication,
        next.refresh_token ?? '',
        insecure,
      )
      await assert.rejects(
        oauth.processRefreshTokenResponse(server, client, late),
        (error) => error instanceof oauth.ResponseBodyError && error.error === 'invalid_grant',
      )
    })
  })
}

describe('oauth4webapi without people', () => {
  it('registers, is refused what it may not, and a client that acts for itself is told about its token', async () => {
    const issuer = new URL(stack.issuer)
    const discovery = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' })
    const server = await oauth.processDiscoveryResponse(issuer, discovery)

    const registered = await oauth.processDynamicClientRegistrationResponse(
      await oauth.dynamicClientRegistrationRequest(
        server,
        { client_name: 'New', redirect_uris: ['https://new.example/callback'] },
        insecure,
      ),
    )
    const { client_secret: issued } = registered
    assert.ok(typeof issued === 'string')
    const secret = oauth.ClientSecretBasic(issued)
    const form = { scope: 'pet-profile:write', resource: VET_ASSIST }
    const asStranger = await oauth.clientCredentialsGrantRequest(server, registered, secret, form, insecure)
    await assert.rejects(
      oauth.processClientCredentialsResponse(server, registered, asStranger),
      (error) => error instanceof oauth.ResponseBodyError && error.error === 'unauthorized_client',
    )

    const client: oauth.Client = { client_id: 'signing-app' }
    const signed = oauth.PrivateKeyJwt(signingKey)
    const { access_token: token } = await oauth.processClientCredentialsResponse(
      server,
      client,
      await oauth.clientCredentialsGrantRequest(server, client, signed, form, insecure),
    )
    const told = await oauth.introspectionRequest(server, client, signed, token, insecure)
    const { active, sub, aud } = await oauth.processIntrospectionResponse(server, client, told)
    assert.deepEqual([active, sub, aud], [true, 'signing-app', VET_ASSIST])
    const toOther = await oauth.introspectionRequest(server, registered, secret, token, insecure)
    assert.deepEqual(await oauth.processIntrospectionResponse(server, registered, toOther), { active: false })
  })
})
