// Owns signing in: who the person is, by OpenID Connect. What the app may do for them at the clinic is another question, and
// another token (clinic/).
import type { DatabaseSync } from 'node:sqlite'
import * as oidc from 'openid-client'
import type { Problem } from '../wire.ts'
import { hashOf, type Keys, newSecret } from '../store/keys.ts'
import type { Explained } from '../journal/explain.ts'
import { browserMessage, maskUrl, observedFetch } from './observe.ts'

export interface SignInOptions {
  db: DatabaseSync
  keys: Keys
  issuer: string
  clientId: string
  clientSecret: string
  redirectUri: string
  clock: () => number
  onFault: (fault: unknown) => void
}

export interface Person {
  issuer: string
  subject: string
  /** Unless they did not want to be named. */
  name: string | null
}

export type SignedIn =
  | { ok: true; person: Person; question: string | undefined; messages: Explained[] }
  | { ok: false; problem: Problem }

export interface SignIn {
  /** Where to send the browser, and the secret that it must bring back. */
  begin: (question: string | undefined) => Promise<{ url: string; browser: string }>
  /** Undefined when the response belongs to no sign-in of this app. Each sign-in is taken once. */
  finish: (callback: URL, browser: string | undefined) => Promise<SignedIn | undefined>
  /**
   * Where the browser signs out at the authorization server too (OpenID Connect RP-Initiated Logout 1.0 §2). Without
   * `id_token_hint`, which would hand the browser a token: the authorization server asks the person instead.
   */
  signOutUrl: (returnTo: string) => Promise<string | undefined>
}

const LIFETIME_MS = 10 * 60_000
const SCOPE = 'openid profile'

export function createSignIn(options: SignInOptions): SignIn {
  const { db, keys, clock, redirectUri } = options
  const insert = db.prepare('insert into sign_ins values (?, ?, ?, ?, ?, ?, ?)')
  const take = db.prepare('delete from sign_ins where state_hash = ? returning *')
  const sweep = db.prepare('delete from sign_ins where expires_at <= ?')

  let discovered: Promise<oidc.Configuration> | undefined
  async function discover(): Promise<oidc.Configuration> {
    discovered ??= discoverServer(options)
    // One failure must not last: the authorization server may have started later than this app.
    return discovered.catch((error: unknown) => {
      discovered = undefined
      throw error
    })
  }

  return {
    async begin(question) {
      const server = await discover()
      const [verifier, state, nonce, browser] = [oidc.randomPKCECodeVerifier(), newSecret(), newSecret(), newSecret()]
      const url = oidc.buildAuthorizationUrl(server, {
        redirect_uri: redirectUri,
        scope: SCOPE,
        // Whoever sat here before may still be signed in at the authorization server: it asks who signs in now.
        prompt: 'select_account',
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      }).href
      sweep.run(clock())
      const place = hashOf(state)
      insert.run(
        place,
        hashOf(browser),
        keys.seal(verifier, place),
        nonce,
        question ?? null,
        maskUrl(url),
        clock() + LIFETIME_MS,
      )
      return { url, browser }
    },

    async finish(callback, browser) {
      const state = callback.searchParams.get('state') ?? ''
      const row = take.get(hashOf(state))
      if (row === undefined) return undefined
      // A response that was begun in another browser would sign this one in as somebody else (login CSRF).
      const isOurs = browser !== undefined && hashOf(browser) === row['browser_hash']
      if (!isOurs || clock() >= Number(row['expires_at'])) return { ok: false, problem: 'sign-in-expired' }
      if (callback.searchParams.get('error') === 'access_denied') return { ok: false, problem: 'sign-in-refused' }

      const messages = [
        browserMessage('out', String(row['url']), clock()),
        browserMessage('in', callback.href, clock()),
      ]
      const found = await discover()
      // A copy of its own for each sign-in, because messages of two people must not mix.
      const server = new oidc.Configuration(
        found.serverMetadata(),
        options.clientId,
        options.clientSecret,
        oidc.ClientSecretBasic(options.clientSecret),
      )
      if (isLoopback(options.issuer)) oidc.allowInsecureRequests(server)
      server[oidc.customFetch] = observedFetch((message) => messages.push(message), clock)
      try {
        const tokens = await oidc.authorizationCodeGrant(server, callback, {
          expectedState: state,
          expectedNonce: String(row['nonce']),
          pkceCodeVerifier: keys.open(String(row['verifier']), hashOf(state)),
          idTokenExpected: true,
        })
        const claims = tokens.claims()
        if (claims === undefined) return { ok: false, problem: 'sign-in-failed' }
        const name = typeof claims['name'] === 'string' ? claims['name'] : null
        const person = { issuer: claims.iss, subject: claims.sub, name }
        const question = row['question'] === null ? undefined : String(row['question'])
        return { ok: true, person, question, messages }
      } catch (fault) {
        options.onFault(fault)
        return { ok: false, problem: 'sign-in-failed' }
      }
    },

    async signOutUrl(returnTo) {
      try {
        const server = await discover()
        if (server.serverMetadata().end_session_endpoint === undefined) return undefined
        return oidc.buildEndSessionUrl(server, { post_logout_redirect_uri: returnTo }).href
      } catch {
        // The person is signed out here in any case, also while the authorization server is away.
        return undefined
      }
    },
  }
}

function discoverServer({ issuer, clientId, clientSecret }: SignInOptions): Promise<oidc.Configuration> {
  const authentication = oidc.ClientSecretBasic(clientSecret)
  // http is for development on this machine only (RFC 8414 §2 wants https).
  const execute = isLoopback(issuer) ? [oidc.allowInsecureRequests] : []
  return oidc.discovery(new URL(issuer), clientId, clientSecret, authentication, { execute, timeout: 10 })
}

function isLoopback(issuer: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(issuer).hostname)
}
