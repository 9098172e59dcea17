import { z } from 'zod'
import { defineOperation } from './operation.ts'
import { AllOrScopes, Id, Name, q, ScopeList } from './wire.ts'

const Uri = z.string().min(1, 'write a URI').max(2048, 'shorten it to 2048 characters')
const Type = z.enum(['web', 'native'])
const Auth = z.enum(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'])
const Template = z.enum(['mcp-client', 'web-app', 'native-app', 'agent', 'machine'])
const GrantType = z.enum(['authorization_code', 'refresh_token', 'client_credentials'])
const Uris = z.array(Uri).max(100)
const ScopesByServer = z.record(Id, AllOrScopes)
const Jwks = z.record(z.string(), z.unknown())

/** An application as it is put. Its secret stays what it is. */
const ClientInput = z.strictObject({
  name: Name.describe('What the consent page calls the application.'),
  type: Type.describe('Native applications may use loopback and custom-scheme redirects.'),
  auth: Auth.describe('How it authenticates at the token endpoint.'),
  jwks: Jwks.nullable().default(null).describe('For `private_key_jwt`: its public keys, a JWK Set.'),
  jwks_uri: Uri.nullable().default(null).describe('For `private_key_jwt`, in the place of `jwks`.'),
  redirect_uris: Uris.default([]).describe('Where codes may be sent.'),
  post_logout_redirect_uris: Uris.default([]).describe('Where a browser may be sent after signing out.'),
  grant_types: z.array(GrantType).max(3),
  id_token_alg: z.enum(['RS256', 'ES256', 'EdDSA', 'Ed25519']).default('RS256'),
  dpop_bound: z.boolean().default(false).describe('Every token for it is bound to a key that it proves to hold.'),
  servers: ScopesByServer.default({}).describe('What it may ask for, by MCP server.'),
  guards: z.array(Id).max(100).default([]).describe('The MCP servers that it guards.'),
  agent: z
    .strictObject({ owner: z.string().max(256).nullable(), roles: z.array(Id).max(200) })
    .nullable()
    .default(null)
    .describe('As whom it acts by `client_credentials`: the person who answers for it, and its roles.'),
})

const Client = z.object({
  id: z.string(),
  ...ClientInput.shape,
  active: z.boolean(),
  has_secret: z.boolean(),
})

const ListedClient = z.object({
  id: z.string(),
  name: z.string(),
  registration: z.enum(['registered', 'cimd', 'dcr']).describe('By an operator, by its document, or by itself.'),
  type: Type,
  active: z.boolean(),
})

/** An application as it is made: the template decides what is left out. */
const NewClient = z.strictObject({
  id: Id.describe('The `client_id`.'),
  name: Name,
  template: Template,
  type: Type.optional(),
  auth: Auth.optional(),
  jwks: Jwks.optional(),
  jwks_uri: Uri.optional(),
  redirect_uris: Uris.optional(),
  post_logout_redirect_uris: Uris.optional(),
  grant_types: z.array(GrantType).max(3).optional(),
  servers: ScopesByServer.optional(),
  owner: z.string().max(256).optional().describe('Who answers for an agent.'),
  roles: z.array(Id).max(200).optional().describe('The roles of an agent.'),
})

const secret = z.string().optional().describe('Shown once: only its hash is kept.')

export const clientsOperations = [
  defineOperation({
    id: 'clients.list',
    method: 'GET',
    path: '/clients',
    scope: 'clients:read',
    summary:
      'List applications, in the order of their ids: those that were registered here and those that came by themselves.',
    query: z.strictObject({ q, registration: z.enum(['registered', 'cimd', 'dcr']).optional() }),
    response: ListedClient,
    paginated: true,
  }),
  defineOperation({
    id: 'clients.templates',
    method: 'GET',
    path: '/client-templates',
    scope: 'clients:read',
    summary: 'Read the kinds of applications, with what each starts with and may have.',
    response: z.array(
      z.object({
        name: Template,
        about: z.string(),
        types: z.array(Type),
        auths: z.array(Auth),
        grant_types: z.array(GrantType),
        needs_owner: z.boolean(),
      }),
    ),
  }),
  defineOperation({
    id: 'clients.check_redirect_uri',
    method: 'GET',
    path: '/redirect-uri',
    scope: 'clients:read',
    summary: 'Check whether an application may register a redirect URI, and say what to change when it may not.',
    query: z.strictObject({ uri: z.string().max(2048), type: Type }),
    response: z.object({ valid: z.boolean(), problem: z.string().nullable() }),
  }),
  defineOperation({
    id: 'clients.get',
    method: 'GET',
    path: '/clients/{id}',
    scope: 'clients:read',
    summary: 'Read an application that was registered here.',
    response: Client,
    etag: true,
  }),
  defineOperation({
    id: 'clients.create',
    method: 'POST',
    path: '/clients',
    scope: 'clients:write',
    sensitive: true,
    summary: 'Register an application from a template. A secret, if it has one, is in this answer and nowhere else.',
    body: NewClient,
    response: z.object({ client: Client, secret }),
    status: 201,
    shownOnce: ['secret'],
  }),
  defineOperation({
    id: 'clients.put',
    method: 'PUT',
    path: '/clients/{id}',
    scope: 'clients:write',
    sensitive: true,
    summary: 'Replace what is known about an application. When it may ask for less, its tokens are revoked.',
    body: ClientInput,
    response: Client,
    etag: true,
  }),
  defineOperation({
    id: 'clients.delete',
    method: 'DELETE',
    path: '/clients/{id}',
    scope: 'clients:write',
    sensitive: true,
    summary: 'Remove an application with everything that people granted to it.',
    etag: true,
  }),
  defineOperation({
    id: 'clients.suspend',
    method: 'POST',
    path: '/clients/{id}/suspend',
    scope: 'clients:write',
    summary: 'Stop an application: it gets no new token and its living ones are revoked.',
  }),
  defineOperation({
    id: 'clients.resume',
    method: 'POST',
    path: '/clients/{id}/resume',
    scope: 'clients:write',
    summary: 'Let a suspended application work again.',
  }),
  defineOperation({
    id: 'clients.renew_secret',
    method: 'POST',
    path: '/clients/{id}/secret',
    scope: 'clients:write',
    sensitive: true,
    summary: 'Give an application a new secret. It is in this answer and nowhere else; the old one stops at once.',
    response: z.object({ secret }),
    shownOnce: ['secret'],
  }),
  defineOperation({
    id: 'clients.authorize',
    method: 'PUT',
    path: '/clients/{id}/servers/{server}',
    scope: 'clients:write',
    sensitive: true,
    summary: 'Authorize an MCP server to an application, with the scopes that it may ask for.',
    body: z.strictObject({ scopes: z.union([z.literal('all'), ScopeList]) }),
  }),
  defineOperation({
    id: 'clients.unauthorize',
    method: 'DELETE',
    path: '/clients/{id}/servers/{server}',
    scope: 'clients:write',
    sensitive: true,
    summary: 'Take an MCP server from an application; its tokens are revoked.',
  }),
] as const
