import type { ClientDefinition } from '../store/repositories/client-definitions.ts'
import type { Role } from '../store/repositories/roles.ts'
import type { ScopeDefinition, ServerDefinition } from '../store/repositories/server-definitions.ts'
import {
  ADMIN_HIERARCHY,
  ADMIN_IDENTIFIER,
  ADMIN_SCOPES,
  ADMIN_SERVER,
  type AdminScope,
  CONSOLE_CLIENT,
  OWNER_ROLE,
} from './admin-api.ts'

/** What consent pages say of the scopes. */
const TEXTS: Readonly<Record<AdminScope, readonly [title: string, description: string]>> = {
  'servers:read': ['See MCP servers', 'Their scopes, their tools and what changed about them.'],
  'servers:write': ['Change MCP servers', 'Register and remove them, define scopes and map tools to scopes.'],
  'roles:read': ['See roles and groups', 'What they hold and who holds them.'],
  'roles:write': ['Change roles and groups', 'Decide who may do what at the MCP servers.'],
  'people:read': ['See people and agents', 'Names, addresses, roles and what each of them can do.'],
  'people:write': ['Change people and agents', 'Add and erase them, keep them out, set passwords.'],
  'clients:read': ['See applications', 'Those that were registered here, and those that registered themselves.'],
  'clients:write': ['Change applications', 'Register and stop them, and decide which MCP servers they may ask for.'],
  'grants:read': ['See consents and sessions', 'Who allowed what to which application, and who is signed in.'],
  'grants:write': ['End consents and sessions', 'Take back what people allowed, and sign them out.'],
  'audit:read': ['Read the audit', 'What was changed, allowed and refused, and why.'],
  'system:read': ['See keys, settings and health', 'Nothing of it is secret.'],
  'system:write': ['Change keys and settings', 'Rotate and revoke signing keys, name the organisation.'],
}

function toScope(name: AdminScope): ScopeDefinition {
  const [title, description] = TEXTS[name]
  const risk = name.endsWith(':write') ? 'write' : 'read'
  return { name, title, description, risk, implies: ADMIN_HIERARCHY[name] ?? [], isDefault: false }
}

/** No default scopes and none for dynamic clients: the admin API is only for whoever names it and was authorized for it. */
export const ADMIN_API: ServerDefinition = {
  id: ADMIN_SERVER,
  identifier: ADMIN_IDENTIFIER,
  name: 'Permitry administration',
  urls: [],
  claims: [],
  accessTokenSeconds: null,
  dynamicClientScopes: [],
  scopes: ADMIN_SCOPES.map(toScope),
  tools: [],
}

const READS = ADMIN_SCOPES.filter((scope) => scope.endsWith(':read'))

export const ADMIN_ROLES: readonly Role[] = [
  role(OWNER_ROLE, 'Owner', 'May do everything here, and make others owners.', ADMIN_SCOPES),
  role(
    'permitry-security',
    'Security administrator',
    'Decides on MCP servers, roles, applications and consents; does not set passwords, keys or settings.',
    ADMIN_SCOPES.filter((scope) => scope !== 'people:write' && scope !== 'system:write'),
  ),
  role('permitry-support', 'Support', 'Helps people: accounts, passwords, consents and sessions.', [
    'people:write',
    'people:read',
    'grants:write',
    'grants:read',
    'roles:read',
    'clients:read',
    'servers:read',
    'audit:read',
  ]),
  role('permitry-auditor', 'Auditor', 'Sees everything and changes nothing.', READS),
]

function role(id: string, name: string, description: string, scopes: readonly AdminScope[]): Role {
  return { id, name, description, scopes: { [ADMIN_SERVER]: scopes } }
}

/** The console's backend, which holds its tokens (design decision 9): an ordinary confidential client of the one issuer. */
export function consoleClient(issuer: string, secretHash: string): ClientDefinition {
  return {
    id: CONSOLE_CLIENT,
    name: 'Permitry console',
    applicationType: 'web',
    authMethod: 'client_secret_basic',
    secretHash,
    jwks: null,
    jwksUri: null,
    redirectUris: [`${issuer}/console/callback`],
    postLogoutRedirectUris: [`${issuer}/console`],
    grantTypes: ['authorization_code', 'refresh_token'],
    idTokenAlg: 'RS256',
    dpopBound: false,
    servers: { [ADMIN_SERVER]: 'all' },
    guards: [],
    agent: null,
  }
}
