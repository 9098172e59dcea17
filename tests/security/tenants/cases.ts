// Every endpoint with what it takes from somebody who holds something: one row for each way in.
import { passwordOf, VET_ASSIST } from '@permitry/testkit'
import { cookieName, type Kit, SIGNER } from './kit.ts'

/** The parts of a request that decide, by name. Each may be of another tenant. */
type Parts = Readonly<Record<string, string>>

export interface TenantCase {
  readonly endpoint: string
  readonly name?: string
  readonly parts: (kit: Kit) => Parts
  /** The rest of the request. Cookies, form, bearer and path are made of the parts that are there. */
  readonly form?: Parts | ((kit: Kit) => Parts)
  readonly json?: object
  /** The answer is the same for what was never issued (RFC 7009 §2.2); what it did is seen elsewhere. */
  readonly answersAlike?: true
}

const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
const REQUEST = {
  response_type: 'code',
  redirect_uri: 'https://client.example/callback',
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
  scope: 'pet-profile:read',
}
const METADATA = {
  client_name: 'Notes',
  redirect_uris: ['https://client.example/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'client_secret_post',
}

/** What public endpoints do not ask for. */
export const bearer = (kit: Kit): Parts => ({ bearer: kit.accessToken })
const client = (kit: Kit): Parts => ({ client_id: kit.clientId, client_secret: kit.clientSecret })
const hinted = ({ clientId, idToken, signedIn: { browser, session } }: Kit): Parts => ({
  client_id: clientId,
  id_token_hint: idToken,
  browser,
  session,
})
const atLogin = ({ atLogin: { request, proof, browser } }: Kit): Parts => ({ request, proof, browser })
const atConsent = ({ atConsent: { request, proof, browser, session } }: Kit): Parts => ({
  request,
  proof,
  browser,
  session,
})
const guarding = (kit: Kit): Parts => ({ bearer: kit.guardToken })
const streaming = (kit: Kit): Parts => ({ ...guarding(kit), stream_id: kit.streamId })
const managed = (kit: Kit): Parts => ({ path: kit.clientId, bearer: kit.registrationToken })
const toLogOut = ({ idToken, signedIn: { session } }: Kit): Parts => ({ id_token_hint: idToken, session })

const visiting = ({ atAccount }: Kit): Parts => ({ session: atAccount.agents.session })
/** What a form does is the same in both tenants, and what it is about where that is the person alone. */
const atAccount = (page: keyof Kit['atAccount'], typed: Parts = {}) => ({
  endpoint: `POST /account/${page}`,
  parts: ({ atAccount: { [page]: form } }: Kit): Parts => {
    const { session, proof, of } = form
    return { session, proof, ...(of && { of }) }
  },
  form: (kit: Kit): Parts => ({ act: kit.atAccount[page].act, ...typed }),
})

/** In this order they can be made at home one after the other: what uses something up comes after what looks at it. */
export const CASES: readonly TenantCase[] = [
  { endpoint: 'GET /logos/:file', parts: (kit) => ({ path: kit.logo }) },
  { endpoint: 'GET /userinfo', parts: (kit) => ({ bearer: kit.userinfoToken }) },
  { endpoint: 'POST /userinfo', parts: (kit) => ({ bearer: kit.userinfoToken }) },
  { endpoint: 'GET /register/:clientId', parts: managed },
  { endpoint: 'GET /authorize', parts: hinted, form: REQUEST },
  { endpoint: 'POST /authorize', parts: hinted, form: REQUEST },
  { endpoint: 'GET /login', parts: atLogin },
  { endpoint: 'GET /setup', parts: bearer },
  { endpoint: 'POST /setup', parts: bearer, form: { token: 'none' } },
  { endpoint: 'POST /login', parts: atLogin, form: { username: 'bob', password: passwordOf('bob') } },
  { endpoint: 'GET /consent', parts: atConsent },
  {
    endpoint: 'POST /consent',
    parts: atConsent,
    // What was shown is the same in both tenants: it proves what was seen, and opens nothing.
    form: ({ atConsent: { shown } }) => ({ decision: 'allow', scope: 'pet-profile:read', shown }),
  },
  { endpoint: 'GET /account/sign-in', parts: ({ atSignIn: { browser } }) => ({ browser }), answersAlike: true },
  {
    endpoint: 'POST /account/sign-in',
    parts: ({ atSignIn: { proof, browser } }) => ({ proof, browser }),
    form: { to: 'agents', username: 'bob', password: passwordOf('bob') },
  },
  ...['', '/agents', '/activity', '/sessions', '/profile', '/password', '/data', '/delete'].map((path) => ({
    endpoint: `GET /account${path}`,
    parts: visiting,
  })),
  atAccount('data'),
  atAccount('profile', { name: 'Dana the Vet' }),
  atAccount('agents', { decision: 'withdraw' }),
  atAccount('sessions'),
  atAccount('password', { current: passwordOf('dana'), password: passwordOf('dana'), again: passwordOf('dana') }),
  atAccount('delete', { username: 'dana', current: passwordOf('dana') }),
  {
    endpoint: 'POST /token',
    name: 'a code',
    parts: (kit) => ({ ...client(kit), code: kit.code, code_verifier: kit.verifier }),
    form: { grant_type: 'authorization_code', redirect_uri: REQUEST.redirect_uri },
  },
  {
    endpoint: 'POST /token',
    name: 'a refresh token',
    parts: (kit) => ({ ...client(kit), refresh_token: kit.refreshToken }),
    form: { grant_type: 'refresh_token' },
  },
  {
    endpoint: 'POST /token',
    name: 'a proof of a key',
    parts: (kit) => ({ ...client(kit), dpop: kit.dpopProof }),
    form: (kit) => ({ grant_type: 'refresh_token', refresh_token: kit.tokenForProof }),
  },
  { endpoint: 'POST /introspect', parts: (kit) => ({ ...client(kit), token: kit.accessToken }) },
  {
    endpoint: 'POST /introspect',
    name: 'by an assertion',
    parts: (kit) => ({ client_assertion: kit.assertion }),
    form: {
      client_id: SIGNER,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      token: 'of-nobody',
    },
  },
  { endpoint: 'POST /revoke', parts: (kit) => ({ ...client(kit), token: kit.refreshToken }), answersAlike: true },
  { endpoint: 'GET /logout', parts: toLogOut },
  { endpoint: 'POST /logout', parts: toLogOut, answersAlike: true },
  {
    endpoint: 'POST /logout/confirm',
    parts: ({ atLogout: { proof, session } }) => ({ proof, session }),
    answersAlike: true,
  },
  { endpoint: 'PUT /register/:clientId', parts: managed, json: METADATA },
  { endpoint: 'DELETE /register/:clientId', parts: managed },
  { endpoint: 'POST /register', parts: bearer, json: { ...METADATA, token_endpoint_auth_method: 'none' } },
  { endpoint: 'POST /guard/streams', parts: guarding, json: {} },
  { endpoint: 'GET /guard/streams', parts: streaming },
  { endpoint: 'PATCH /guard/streams', parts: streaming, json: { description: 'first' } },
  { endpoint: 'PUT /guard/streams', parts: streaming, json: {} },
  {
    endpoint: 'POST /guard/streams/:id/events',
    parts: (kit) => ({ ...guarding(kit), path: kit.streamId }),
    json: { returnImmediately: true },
  },
  { endpoint: 'GET /guard/status', parts: streaming },
  { endpoint: 'POST /guard/status', parts: streaming, json: { status: 'enabled' } },
  { endpoint: 'POST /guard/verify', parts: streaming, json: {} },
  { endpoint: 'DELETE /guard/streams', parts: streaming },
  { endpoint: 'GET /guard/jwks', parts: bearer },
  {
    endpoint: 'POST /guard/decisions',
    parts: guarding,
    json: { server: VET_ASSIST, batch: '3f0c2b1a-9d8e-4c7b-8a6f-5e4d3c2b1a09', events: [] },
  },
  {
    endpoint: 'PUT /guard/catalogue',
    parts: guarding,
    json: { server: VET_ASSIST, tools: [{ name: 'list_pets', scopes: ['pet-profile:read'] }] },
  },
  { endpoint: 'GET /admin/v1/*', parts: bearer },
  { endpoint: 'POST /admin/v1/*', parts: bearer },
  { endpoint: 'PUT /admin/v1/*', parts: bearer },
  { endpoint: 'PATCH /admin/v1/*', parts: bearer },
  { endpoint: 'DELETE /admin/v1/*', parts: bearer },
  { endpoint: 'GET /admin/openapi.json', parts: bearer },
  { endpoint: 'GET /console/login', parts: bearer },
  { endpoint: 'GET /console/callback', parts: bearer },
  { endpoint: 'POST /console/logout', parts: bearer },
  { endpoint: 'GET /console/api/session', parts: bearer },
  { endpoint: 'GET /console/api/v1/*', parts: bearer },
  { endpoint: 'POST /console/api/v1/*', parts: bearer },
  { endpoint: 'PUT /console/api/v1/*', parts: bearer },
  { endpoint: 'PATCH /console/api/v1/*', parts: bearer },
  { endpoint: 'DELETE /console/api/v1/*', parts: bearer },
  { endpoint: 'GET /console/*', parts: bearer },
  { endpoint: 'GET /jwks', parts: bearer },
  { endpoint: 'GET /.well-known/oauth-authorization-server', parts: bearer },
  { endpoint: 'GET /.well-known/oauth-authorization-server/t/:tenant', parts: bearer },
  { endpoint: 'GET /t/:tenant/.well-known/oauth-authorization-server', parts: bearer },
  { endpoint: 'GET /.well-known/openid-configuration', parts: bearer },
  { endpoint: 'GET /.well-known/openid-configuration/t/:tenant', parts: bearer },
  { endpoint: 'GET /t/:tenant/.well-known/openid-configuration', parts: bearer },
  { endpoint: 'GET /.well-known/ssf-configuration', parts: bearer },
  { endpoint: 'GET /.well-known/ssf-configuration/t/:tenant', parts: bearer },
  { endpoint: 'GET /t/:tenant/.well-known/ssf-configuration', parts: bearer },
]

let callers = 0

/** The request of a case in the tenant of a kit, from an address of its own, so that no limit of an address is met. */
export function requestOf({ endpoint, form = {}, json }: TenantCase, kit: Kit, parts: Parts): Request {
  const { issuer } = kit
  const { path = '', bearer: token, dpop, browser, session, ...fields } = parts
  const [method = '', pattern = ''] = endpoint.split(' ')
  const { origin, pathname } = new URL(issuer)
  const tenant = pathname.replace(/^\/(t\/)?/, '')
  const isGlobal = pattern.includes('.well-known')
  const filled = pattern
    .replace(':tenant', tenant)
    .replace(':file', `${path}.png`)
    .replace(/:clientId|:id/, path)
  const url = new URL(isGlobal ? origin + filled : `${issuer}${filled}`)
  const values = new URLSearchParams({ ...(typeof form === 'function' ? form(kit) : form), ...fields })
  const headers = new Headers({ 'x-forwarded-for': `198.51.${callers >> 8}.${callers++ & 255}` })
  const cookies = Object.entries({ browser, session }).filter(([, value]) => value !== undefined)
  if (cookies.length > 0)
    headers.set(
      'cookie',
      cookies.map(([kind, value]) => `${cookieName(issuer, kind as 'browser')}=${value}`).join('; '),
    )
  if (dpop !== undefined) headers.set('dpop', dpop)
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  if (method === 'GET' || method === 'DELETE') {
    url.search = values.toString()
    return new Request(url, { method, headers, redirect: 'manual' })
  }
  headers.set('origin', origin)
  if (json) headers.set('content-type', 'application/json')
  // RFC 7592 §2.2: a replacement repeats what it replaces.
  const body = json ? JSON.stringify({ ...json, ...fields, ...(path && { client_id: path }) }) : values
  return new Request(url, { method, headers, body, redirect: 'manual' })
}
