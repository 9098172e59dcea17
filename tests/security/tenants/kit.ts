// What somebody may hold in one tenant: ids, tokens, codes, cookies and proofs, none of them used up.
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import {
  addCredential,
  authorizationUrl,
  Browser,
  guardToken,
  type Page,
  type Person,
  signIn,
  type Stack,
} from '@permitry/testkit'

const REDIRECT = 'https://client.example/callback'

/** A browser that is somewhere on the way, as the values that a page carries and the cookies. */
export interface Held {
  readonly request: string
  readonly proof: string
  readonly shown: string
  readonly browser: string
  readonly session: string
}

export interface Kit {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly registrationToken: string
  readonly code: string
  readonly verifier: string
  readonly refreshToken: string
  readonly accessToken: string
  readonly userinfoToken: string
  readonly idToken: string
  /** Of a client that has the same id and the same key in every tenant. */
  readonly assertion: string
  /** Of the same key in every tenant, for the token endpoint of this one. */
  readonly dpopProof: string
  readonly tokenForProof: string
  readonly atLogin: Held
  readonly atConsent: Held
  readonly atLogout: Held
  readonly signedIn: Held
  /** At the login form of the account. */
  readonly atSignIn: Held
  /** By page of the account, the hidden fields of its first form, with the session that they are for. */
  readonly atAccount: Readonly<Record<AccountPage, AccountForm>>
  readonly logo: string
  readonly guardToken: string
  readonly streamId: string
  readonly kids: readonly string[]
}

const ACCOUNT_PAGES = ['agents', 'sessions', 'profile', 'password', 'data', 'delete'] as const
type AccountPage = (typeof ACCOUNT_PAGES)[number]
type AccountForm = Readonly<Record<'session' | 'act' | 'of' | 'proof', string>>

/** The name of a cookie at an issuer on loopback. */
export function cookieName(issuer: string, kind: 'browser' | 'session'): string {
  const { port, pathname } = new URL(issuer)
  const tenant = pathname.replace(/^\/(t\/)?/, '')
  return `permitry_${kind}_${port}${tenant && `_${tenant}`}`
}

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const SIGNER = 'signer'

/** Registers a client in a tenant and walks through everything with it. */
export async function collect(stack: Stack, tenant: string, issuer: string, now: number): Promise<Kit> {
  const client = await register(issuer)
  const tokens = await redeem(issuer, client, await consented(issuer, client, stack.mcpUrl, 'openid pet-profile:read'))
  const identity = await redeem(issuer, client, await consented(issuer, client, undefined, 'openid'))
  const code = await consented(issuer, client, stack.mcpUrl, 'pet-profile:read')

  const extra = { prompt: 'consent' }
  const asked = { clientId: client.client_id, redirectUri: REDIRECT, resource: stack.mcpUrl, extra }
  const begin = async (browser: Browser): Promise<Page> => browser.open((await authorizationUrl(issuer, asked)).url)
  const [stranger, person, leaver, guest] = [new Browser(), new Browser(), new Browser(), new Browser()]
  const login = await begin(stranger)
  const consent = await signIn(person, await begin(person), 'bob')
  await signIn(leaver, await begin(leaver), 'bob')
  const logout = await leaver.open(`${issuer}/logout`)
  const other = await signIn(guest, await begin(guest), 'bob')

  const atSignIn = new Browser()
  const accountLogin = await atSignIn.open(`${issuer}/account/sign-in?to=agents`)
  const atAccount = await accountForms(stack, tenant, issuer, client)

  const logo = randomBytes(32).toString('base64url')
  const picture = { tenant, client_id: client.client_id, logo_uri: '', digest: logo, png: logo, fetched_at: 0 }
  await stack.store.unit(async (db) => {
    await db.insertInto('client_logos').values(picture).execute()
    const row = await db.selectFrom('clients').selectAll().where('id', '=', client.client_id).executeTakeFirstOrThrow()
    const jwks = JSON.stringify({ keys: [keys.publicKey.export({ format: 'jwk' })] })
    const signer = { ...row, id: SIGNER, auth_method: 'private_key_jwt', secret_hash: null, jwks } as const
    await db.insertInto('clients').values(signer).execute()
  })
  const credential = await addCredential(stack, 'vetassist', tenant)
  const guard = await guardToken(credential, { now })
  const headers = { authorization: `Bearer ${guard}` }
  const stream = (await (await fetch(`${issuer}/guard/streams`, { method: 'POST', headers })).json()) as {
    stream_id: string
  }
  const jwks = (await (await fetch(`${issuer}/jwks`)).json()) as { keys: { kid: string }[] }
  return {
    issuer,
    clientId: client.client_id,
    clientSecret: client.client_secret,
    registrationToken: client.registration_access_token,
    code: code.code,
    verifier: code.verifier,
    refreshToken: tokens.refresh_token,
    accessToken: tokens.access_token,
    idToken: tokens.id_token,
    assertion: await assertionFor(issuer, now),
    tokenForProof: identity.refresh_token,
    dpopProof: await dpopProofFor(`${issuer}/token`, now),
    userinfoToken: identity.access_token,
    atLogin: heldBy(issuer, stranger, login),
    atConsent: heldBy(issuer, person, consent),
    atLogout: heldBy(issuer, leaver, logout),
    signedIn: heldBy(issuer, guest, other),
    atSignIn: heldBy(issuer, atSignIn, accountLogin),
    atAccount,
    logo,
    guardToken: guard,
    streamId: stream.stream_id,
    kids: jwks.keys.map(({ kid }) => kid),
  }
}

/** Somebody who has a session besides, a grant, and a name that no file declares. */
async function accountForms(
  stack: Stack,
  tenant: string,
  issuer: string,
  client: Registered,
): Promise<Kit['atAccount']> {
  await stack.store.unit((db) =>
    db.deleteFrom('declared').where('tenant', '=', tenant).where('id', '=', 'usr_dana').execute(),
  )
  const elsewhere = new Browser()
  await signIn(elsewhere, await elsewhere.open(`${issuer}/account`), 'dana')
  const browser = new Browser()
  await consented(issuer, client, stack.mcpUrl, 'pet-profile:read', 'dana', browser)
  const forms = ACCOUNT_PAGES.map(async (name) => {
    const page = await browser.open(`${issuer}/account/${name}`)
    const fields = new Map(page.forms[0]?.fields.map((field) => [field.name, field.value]))
    const [act = '', of = '', proof = ''] = ['act', 'of', 'proof'].map((field) => fields.get(field) ?? '')
    return [name, { act, of, proof, session: heldBy(issuer, browser, page).session }] as const
  })
  return Object.fromEntries(await Promise.all(forms)) as Kit['atAccount']
}

interface Registered {
  readonly client_id: string
  readonly client_secret: string
  readonly registration_access_token: string
}

async function register(issuer: string): Promise<Registered> {
  const metadata = {
    client_name: 'Notes',
    redirect_uris: [REDIRECT],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_post',
  }
  const response = await fetch(`${issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(metadata),
  })
  return (await response.json()) as Registered
}

function assertionFor(audience: string, now: number): Promise<string> {
  const iat = Math.floor(now / 1000)
  const claims = { iss: SIGNER, sub: SIGNER, aud: audience, jti: randomUUID(), iat, exp: iat + 60 }
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(keys.privateKey)
}

function dpopProofFor(htu: string, now: number): Promise<string> {
  const jwk = keys.publicKey.export({ format: 'jwk' })
  return new SignJWT({ htm: 'POST', htu, jti: randomUUID(), iat: Math.floor(now / 1000) })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
    .sign(keys.privateKey)
}

interface Code {
  readonly code: string
  readonly verifier: string
}

async function consented(
  issuer: string,
  client: Registered,
  resource: string | undefined,
  scope: string,
  person: Person = 'bob',
  browser = new Browser(),
): Promise<Code> {
  const extra = { prompt: 'consent' }
  const asked = { clientId: client.client_id, redirectUri: REDIRECT, scope, extra, ...(resource && { resource }) }
  const { url, verifier } = await authorizationUrl(issuer, asked)
  const consent = await signIn(browser, await browser.open(url), person)
  const answer = await browser.submit(consent, { decision: 'allow' })
  return { code: new URL(answer.url).searchParams.get('code') ?? '', verifier }
}

interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly id_token: string
}

async function redeem(issuer: string, client: Registered, { code, verifier }: Code): Promise<Tokens> {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: client.client_id,
    client_secret: client.client_secret,
    redirect_uri: REDIRECT,
    code,
    code_verifier: verifier,
  })
  const response = await fetch(`${issuer}/token`, { method: 'POST', body })
  return (await response.json()) as Tokens
}

function heldBy(issuer: string, browser: Browser, page: Page): Held {
  const fields = new Map(page.forms[0]?.fields.map(({ name, value }) => [name, value]))
  const cookies = new Map(
    browser
      .cookies(new URL(issuer).origin)
      .split('; ')
      .map((pair) => pair.split('=') as [string, string]),
  )
  return {
    request: fields.get('request') ?? '',
    proof: fields.get('proof') ?? '',
    shown: fields.get('shown') ?? '',
    browser: cookies.get(cookieName(issuer, 'browser')) ?? '',
    session: cookies.get(cookieName(issuer, 'session')) ?? '',
  }
}
