import type { OAuthErrorCode } from '@permitry/oauth'
import type { Generated } from 'kysely'
import type { AuditCheckpointTable, AuditEventTable, AuditStreamTable } from './audit-schema.ts'

/**
 * The tables as Kysely sees them. Ids and hashes are text, times are milliseconds since the epoch, lists are JSON text.
 * Every key begins with the tenant. The life of each record is told in docs/reference/storage.md.
 */
export interface Database {
  tenants: TenantTable
  subjects: SubjectTable
  subject_words: SubjectWordTable
  groups: { tenant: string; id: string; name: string }
  group_members: { tenant: string; group_id: string; subject_id: string }
  roles: { tenant: string; id: string; name: string; description: string }
  role_scopes: { tenant: string; role_id: string; server_id: string; scope: string }
  subject_roles: { tenant: string; subject_id: string; role_id: string }
  group_roles: { tenant: string; group_id: string; role_id: string }
  servers: ServerTable
  server_names: { tenant: string; name_key: string; name: string; server_id: string }
  scopes: ScopeTable
  tools: { tenant: string; server_id: string; name: string; title: string; scopes: string }
  clients: ClientTable
  client_servers: { tenant: string; client_id: string; server_id: string; scopes: string }
  client_documents: ClientDocumentTable
  client_logos: {
    tenant: string
    client_id: string
    logo_uri: string
    digest: string | null
    png: string | null
    fetched_at: number
  }
  idempotency_keys: IdempotencyKeyTable
  setup_links: { tenant: string; hash: string; expires_at: number }
  spent_ids: { tenant: string; hash: string; expires_at: number }
  rate_counts: { tenant: string; key: string; window_start: number; count: number }
  authorization_requests: AuthorizationRequestTable
  sessions: SessionTable
  console_sessions: ConsoleSessionTable
  grants: GrantTable
  families: FamilyTable
  codes: CodeTable
  refresh_tokens: RefreshTokenTable
  revocations: RevocationTable
  signal_streams: SignalStreamTable
  signing_keys: SigningKeyTable
  login_failures: { tenant: string; key: string; failures: number; last_at: number }
  known_devices: { tenant: string; subject_id: string; device_hash: string; last_at: number }
  decisions: DecisionTable
  catalogue_items: CatalogueItemTable
  catalogue_changes: CatalogueChangeTable
  audit_streams: AuditStreamTable
  audit_events: AuditEventTable
  audit_persons: { tenant: string; id: string; salt: string }
  audit_personal: { tenant: string; stream: string; seq: number; person: string; fields: string }
  audit_checkpoints: AuditCheckpointTable
  declared: { tenant: string; kind: string; id: string }
  versions: { name: string; value: string }
}

/** `epoch` is raised by every revoking unit and read before the facts of a mint (design: epoch). */
interface TenantTable {
  id: string
  name: string
  epoch: number
  status: 'active' | 'suspended'
  created_at: number
}

/** `id` is `sub`: never reused. `username_key` is the case-folded user name. */
export interface SubjectTable {
  tenant: string
  id: string
  kind: 'person' | 'agent'
  username: string | null
  username_key: string | null
  name: string
  email: string | null
  password_hash: string | null
  /** The person who answers for an agent. */
  owner_id: Generated<string | null>
  status: 'active' | 'suspended'
  created_at: number
  updated_at: number
}

/** Under what a subject stands in lists (`order`) and is found (`search`): folded, in hexadecimal; subject-words.ts says why. */
export interface SubjectWordTable {
  tenant: string
  subject_id: string
  kind: SubjectTable['kind']
  used_for: 'order' | 'search'
  word: string
}

/** `claims` lists the optional claims (`roles`) that this server asked for; `dynamic_scopes` null means all. */
interface ServerTable {
  tenant: string
  id: string
  identifier: string
  name: string
  status: 'active' | 'suspended'
  claims: string
  access_token_seconds: number | null
  dynamic_scopes: string | null
  catalogue_version: number
}

interface ScopeTable {
  tenant: string
  server_id: string
  name: string
  title: string
  description: string
  risk: 'read' | 'write' | 'destructive'
  implies: string
  is_default: number
  position: number
}

/**
 * `metadata` is what the client said of itself, as it was registered or published; null for clients of an operator.
 * `scopes` is the most that a client which nobody registered will ask for; null leaves it to the MCP servers.
 * `management_hash` is of the RFC 7592 token, `shared_key` of the metadata that identical registrations share: one at most.
 */
export interface ClientTable {
  tenant: string
  id: string
  name: string
  registration: 'registered' | 'cimd' | 'dcr'
  application_type: 'web' | 'native'
  auth_method: 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'
  secret_hash: string | null
  jwks: string | null
  jwks_uri: string | null
  auth_signing_alg: string | null
  dpop_bound: Generated<number>
  client_uri: string | null
  logo_uri: string | null
  scopes: string | null
  metadata: string | null
  management_hash: string | null
  shared_key: string | null
  consented_at: number | null
  /** The MCP servers that it guards. */
  guards: Generated<string>
  redirect_uris: string
  post_logout_redirect_uris: string
  grant_types: string
  id_token_alg: 'RS256' | 'ES256' | 'EdDSA' | 'Ed25519'
  status: 'active' | 'suspended'
  created_at: number
  updated_at: number
}

/** The cache of a client ID metadata document; `fault` says why it stopped the client, null while it is good. */
interface ClientDocumentTable {
  tenant: string
  client_id: string
  checked_at: number
  fresh_until: number
  etag: string | null
  fault: string | null
}

/** `status` and `answer_sealed` are null while the request is under way. */
export interface IdempotencyKeyTable {
  tenant: string
  id: string
  request: string
  status: number | null
  answer_sealed: string | null
  expires_at: number
}

/** One authorization request on its way through login and consent; `parameters` is the parsed, frozen request. */
interface AuthorizationRequestTable {
  tenant: string
  id: string
  browser_hash: string
  client_id: string
  parameters: string
  created_at: number
  expires_at: number
  answered_at: number | null
  refusal: OAuthErrorCode | null
}

/** `id` may be shown and logged; the cookie carries a secret of which only the hash is here. */
export interface SessionTable {
  tenant: string
  id: string
  secret_hash: string
  subject_id: string
  auth_time: number
  acr: string
  amr: string
  created_at: number
  idle_expires_at: number
  absolute_expires_at: number
  ended_at: number | null
}

/** One browser's sign-in at the console, below a login session and a family; it lives no longer than either. */
export interface ConsoleSessionTable {
  tenant: string
  id: string
  secret_hash: string
  subject_id: string
  session_id: string
  family_id: string
  tokens_sealed: string
  tokens_expire_at: number
  scopes: string
  created_at: number
  absolute_expires_at: number
}

/** `server_id` is empty for a grant that has identity scopes only (audience: the issuer). */
export interface GrantTable {
  tenant: string
  id: string
  subject_id: string
  client_id: string
  server_id: string
  scopes: string
  identity_scopes: string
  redirect_uri: string
  client_fingerprint: string
  wording: string
  catalogue_version: number
  /** Which version of the catalogue was shown with each scope. */
  seen_versions: Generated<string>
  created_at: number
  updated_at: number
  ended_at: number | null
}

export interface FamilyTable {
  tenant: string
  id: string
  grant_id: string
  subject_id: string
  client_id: string
  server_id: string
  audience: string
  scopes: string
  identity_scopes: string
  session_id: string | null
  nonce: string | null
  auth_time: number
  acr: string
  amr: string
  bound_key: string | null
  created_at: number
  idle_expires_at: number
  absolute_expires_at: number
  ended_at: number | null
  ended_reason: string | null
}

interface CodeTable {
  tenant: string
  hash: string
  family_id: string
  client_id: string
  redirect_uri: string
  challenge: string
  resource: string
  created_at: number
  expires_at: number
  consumed_at: number | null
  bound_key: string | null
}

/** `successor_sealed` opens only with the presented predecessor and only for 30 seconds after `consumed_at`. */
interface RefreshTokenTable {
  tenant: string
  hash: string
  family_id: string
  created_at: number
  consumed_at: number | null
  consumed_for: string | null
  successor_sealed: string | null
}

/**
 * "For this subject, family or client refuse tokens below this epoch." One of the three is set, or none: for everybody. `servers`
 * lists the MCP servers that are told; null means all.
 */
interface RevocationTable {
  tenant: string
  id: string
  epoch: number
  subject_id: string | null
  family_id: string | null
  client_id: string | null
  servers: string | null
  ends_sessions: Generated<number>
  created_at: number
}

/**
 * What one guard process is told, and how far: everything up to (`after_epoch`, `after_id`), and the ids in `acked` beyond that.
 * `servers` are those that its credential guarded when the stream was made, `events` the types that it asked for.
 */
export interface SignalStreamTable {
  tenant: string
  id: string
  client_id: string
  servers: string
  description: string | null
  events: string
  after_epoch: number
  after_id: string
  acked: string
  verification_id: string | null
  verification_state: string | null
  created_at: number
  polled_at: number
}

/** Published from `created_at`, signs from `signs_from` until `retired_at`, which may lie ahead; keys/key-life.ts says the rest. */
export interface SigningKeyTable {
  tenant: string
  kid: string
  purpose: 'access' | 'id' | 'signals'
  alg: 'ES256' | 'EdDSA' | 'RS256'
  public_jwk: string
  private_sealed: string
  created_at: number
  signs_from: number
  retired_at: number | null
  revoked_at: number | null
}

/**
 * What a guard decided about one tool, prompt or resource. `subject_id` and `client_id` are null where the guard names somebody
 * whom we never gave a token for this server: what it said is then in `claimed`.
 */
export interface DecisionTable {
  tenant: string
  server_id: string
  id: string
  item_type: 'tool' | 'prompt' | 'resource'
  item_name: string
  /** By the clock of the guard, and no later than `received_at`. */
  at: number
  received_at: number
  outcome: string
  reasons: string
  action: string
  subject_id: string | null
  client_id: string | null
  family_id: string | null
  token_id: string
  object: string | null
  scopes: string | null
  arguments_hmac: string | null
  claimed: string | null
  guard_id: string
}

/** `scopes` null: found by connecting, and nobody said yet what it needs. `rule` is what a call depends on besides. */
export interface CatalogueItemTable {
  tenant: string
  server_id: string
  kind: 'tool' | 'prompt' | 'resource'
  name: string
  title: string | null
  description: string | null
  annotations: string
  scopes: string | null
  rule: string
  source: 'guard' | 'import'
}

/** What became different with a version of a server's catalogue; `before` null: it is new, `after` null: it is gone. */
export interface CatalogueChangeTable {
  tenant: string
  server_id: string
  version: number
  kind: 'tool' | 'prompt' | 'resource' | 'scope'
  name: string
  at: number
  source: 'apply' | 'guard' | 'import'
  before: string | null
  after: string | null
}
