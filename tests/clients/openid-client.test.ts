// The certified OpenID Connect client of the author of jose, strict: every flow that it has and we have.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { appSecret, Browser, people, startStack, type Stack, VET_ASSIST } from '@permitry/testkit'
import * as openid from 'openid-client'
import { bobAllows, SIGNING_APP_CALLBACK, signingKey, withSigningApp } from './registered.ts'

let stack: Stack
before(async () => (stack = await startStack(withSigningApp)))
after(() => stack.close())

/** Loopback without TLS, which the library refuses unless told; and ID tokens are verified although they came over TLS. */
const strict = { execute: [openid.allowInsecureRequests, openid.enableNonRepudiationChecks] }

type Kind = [name: string, clientId: string, authentication: openid.ClientAuth, redirectUri: string, bye?: string]
const app = 'http://localhost:9402'
const kinds: readonly Kind[] = [
  ['a public client', 'vet-assist-dev', openid.None(), 'http://127.0.0.1:4711/callback'],
  ['client_secret_basic', 'vet-assist-ai', openid.ClientSecretBasic(appSecret), `${app}/callback`, `${app}/`],
  ['client_secret_post', 'vet-assist-ai', openid.ClientSecretPost(appSecret), `${app}/callback`, `${app}/`],
  [
    'private_key_jwt',
    'signing-app',
    openid.PrivateKeyJwt(signingKey),
    SIGNING_APP_CALLBACK,
    'https://app.example.com/bye',
  ],
]

const idTokenAlg = (clientId: string) => (clientId === 'signing-app' ? 'ES256' : 'RS256')

for (const [kind, clientId, authentication, redirectUri, bye] of kinds) {
  describe(`openid-client with ${kind}`, () => {
    const configure = () =>
      openid.discovery(
        new URL(stack.issuer),
        clientId,
        { id_token_signed_response_alg: idTokenAlg(clientId) },
        authentication,
        strict,
      )

    it('signs in, reads who it is, refreshes, asks about its token, signs out and revokes', async () => {
      const config = await configure()
      const browser = new Browser()
      const tokens = await signInWith(config, redirectUri, { scope: 'openid profile email offline_access' }, browser)
      const sub = tokens.claims()?.sub ?? ''
      assert.equal(sub, people.bob)
      const { name, email } = await openid.fetchUserInfo(config, tokens.access_token, sub)
      assert.deepEqual([name, email], ['Bob Fletcher', 'bob@example.com'])

      const next = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '')
      assert.notEqual(next.refresh_token, tokens.refresh_token)
      if (kind === 'a public client') {
        await assert.rejects(openid.tokenIntrospection(config, next.access_token), isError('invalid_client'))
      } else {
        const introspected = await openid.tokenIntrospection(config, next.access_token)
        assert.deepEqual([introspected.active, introspected.sub], [true, people.bob])
      }

      const logout = { id_token_hint: tokens.id_token ?? '', ...(bye && { post_logout_redirect_uri: bye, state: 's' }) }
      const left = await browser.open(openid.buildEndSessionUrl(config, logout).href)
      assert.equal(left.url.startsWith(bye === undefined ? stack.issuer : `${bye}?state=s`), true, left.url)

      await openid.tokenRevocation(config, next.refresh_token ?? '')
      await assert.rejects(openid.refreshTokenGrant(config, next.refresh_token ?? ''), isError('invalid_grant'))
    })

    it('gets a token for an MCP server and no other', async () => {
      const config = await configure()
      const request = { scope: 'pet-profile:read', resource: VET_ASSIST }
      const tokens = await signInWith(config, redirectUri, request)
      assert.equal(tokens.scope, 'pet-profile:read')
      assert.equal(tokens.id_token, undefined)
      const next = openid.refreshTokenGrant(config, tokens.refresh_token ?? '', { resource: 'https://other.example/' })
      await assert.rejects(next, isError('invalid_target'))
    })
  })
}

describe('openid-client without people', () => {
  it('gets a token by client_credentials, and is told about it', async () => {
    const authentication = openid.PrivateKeyJwt(signingKey)
    const config = await openid.discovery(new URL(stack.issuer), 'signing-app', undefined, authentication, strict)
    const { access_token: token, refresh_token: none } = await openid.clientCredentialsGrant(config, {
      scope: 'pet-profile:write',
      resource: VET_ASSIST,
    })
    const { active, sub, aud, scope } = await openid.tokenIntrospection(config, token)
    assert.deepEqual([active, sub, aud, scope, none], [true, 'signing-app', VET_ASSIST, 'pet-profile:write', undefined])
    await openid.tokenRevocation(config, token)
  })
})

describe('openid-client that nobody registered', () => {
  for (const token_endpoint_auth_method of ['none', 'client_secret_post'] as const) {
    it(`registers itself with ${token_endpoint_auth_method}, and signs in`, async () => {
      const redirectUri = 'https://new.example/callback'
      const config = await openid.dynamicClientRegistration(
        new URL(stack.issuer),
        { client_name: 'New', redirect_uris: [redirectUri], token_endpoint_auth_method },
        undefined,
        strict,
      )
      const tokens = await signInWith(config, redirectUri, { scope: 'openid' })
      assert.equal(tokens.claims()?.sub, people.bob)
    })
  }
})

async function signInWith(
  config: openid.Configuration,
  redirect_uri: string,
  parameters: Record<string, string>,
  browser?: Browser,
) {
  const [verifier, state, nonce] = [openid.randomPKCECodeVerifier(), openid.randomState(), openid.randomNonce()]
  const isOpenId = parameters['scope']?.includes('openid') === true
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    ...(isOpenId ? { nonce } : {}),
    ...parameters,
  })
  const answer = await bobAllows(url.href, browser)
  return openid.authorizationCodeGrant(config, new URL(answer), {
    pkceCodeVerifier: verifier,
    expectedState: state,
    ...(isOpenId ? { expectedNonce: nonce, idTokenExpected: true } : {}),
  })
}

function isError(code: string) {
  return (error: unknown) => error instanceof openid.ResponseBodyError && error.error === code
}
