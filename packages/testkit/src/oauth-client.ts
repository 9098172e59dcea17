import { randomBytes } from 'node:crypto'
import { s256 } from '@permitry/oauth'
import { Browser, type Page } from './browser.ts'
import { passwordOf, type Person } from './clinic.ts'

export interface Authorization {
  readonly clientId: string
  readonly redirectUri: string
  readonly resource?: string
  readonly scope?: string
  /** Further parameters of the authorization request, or other values for those above. */
  readonly extra?: Readonly<Record<string, string>>
}

/** The answer that the client got at its redirect URI. */
export interface Answer {
  readonly params: URLSearchParams
  readonly verifier: string
  readonly page: Page
}

/** The address of an authorization request, with the verifier that belongs to it. */
export async function authorizationUrl(
  issuer: string,
  request: Authorization,
): Promise<{ url: string; verifier: string }> {
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    state: 'state-of-the-test',
    code_challenge: await s256(verifier),
    code_challenge_method: 'S256',
    ...(request.resource === undefined ? {} : { resource: request.resource }),
    ...(request.scope === undefined ? {} : { scope: request.scope }),
    ...request.extra,
  })
  return { url: `${issuer}/authorize?${query.toString()}`, verifier }
}

/** Signs a person in on the page that shows the login form. */
export async function signIn(browser: Browser, page: Page, person: Person): Promise<Page> {
  return browser.submit(page, { username: person, password: passwordOf(person) })
}

/** Walks login and consent as a person does; stops where the client takes over. */
export async function authorize(
  issuer: string,
  request: Authorization,
  person: Person,
  options: { browser?: Browser; decision?: 'allow' | 'deny' } = {},
): Promise<Answer> {
  const { browser = new Browser(), decision = 'allow' } = options
  const { url, verifier } = await authorizationUrl(issuer, request)
  let page = await browser.open(url)
  if (page.url.includes('/login?')) page = await signIn(browser, page, person)
  if (page.url.includes('/consent?')) page = await browser.submit(page, { decision })
  if (page.url.startsWith(issuer)) throw new Error(`the way ended at ${page.url} with ${page.status}: ${page.text}`)
  return { params: new URL(page.url).searchParams, verifier, page }
}

/** A request to the token endpoint; a secret goes into the Basic header. */
export async function requestToken(
  issuer: string,
  form: Record<string, string>,
  secret?: string,
): Promise<{ status: number; body: Record<string, unknown>; headers: Headers }> {
  const { client_id: clientId = '', ...rest } = form
  const headers: Record<string, string> =
    secret === undefined
      ? {}
      : { authorization: `Basic ${btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`)}` }
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(secret === undefined ? form : rest),
  })
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
    headers: response.headers,
  }
}
