import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { authorizeEndpoint } from './authorize/endpoint.ts'
import { consentForm, consentSubmit } from './consent/endpoint.ts'
import { metadata } from './discovery/metadata.ts'
import { serveAsset } from './html/index.ts'
import type { Bindings, Endpoint, Http } from './http/endpoint.ts'
import { errorResponse } from './http/pages.ts'
import { ensureSigningKeys, jwks } from './keys/signer.ts'
import { loginForm, loginSubmit } from './login/endpoint.ts'
import { createRealm, DEFAULT_TENANT, type Realm, type RealmOptions } from './realm.ts'
import { tokenEndpoint } from './token/endpoint.ts'
import { revocationEndpoint } from './token/revocation-endpoint.ts'

export interface AuthorizationServerOptions extends Omit<RealmOptions, 'now'> {
  /** Milliseconds since the epoch; the system's clock when left out. */
  readonly now?: () => number
  /** Told of every fault with the request id that the person or client was given. */
  readonly onFault?: (fault: unknown, requestId: string) => void
}

export interface AuthorizationServer {
  fetch(request: Request, bindings?: Bindings): Response | Promise<Response>
}

const MAX_BODY_BYTES = 65_536

/** The authorization server as a web-standard handler. Makes the default tenant's signing keys before it resolves. */
export async function createAuthorizationServer({
  now = Date.now,
  onFault = () => {},
  ...options
}: AuthorizationServerOptions): Promise<AuthorizationServer> {
  const realms = new Map<string, Promise<Realm>>()
  const openRealm = async (tenant: string): Promise<Realm> => {
    const realm = createRealm(tenant, { ...options, now })
    await ensureSigningKeys(realm)
    return realm
  }
  const realmOf = async (tenant: string): Promise<Realm | undefined> => {
    const known = await createRealm(tenant, { ...options, now }).read((t) => t.tenants.current())
    if (!known?.active) return undefined
    const realm = realms.get(tenant) ?? openRealm(tenant)
    realms.set(tenant, realm)
    return realm
  }
  await createRealm(DEFAULT_TENANT, { ...options, now }).unit((t) => t.tenants.ensure('Default', now()))
  await realmOf(DEFAULT_TENANT)

  const app = new Hono<{ Bindings: Bindings }>()
  const at =
    (endpoint: Endpoint) =>
    async (c: Http): Promise<Response> => {
      const realm = await realmOf(c.req.param('tenant') ?? DEFAULT_TENANT)
      return realm ? endpoint(realm, c) : errorResponse(c, { cause: 'not_found' })
    }

  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (c) => errorResponse(c, { cause: 'request_malformed' }) }))
  // Browsers need to read these from other origins; login, consent and /authorize must never be readable (RFC 9700 §2.6).
  const readable = cors({ origin: '*', exposeHeaders: ['WWW-Authenticate'] })
  const document = at(async (realm, c) => c.json(await metadata(realm)))
  for (const name of ['oauth-authorization-server', 'openid-configuration']) {
    for (const path of [`/.well-known/${name}`, `/.well-known/${name}/t/:tenant`, `/t/:tenant/.well-known/${name}`]) {
      app.use(path, readable).get(path, document)
    }
  }
  for (const base of ['', '/t/:tenant']) {
    app.use(`${base}/jwks`, readable).get(
      `${base}/jwks`,
      at(async (realm, c) => c.json(await jwks(realm))),
    )
    app.use(`${base}/token`, readable).post(`${base}/token`, at(tokenEndpoint))
    app.use(`${base}/revoke`, readable).post(`${base}/revoke`, at(revocationEndpoint))
    app.on(['GET', 'POST'], `${base}/authorize`, at(authorizeEndpoint))
    app.get(`${base}/login`, at(loginForm)).post(`${base}/login`, at(loginSubmit))
    app.get(`${base}/consent`, at(consentForm)).post(`${base}/consent`, at(consentSubmit))
  }
  app.get('/assets/:file', (c) => serveAsset(c.req.path) ?? errorResponse(c, { cause: 'not_found' }))
  app.notFound((c) => errorResponse(c, { cause: 'not_found' }))
  app.onError((fault, c) => {
    const response = errorResponse(c, { cause: 'server_error' })
    onFault(fault, response.headers.get('x-request-id') ?? '')
    return response
  })
  return { fetch: (request, bindings) => app.fetch(request, bindings ?? {}) }
}
