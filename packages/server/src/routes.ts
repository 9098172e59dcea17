import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { logoutConfirm, logoutEndpoint } from './account/logout.ts'
import { activity } from './account/pages/activity.ts'
import { agentsForm, agentsSubmit } from './account/pages/agents.ts'
import { dataForm, dataSubmit } from './account/pages/data.ts'
import { deleteForm, deleteSubmit } from './account/pages/delete.ts'
import { overview } from './account/pages/overview.ts'
import { passwordForm, passwordSubmit } from './account/pages/password.ts'
import { profileForm, profileSubmit } from './account/pages/profile.ts'
import { sessionsForm, sessionsSubmit } from './account/pages/sessions.ts'
import { signInForm, signInSubmit } from './account/pages/sign-in.ts'
import { userinfoEndpoint } from './account/userinfo.ts'
import { adminDescription, forAdmins } from './admin/audience.ts'
import { ADMIN_BASE, adminEndpoint } from './admin/engine.ts'
import { authorizeEndpoint } from './authorize/endpoint.ts'
import { noteMetadataRead, tellingMetadataRead } from './connections/metadata-reads.ts'
import { consentForm, consentSubmit } from './consent/endpoint.ts'
import { consoleApi, consoleSession } from './console/api.ts'
import { consoleCallback, consoleLogout } from './console/callback.ts'
import { consoleFile } from './console/files.ts'
import { consoleLogin } from './console/login.ts'
import { ownCall } from './console/own-call.ts'
import { metadata } from './discovery/metadata.ts'
import { catalogueEndpoint } from './guards/catalogue-endpoint.ts'
import { decisionsEndpoint } from './guards/decisions-endpoint.ts'
import { serveAsset } from './html/index.ts'
import { type Audience, forClients, forConsole, forGuards, forPeople } from './http/audience.ts'
import type { Endpoint, Http, HttpEnv } from './http/endpoint.ts'
import { ownForm } from './http/own-form.ts'
import { JWKS_MAX_AGE_SECONDS } from './keys/key-life.ts'
import { jwks } from './keys/signer.ts'
import { loginForm, loginSubmit } from './login/endpoint.ts'
import { DEFAULT_TENANT, type Realm } from './realm.ts'
import { deleteClient, readClient, replaceClient } from './register/dynamic/configuration-endpoint.ts'
import { registrationEndpoint } from './register/dynamic/endpoint.ts'
import { logoEndpoint } from './register/logo/endpoint.ts'
import { setupForm, setupSubmit } from './setup/endpoint.ts'
import { ssfConfiguration } from './signals/configuration.ts'
import { pollEndpoint } from './signals/poll.ts'
import { changeStatus, showStatus, verifyStream } from './signals/status.ts'
import { changeStream, createStream, deleteStream, listStreams } from './signals/streams.ts'
import { tokenEndpoint } from './token/endpoint.ts'
import { introspectionEndpoint } from './token/introspection-endpoint.ts'
import { revocationEndpoint } from './token/revocation-endpoint.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

const MAX_BODY_BYTES = 65_536
/** What guards report comes in batches. */
const MAX_REPORT_BYTES = 1_048_576

/** Every endpoint of a tenant: who reads its answers, its methods, its path, its handler, and how large its body may be. */
const endpoints: readonly (readonly [Audience, readonly Method[], string, Endpoint, maxBytes?: number])[] = [
  [forPeople, ['GET', 'POST'], '/authorize', authorizeEndpoint],
  [forPeople, ['GET'], '/login', loginForm],
  [forPeople, ['POST'], '/login', ownForm(loginSubmit)],
  [forPeople, ['GET'], '/consent', consentForm],
  [forPeople, ['POST'], '/consent', ownForm(consentSubmit)],
  [forPeople, ['GET'], '/setup', setupForm],
  [forPeople, ['POST'], '/setup', ownForm(setupSubmit)],
  [forPeople, ['GET'], '/logos/:file', logoEndpoint],
  [forPeople, ['GET', 'POST'], '/logout', logoutEndpoint],
  [forPeople, ['POST'], '/logout/confirm', ownForm(logoutConfirm)],
  [forPeople, ['GET'], '/account', overview],
  [forPeople, ['GET'], '/account/sign-in', signInForm],
  [forPeople, ['POST'], '/account/sign-in', signInSubmit],
  [forPeople, ['GET'], '/account/agents', agentsForm],
  [forPeople, ['POST'], '/account/agents', agentsSubmit],
  [forPeople, ['GET'], '/account/activity', activity],
  [forPeople, ['GET'], '/account/sessions', sessionsForm],
  [forPeople, ['POST'], '/account/sessions', sessionsSubmit],
  [forPeople, ['GET'], '/account/profile', profileForm],
  [forPeople, ['POST'], '/account/profile', profileSubmit],
  [forPeople, ['GET'], '/account/password', passwordForm],
  [forPeople, ['POST'], '/account/password', passwordSubmit],
  [forPeople, ['GET'], '/account/data', dataForm],
  [forPeople, ['POST'], '/account/data', dataSubmit],
  [forPeople, ['GET'], '/account/delete', deleteForm],
  [forPeople, ['POST'], '/account/delete', deleteSubmit],
  [forPeople, ['GET'], '/console/login', consoleLogin],
  [forPeople, ['GET'], '/console/callback', consoleCallback],
  [forPeople, ['POST'], '/console/logout', ownCall(consoleLogout)],
  [forConsole, ['GET'], '/console/api/session', ownCall(consoleSession)],
  [forConsole, ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], '/console/api/v1/*', ownCall(consoleApi)],
  [forPeople, ['GET'], '/console/*', consoleFile],
  [forClients, ['POST'], '/token', tokenEndpoint],
  [forClients, ['POST'], '/revoke', revocationEndpoint],
  [forClients, ['POST'], '/introspect', introspectionEndpoint],
  [forClients, ['GET', 'POST'], '/userinfo', userinfoEndpoint],
  [forClients, ['POST'], '/register', registrationEndpoint],
  [forClients, ['GET'], '/register/:clientId', readClient],
  [forClients, ['PUT'], '/register/:clientId', replaceClient],
  [forClients, ['DELETE'], '/register/:clientId', deleteClient],
  [forClients, ['GET'], '/jwks', jwksOf('tokens')],
  [forGuards, ['GET'], '/guard/jwks', jwksOf('signals')],
  [forGuards, ['POST'], '/guard/streams', createStream],
  [forGuards, ['GET'], '/guard/streams', listStreams],
  [forGuards, ['PATCH', 'PUT'], '/guard/streams', changeStream],
  [forGuards, ['DELETE'], '/guard/streams', deleteStream],
  [forGuards, ['POST'], '/guard/streams/:id/events', pollEndpoint],
  [forGuards, ['GET'], '/guard/status', showStatus],
  [forGuards, ['POST'], '/guard/status', changeStatus],
  [forGuards, ['POST'], '/guard/verify', verifyStream],
  [forGuards, ['POST'], '/guard/decisions', decisionsEndpoint, MAX_REPORT_BYTES],
  [forGuards, ['PUT'], '/guard/catalogue', catalogueEndpoint, MAX_REPORT_BYTES],
  [forAdmins, ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], `${ADMIN_BASE}/*`, adminEndpoint],
  [forAdmins, ['GET'], '/admin/openapi.json', adminDescription],
]

function jwksOf(what: 'tokens' | 'signals'): Endpoint {
  return async (realm, c) => {
    c.header('Cache-Control', `public, max-age=${JWKS_MAX_AGE_SECONDS}`)
    return c.json(await jwks(realm, what))
  }
}

const methodsByPath = new Map(
  endpoints.map(([audience, , path]) => [
    path,
    [audience, endpoints.flatMap(([, methods, other]) => (other === path ? methods : []))] as const,
  ]),
)

/** What every tenant answers, as `GET /path`; for tests that must not forget an endpoint. */
export const endpointNames = (): string[] => [
  ...endpoints.flatMap(([, methods, path]) => methods.map((method) => `${method} ${path}`)),
  ...wellKnown.map(([path]) => `GET ${path}`),
]

const documents: readonly (readonly [name: string, read: (realm: Realm, c: Http) => object | Promise<object>])[] = [
  ['oauth-authorization-server', metadataFor],
  ['openid-configuration', metadataFor],
  ['ssf-configuration', ssfConfiguration],
]

function metadataFor(realm: Realm, c: Http): Promise<object> {
  noteMetadataRead(realm, c)
  return metadata(realm)
}

/**
 * The three well-known places of an issuer with a path, two of them the same without one (RFC 8414 §3.1, OIDC Discovery §4,
 * SSF 1.0 §7.2).
 */
const wellKnown = documents.flatMap(([name, read]) =>
  [`/.well-known/${name}`, `/.well-known/${name}/t/:tenant`, `/t/:tenant/.well-known/${name}`].map(
    (path) => [path, read] as const,
  ),
)

export interface RouteOptions {
  /** Finds the realm of an active tenant. */
  readonly realmOf: (tenant: string) => Promise<Realm | undefined>
  readonly onFault: (fault: unknown, requestId: string) => void
}

/** Mounts the endpoints: at the root for the default tenant, under `/t/{tenant}` for every other. */
export function createRoutes({ realmOf, onFault }: RouteOptions): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>()
  // Browser clients read these from any origin; /authorize, login and consent must stay unreadable (RFC 9700 §2.6).
  const readable = cors({
    origin: '*',
    allowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
    exposeHeaders: ['WWW-Authenticate', 'DPoP-Nonce', 'Retry-After'],
  })

  const mount = (
    audience: Audience,
    methods: readonly Method[],
    path: string,
    endpoint: Endpoint,
    maxSize = MAX_BODY_BYTES,
  ): void => {
    if (audience === forClients) app.use(path, readable)
    const limit = bodyLimit({ maxSize, onError: (c) => audience.malformed(c, 'the body is too large') })
    app.on([...methods], path, limit, async (c: Http) => {
      try {
        const realm = await realmOf(c.req.param('tenant') ?? DEFAULT_TENANT)
        if (!realm) return audience.notFound(c)
        c.set('tenantName', realm.name)
        c.set('callOwn', async (request) => app.fetch(request, c.env))
        return await endpoint(tellingMetadataRead(realm, c, audience !== forPeople), c)
      } catch (fault) {
        return audience.fault(c, (requestId) => onFault(fault, requestId))
      }
    })
  }

  const refuseOthers = (audience: Audience, methods: readonly Method[], path: string): void => {
    app.all(path, (c: Http) => {
      const allow = methods.join(', ')
      c.header('Allow', allow)
      return audience.wrongMethod(c, allow)
    })
  }

  for (const base of ['', '/t/:tenant']) {
    for (const [audience, methods, path, endpoint, maxBytes] of endpoints)
      mount(audience, methods, base + path, endpoint, maxBytes)
    for (const [path, [audience, methods]] of methodsByPath) refuseOthers(audience, methods, base + path)
  }
  for (const [path, read] of wellKnown) {
    mount(forClients, ['GET'], path, async (realm, c) => c.json(await read(realm, c)))
    refuseOthers(forClients, ['GET'], path)
  }
  app.get('/assets/:file', (c) => serveAsset(c.req.path) ?? forPeople.notFound(c))
  app.notFound((c) => forPeople.notFound(c))
  return app
}
