// What the suites share: a running stack, requests that are right unless a test changes them, and what can be said of answers.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before } from 'node:test'
import { s256 } from '@permitry/oauth'
import {
  Browser,
  type Page,
  passwordOf,
  type Person,
  startStack,
  type Stack,
  type StackOptions,
  VET_ASSIST,
} from '@permitry/testkit'
import { addParties, CALLBACK, SECRET } from './parties.ts'

/** The running server of a suite, and its clock. */
export interface Conformance {
  readonly issuer: string
  readonly stack: Stack
  /** The clock of the server, in seconds. */
  now(): number
  /** Lets time pass for the server. */
  advance(seconds: number): void
}

/**
 * Starts the server before the tests of a file and stops it after them. Call the result inside tests only. `setUp` is for
 * what else a suite needs, since node:test does not wait for one hook before it starts the next.
 */
export function conformanceStack(
  setUp?: (running: Conformance) => void | Promise<void>,
  options: Omit<StackOptions, 'now'> = {},
  tearDown?: () => unknown,
): () => Conformance {
  let running: Conformance | undefined
  before(async () => {
    let ahead = 0
    const stack = await startStack({ ...options, now: () => Date.now() + ahead })
    await addParties(stack.store)
    running = {
      issuer: stack.issuer,
      stack,
      now: () => (Date.now() + ahead) / 1000,
      advance: (seconds) => void (ahead += seconds * 1000),
    }
    await setUp?.(running)
  })
  after(async () => {
    await running?.stack.close()
    await tearDown?.()
  })
  return () => {
    assert.ok(running, 'the stack runs inside tests only')
    return running
  }
}

/** Parameters by name: a list is sent repeatedly, undefined is left out. */
export type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>

export const STATE = 'state of the test/+&='

/** An authorization request of a registered client, right unless changed. */
export function requestOf(clientId: string, changes: Parameters = {}): Parameters {
  return {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: CALLBACK,
    state: STATE,
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    resource: VET_ASSIST,
    scope: 'pet-profile:read',
    ...changes,
  }
}

/** Parameters as a query or a form. */
export function encode(parameters: Parameters): URLSearchParams {
  const pairs = Object.entries(parameters).flatMap(([name, value]) => list(value).map((one) => [name, one]))
  return new URLSearchParams(pairs)
}

function list(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}

/** Sends an authorization request as a browser without any cookie does, and follows nothing. */
export function ask(issuer: string, parameters: Parameters, method: 'GET' | 'POST' = 'GET'): Promise<Response> {
  const sent = encode(parameters)
  if (method === 'GET') return fetch(`${issuer}/authorize?${sent.toString()}`, { redirect: 'manual' })
  return fetch(`${issuer}/authorize`, { method: 'POST', body: sent, redirect: 'manual' })
}

/** The answer is a page for the person: nothing in it leads to the address of the request. */
export async function assertShown(response: Response, address: string, because = address): Promise<void> {
  const text = await response.text()
  assert.ok([400, 403].includes(response.status), `${response.status}: ${because}`)
  assert.equal(response.headers.get('location'), null, because)
  assert.equal(response.headers.get('refresh'), null, because)
  assert.match(response.headers.get('content-type') ?? '', /^text\/html/)
  assert.doesNotMatch(text, /http-equiv="?refresh|<script/i, because)
  for (const link of text.matchAll(/(?:href|action|src|formaction)="([^"]*)"/g))
    assert.ok(!link[1]?.includes(address), link[0])
}

/** The request was accepted: the person is sent to sign in, or on. */
export function assertAccepted(response: Response, issuer: string): void {
  assert.equal(response.status, 303)
  assert.ok(
    response.headers.get('location')?.startsWith(`${issuer}/login?`),
    response.headers.get('location') ?? 'no redirect',
  )
}

/** The error went to the client's redirect URI, with state and iss. */
export function assertRefused(
  response: Response,
  issuer: string,
  error: string,
  changes: { to?: string; state?: string | null } = {},
): void {
  const { to = CALLBACK, state = STATE } = changes
  assert.equal(response.status, 303, `${response.status}, not a redirect with ${error}`)
  const { params } = answerAt(response.headers.get('location') ?? '', to)
  assert.equal(params.get('error'), error)
  assert.equal(params.get('state'), state)
  assert.equal(params.get('iss'), issuer)
  assert.deepEqual([params.get('code'), params.get('access_token'), params.get('id_token')], [null, null, null])
}

/** Response parameters at a redirect URI, which must be the beginning of the address. */
function answerAt(address: string, to: string): { params: URLSearchParams } {
  assert.ok(address.startsWith(`${to}${to.includes('?') ? '&' : '?'}`), `${address} is not at ${to}`)
  const url = new URL(address)
  assert.equal(url.hash, '')
  return { params: url.searchParams }
}

/** What a client has in hand after an authorization. */
export interface Answer {
  readonly params: URLSearchParams
  readonly verifier: string
  readonly page: Page
}

/** How the person behaves on the way. */
export interface Behaviour {
  /** A browser of the test's own; otherwise the one in which this person is signed in. */
  readonly browser?: Browser
  readonly decision?: 'allow' | 'deny'
  /** Scopes that stay ticked. */
  readonly ticked?: readonly string[]
  /** Sees the words of the consent page. */
  readonly onConsent?: (words: string) => void
}

const browsers = new Map<string, Browser>()

/** One browser a person and server: hashing a password for every test would be most of the time of a suite. */
function browserOf(person: Person, issuer: string): Browser {
  const key = `${person} ${issuer}`
  const browser = browsers.get(key) ?? new Browser()
  browsers.set(key, browser)
  return browser
}

/** Signs a person in. */
export function signIn(browser: Browser, page: Page, person: Person, password = passwordOf(person)): Promise<Page> {
  return browser.submit(page, { username: person, password })
}

/** What a person reads: a page without its markup. */
function wordsOf({ text }: Page): string {
  return text.replaceAll(/<style.*?<\/style>|<[^>]*>/gs, ' ').replaceAll(/\s+/g, ' ')
}

/** Walks a person from an authorization request to the client's redirect URI. */
export async function authorizeAs(
  person: Person,
  issuer: string,
  request: Parameters,
  behaviour: Behaviour = {},
): Promise<Answer> {
  const { browser = browserOf(person, issuer), decision = 'allow', ticked } = behaviour
  const verifier = randomBytes(32).toString('base64url')
  const challenged = { ...request, code_challenge: await s256(verifier) }
  let page = await browser.open(`${issuer}/authorize?${encode(challenged).toString()}`)
  if (page.url.startsWith(`${issuer}/login?`)) page = await signIn(browser, page, person)
  if (page.url.startsWith(`${issuer}/consent?`)) {
    behaviour.onConsent?.(wordsOf(page))
    page = await browser.submit(page, { decision, ...(ticked === undefined ? {} : { scope: ticked }) })
  }
  assert.ok(!page.url.startsWith(issuer), `the way ended at ${page.url} with ${page.status}: ${page.text}`)
  return { params: new URL(page.url).searchParams, verifier, page }
}

/** Answer of a JSON endpoint. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: Readonly<Record<string, unknown>>
}

/** Posts a form, with Basic credentials if given. */
export async function postForm(
  url: string,
  form: Parameters,
  basic?: readonly [id: string, secret: string],
): Promise<Reply> {
  return post(url, form, basic === undefined ? {} : { authorization: basicHeader(...basic) })
}

/** Posts a form with headers. */
export async function post(url: string, form: Parameters, headers: Readonly<Record<string, string>>): Promise<Reply> {
  const response = await fetch(url, { method: 'POST', body: encode(form), headers, redirect: 'manual' })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  }
}

/** RFC 6749 §2.3.1: both parts form-encoded before they are joined. */
export function basicHeader(id: string, secret: string): string {
  const part = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+')
  return `Basic ${Buffer.from(`${part(id)}:${part(secret)}`).toString('base64')}`
}

/** A code that was just issued, with the token request that redeems it, right unless changed. */
export async function codeFor(
  person: Person,
  issuer: string,
  clientId: string,
  changes: Parameters = {},
  behaviour: Behaviour = {},
): Promise<{
  redeem: (changes?: Parameters, basic?: readonly [string, string]) => Promise<Reply>
  code: string
  form: Parameters
}> {
  const request = requestOf(clientId, changes)
  const { params, verifier } = await authorizeAs(person, issuer, request, behaviour)
  const code = params.get('code')
  assert.ok(code, `no code: ${params.toString()}`)
  const form = {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    client_id: clientId,
    redirect_uri: request['redirect_uri'],
    resource: request['resource'],
  }
  return { code, form, redeem: (other = {}, basic) => postForm(`${issuer}/token`, { ...form, ...other }, basic) }
}

/** Tokens of a public client. */
export async function tokensFor(
  person: Person,
  issuer: string,
  clientId: string,
  changes: Parameters = {},
  behaviour: Behaviour = {},
): Promise<{ accessToken: string; refreshToken: string; idToken: string; reply: Reply }> {
  const { redeem } = await codeFor(person, issuer, clientId, changes, behaviour)
  const reply = await redeem(SECRET_CLIENTS.has(clientId) ? { client_secret: SECRET } : {})
  assert.equal(reply.status, 200, JSON.stringify(reply.body))
  const { access_token: accessToken, refresh_token: refreshToken, id_token: idToken } = reply.body
  return { accessToken: String(accessToken), refreshToken: String(refreshToken), idToken: String(idToken), reply }
}

const SECRET_CLIENTS = new Set(['posting-app'])

/** Redeems a refresh token of a public client. */
export function refresh(
  issuer: string,
  clientId: string,
  refreshToken: string,
  changes: Parameters = {},
): Promise<Reply> {
  return postForm(`${issuer}/token`, {
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: clientId,
    ...changes,
  })
}

/** The payload of a JWT, unverified: for tests that look at what was said. */
export function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>
}

/** The refusal of a JSON endpoint. */
export function assertError(reply: Reply, status: number, error: string): void {
  assert.deepEqual([reply.status, reply.body['error']], [status, error], JSON.stringify(reply.body))
  assert.equal(reply.body['access_token'], undefined)
}
