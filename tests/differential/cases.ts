// What both servers are asked, and how an answer is put into a few words that can be compared.
import { s256 } from '@permitry/oauth'
import { Browser } from '@permitry/testkit'
import { CLIENT, REDIRECT_URI, RESOURCE, SCOPE, SECRET, type Side } from './sides.ts'

type Changes = Readonly<Record<string, string | null>>
export type Case = readonly [name: string, ask: (side: Side) => Promise<string>]

const VERIFIER = 'a-verifier-of-the-differential-tests-that-is-long-enough'

export const cases: readonly Case[] = [
  ['authorize: a good request', async (side) => describeRedirect(await answered(side))],
  ['authorize: a client that is not known', (side) => atAuthorize(side, { client_id: 'nobody' })],
  ['authorize: no client_id', (side) => atAuthorize(side, { client_id: null })],
  ['authorize: another redirect_uri', (side) => atAuthorize(side, { redirect_uri: 'https://evil.example/' })],
  ['authorize: the redirect_uri with a query', (side) => atAuthorize(side, { redirect_uri: `${REDIRECT_URI}?a=b` })],
  ['authorize: no response_type', (side) => atAuthorize(side, { response_type: null })],
  ['authorize: response_type=token', (side) => atAuthorize(side, { response_type: 'token' })],
  ['authorize: response_type=code id_token', (side) => atAuthorize(side, { response_type: 'code id_token' })],
  ['authorize: response_mode=fragment', (side) => atAuthorize(side, { response_mode: 'fragment' })],
  ['authorize: response_mode=nonsense', (side) => atAuthorize(side, { response_mode: 'nonsense' })],
  ['authorize: no code_challenge', (side) => atAuthorize(side, { code_challenge: null })],
  ['authorize: code_challenge_method=plain', (side) => atAuthorize(side, { code_challenge_method: 'plain' })],
  ['authorize: no code_challenge_method', (side) => atAuthorize(side, { code_challenge_method: null })],
  ['authorize: a code_challenge that is no hash', (side) => atAuthorize(side, { code_challenge: 'short' })],
  ['authorize: a scope that is not known', (side) => atAuthorize(side, { scope: `${SCOPE} nonsense` })],
  ['authorize: a scope that is no scope', (side) => atAuthorize(side, { scope: `${SCOPE} "quoted"` })],
  ['authorize: a resource that is not known', (side) => atAuthorize(side, { resource: 'https://other.example/mcp' })],
  ['authorize: a resource with a fragment', (side) => atAuthorize(side, { resource: `${RESOURCE}#part` })],
  ['authorize: state twice', (side) => atAuthorize(side, {}, '&state=another')],
  ['authorize: scope twice', (side) => atAuthorize(side, {}, '&scope=email')],
  ['authorize: prompt=none without a session', (side) => atAuthorize(side, { prompt: 'none' })],
  ['authorize: prompt=none login', (side) => atAuthorize(side, { prompt: 'none login' })],
  ['authorize: prompt=nonsense', (side) => atAuthorize(side, { prompt: 'nonsense' })],
  ['authorize: max_age=-1', (side) => atAuthorize(side, { max_age: '-1' })],
  ['authorize: a request object', (side) => atAuthorize(side, { request: 'eyJhbGciOiJub25lIn0.e30.' })],
  ['authorize: an id_token_hint that is no token', (side) => atAuthorize(side, { id_token_hint: 'nonsense' })],
  ['token: a good code', async (side) => atToken(side, await codeForm(side))],
  ['token: a code for the second time', async (side) => twice(side)],
  [
    'token: a verifier that is another one',
    async (side) => atToken(side, { ...(await codeForm(side)), code_verifier: 'x'.repeat(43) }),
  ],
  ['token: no verifier', async (side) => atToken(side, without(await codeForm(side), 'code_verifier'))],
  [
    'token: another redirect_uri',
    async (side) => atToken(side, { ...(await codeForm(side)), redirect_uri: 'https://evil.example/' }),
  ],
  ['token: no redirect_uri', async (side) => atToken(side, without(await codeForm(side), 'redirect_uri'))],
  [
    'token: another resource',
    async (side) => atToken(side, { ...(await codeForm(side)), resource: 'https://other.example/mcp' }),
  ],
  [
    'token: a code that nobody issued',
    (side) =>
      atToken(side, {
        grant_type: 'authorization_code',
        code: 'nonsense',
        redirect_uri: REDIRECT_URI,
        code_verifier: VERIFIER,
      }),
  ],
  ['token: no code', (side) => atToken(side, { grant_type: 'authorization_code' })],
  ['token: no grant_type', (side) => atToken(side, { code: 'nonsense' })],
  ['token: grant_type=password', (side) => atToken(side, { grant_type: 'password', username: 'bob', password: 'x' })],
  [
    'token: a wrong secret in the header',
    (side) => atToken(side, refreshForm('x'), { authorization: basic(CLIENT, 'wrong') }),
  ],
  [
    'token: a client that is not known',
    (side) => atToken(side, refreshForm('x'), { authorization: basic('nobody', SECRET) }),
  ],
  ['token: no authentication', (side) => atToken(side, { ...refreshForm('x'), client_id: CLIENT }, {})],
  ['token: the secret in header and body', (side) => atToken(side, { ...refreshForm('x'), client_secret: SECRET })],
  [
    'token: the secret in the body of a client that registered the header',
    (side) => atToken(side, { ...refreshForm('x'), client_id: CLIENT, client_secret: SECRET }, {}),
  ],
  ['token: a client assertion that is no JWT', (side) => atToken(side, asserting('nonsense'), {})],
  ['token: a client assertion of nobody', (side) => atToken(side, asserting(ASSERTION_OF_NOBODY), {})],
  ['token: a client assertion beside the secret', (side) => atToken(side, asserting(ASSERTION_OF_NOBODY))],
  ['token: a refresh token that nobody issued', (side) => atToken(side, refreshForm('nonsense'))],
  ['token: a refresh', async (side) => atToken(side, refreshForm(await refreshToken(side)))],
  [
    'token: a refresh that widens the scope',
    async (side) => atToken(side, { ...refreshForm(await refreshToken(side)), scope: 'pet-profile:write' }),
  ],
  [
    'token: a spent refresh token, at once',
    async (side) => {
      const form = refreshForm(await refreshToken(side))
      await atToken(side, form)
      return atToken(side, form)
    },
  ],
  [
    'token: a parameter twice',
    async (side) => send(side.endpoints.token, `${new URLSearchParams(refreshForm('x')).toString()}&refresh_token=y`),
  ],
  [
    'token: a JSON body',
    (side) => send(side.endpoints.token, JSON.stringify(refreshForm('x')), { 'content-type': 'application/json' }),
  ],
  ['token: GET', async (side) => String((await fetch(side.endpoints.token)).status)],
  ['revoke: a token that nobody issued', (side) => send(side.endpoints.revoke, 'token=nonsense')],
  ['revoke: no token', (side) => send(side.endpoints.revoke, 'token_type_hint=refresh_token')],
  ['revoke: no authentication', (side) => send(side.endpoints.revoke, 'token=nonsense', { authorization: '' })],
  ['userinfo: no token', (side) => atUserinfo(side, {})],
  ['userinfo: a token that is none', (side) => atUserinfo(side, { authorization: 'Bearer nonsense' })],
]

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const ASSERTION_OF_NOBODY = `${part({ alg: 'ES256' })}.${part({ iss: 'nobody', sub: 'nobody' })}.c2ln`

const asserting = (assertion: string): Record<string, string> => ({
  ...refreshForm('x'),
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: assertion,
})

async function authorizeUrl(side: Side, changes: Changes = {}): Promise<string> {
  const parameters: Changes = {
    response_type: 'code',
    client_id: CLIENT,
    redirect_uri: REDIRECT_URI,
    scope: SCOPE,
    resource: RESOURCE,
    state: 'state-of-the-test',
    code_challenge: await s256(VERIFIER),
    code_challenge_method: 'S256',
    ...changes,
  }
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== null) query.set(name, value)
  return `${side.endpoints.authorize}?${query.toString()}`
}

async function answered(side: Side, changes: Changes = {}): Promise<URL> {
  return new URL((await side.signInAndConsent(await authorizeUrl(side, changes))).url)
}

/** One request, and what the browser is shown or sent: a page of the server, or a redirect to the client. */
async function atAuthorize(side: Side, changes: Changes, more = ''): Promise<string> {
  const page = await new Browser().open(`${await authorizeUrl(side, changes)}${more}`)
  const url = new URL(page.url)
  if (url.origin !== new URL(side.issuer).origin) return describeRedirect(url)
  return page.status === 200 ? 'a person is asked' : `a page, ${page.status}`
}

function describeRedirect(url: URL): string {
  const parameters = url.hash === '' ? url.searchParams : new URLSearchParams(url.hash.slice(1))
  const names = [...parameters.keys()].filter((name) => name !== 'error_description' && name !== 'error').toSorted()
  const where = url.hash === '' ? 'redirect' : 'redirect by fragment'
  return [where, parameters.get('error') ?? '', `with ${names.join(', ')}`].filter((part) => part !== '').join(' ')
}

async function codeForm(side: Side): Promise<Record<string, string>> {
  const code = (await answered(side)).searchParams.get('code') ?? ''
  return { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, code_verifier: VERIFIER }
}

async function twice(side: Side): Promise<string> {
  const form = await codeForm(side)
  const first = await post(side.endpoints.token, new URLSearchParams(form).toString())
  const { refresh_token: refresh = '' } = (await first.json()) as { refresh_token?: string }
  const second = await atToken(side, form)
  return `${second}; then its refresh token: ${await atToken(side, refreshForm(refresh))}`
}

async function refreshToken(side: Side): Promise<string> {
  const response = await post(side.endpoints.token, new URLSearchParams(await codeForm(side)).toString())
  return ((await response.json()) as { refresh_token: string }).refresh_token
}

const refreshForm = (token: string): Record<string, string> => ({ grant_type: 'refresh_token', refresh_token: token })

function without(form: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(form).filter(([key]) => key !== name))
}

const basic = (id: string, secret: string): string => `Basic ${btoa(`${id}:${secret}`)}`

function post(url: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  const all = { 'content-type': 'application/x-www-form-urlencoded', authorization: basic(CLIENT, SECRET), ...headers }
  return fetch(url, {
    method: 'POST',
    body,
    headers: all.authorization === '' ? { 'content-type': all['content-type'] } : all,
  })
}

function atToken(side: Side, form: Record<string, string>, headers?: Record<string, string>): Promise<string> {
  return send(side.endpoints.token, new URLSearchParams(form).toString(), headers && { authorization: '', ...headers })
}

/** Status, error code, challenge, and the members of a success. */
async function send(url: string, body: string, headers?: Record<string, string>): Promise<string> {
  const response = await post(url, body, headers)
  const text = await response.text()
  const answer = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  const scheme = response.headers.get('www-authenticate')?.split(' ')[0]
  const members = 'error' in answer ? String(answer['error']) : Object.keys(answer).toSorted().join(', ')
  return [String(response.status), members, scheme === undefined ? '' : `challenge ${scheme}`].filter(Boolean).join(' ')
}

async function atUserinfo(side: Side, headers: Record<string, string>): Promise<string> {
  const response = await fetch(side.endpoints.userinfo, { headers })
  const error = /error="([^"]*)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1]
  return `${response.status}${error === undefined ? '' : ` ${error}`}`
}
