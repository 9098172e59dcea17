import { isScopeToken } from '@permitry/oauth'
import { z } from 'zod'

/** One object that refuses unknown keys and says which ones it knows. */
function strict<Shape extends z.core.$ZodShape>(shape: Shape) {
  const known = Object.keys(shape).join(', ')
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? `known here are ${known}` : undefined),
  })
}

const Id = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'an id has 1 to 64 letters, digits, `.`, `_` or `-`, and begins with a letter or digit',
  )
const Name = z.string().trim().min(1, 'write a name').max(200, 'shorten it to 200 characters')
const Text = z.string().max(2000, 'shorten it to 2000 characters')
const Uri = z.string().min(1, 'write a URI').max(2048, 'shorten it to 2048 characters')
const ScopeName = z
  .string()
  .max(128, 'shorten it to 128 characters')
  .refine(isScopeToken, 'a scope has no spaces, quotes, backslashes or characters outside ASCII')
const ScopeList = z.array(ScopeName)
const AllOrScopes = z.union([z.literal('all'), ScopeList], 'write `all` or a list of scopes')

/** Scopes by MCP server. */
const ScopesByServer = z.record(Id, ScopeList)

const Scope = strict({
  name: ScopeName.describe('What tokens carry. Belongs to this MCP server.'),
  title: Name.describe('What the consent page says, in the words of the person who reads it.'),
  description: Text.default('').describe('One more sentence for the consent page.'),
  risk: z.enum(['read', 'write', 'destructive']).describe('The consent page marks what writes or destroys.'),
  implies: ScopeList.default([]).describe('Scopes of the same server that the holder of this one also has.'),
})

const Tool = strict({
  name: Name.describe('The name of the tool in MCP.'),
  title: Name.optional().describe('What the consent page calls it; its name when absent.'),
  scopes: ScopeList.describe('All scopes that one call needs.'),
})

const Server = strict({
  id: Id.describe('Names this server inside the file and in the database. Never change it.'),
  identifier: Uri.describe('The resource of RFC 8707, for example `mcp://vetassist`.'),
  name: Name.describe('What people read.'),
  urls: z
    .array(Uri)
    .default([])
    .describe('Further names of this resource; clients usually ask with the URL that they call.'),
  claims: z
    .array(z.enum(['roles']))
    .default([])
    .describe('What its tokens say beyond the standard claims.'),
  access_token_minutes: z
    .int('write a whole number of minutes')
    .min(1, 'write at least 1 minute')
    .max(60, 'write at most 60 minutes')
    .optional()
    .describe(
      'How long an access token of this server lives. Without it: 5 minutes with a refresh token, otherwise 60.',
    ),
  dynamic_client_scopes: AllOrScopes.default('all').describe('What clients that registered themselves may ask for.'),
  default_scopes: ScopeList.default([]).describe('What a request without `scope` asks for.'),
  scopes: z
    .array(Scope)
    .default([])
    .describe('What tokens for this server can carry, in the order in which consent shows it.'),
  tools: z
    .array(Tool)
    .default([])
    .describe('A copy of the tool rules, for consent texts. The MCP server enforces its own.'),
})

const Role = strict({
  id: Id.describe('Names the role in this file, in groups and users, and in commands. Never change it.'),
  name: Name.describe('What people read, for example `Pet Owner`.'),
  description: Text.default('').describe('For whom the role is meant.'),
  scopes: ScopesByServer.default({}).describe('The scopes that a holder may be granted, by MCP server.'),
})

const Group = strict({
  id: Id.describe('Names the group in this file and in commands. Never change it.'),
  name: Name.describe('What people read.'),
  roles: z.array(Id).default([]).describe('The roles that its members hold.'),
})

const User = strict({
  id: Id.describe('The subject of tokens. Never change it and never give it to somebody else.'),
  username: Name.describe('What the person types to sign in; letter case does not count.'),
  name: Name.describe('What pages and applications call the person.'),
  email: z
    .email('write an email address')
    .max(254)
    .optional()
    .describe('Given to applications that may ask for `email`.'),
  password: z.string().optional().describe('Only set when the user has no password yet; later changes are kept.'),
  password_hash: z.string().optional().describe('Argon2id in PHC form, in the place of `password`.'),
  roles: z.array(Id).default([]).describe('The roles that the person holds directly.'),
  groups: z.array(Id).default([]).describe('The groups that the person is in.'),
})

const Client = strict({
  id: Id.describe('The `client_id`. Never change it.'),
  name: Name.describe('What the consent page calls the application.'),
  template: z
    .enum(['mcp-client', 'web-app', 'native-app', 'agent', 'machine'])
    .optional()
    .describe('What kind of client it is: decides what is left out of `type`, `auth` and `grant_types`.'),
  type: z
    .enum(['web', 'native'])
    .optional()
    .describe('Native applications may use loopback and custom-scheme redirects. Without it and a template: `web`.'),
  auth: z
    .enum(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'])
    .optional()
    .describe('How it authenticates at the token endpoint. Needed without a template.'),
  secret: z.string().optional().describe('256 generated bits, best from `${file:…}`; only a hash is stored.'),
  jwks: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      'For `private_key_jwt`: its public keys, a JWK Set. RSA of 2048 bits or more, P-256, P-384, P-521 or Ed25519.',
    ),
  jwks_uri: Uri.optional().describe('For `private_key_jwt`, in the place of `jwks`: where it publishes its keys.'),
  redirect_uris: z
    .array(Uri)
    .default([])
    .describe('Where codes may be sent: compared as text; any port at a loopback address for native applications.'),
  post_logout_redirect_uris: z.array(Uri).default([]).describe('Where a browser may be sent after signing out.'),
  grant_types: z
    .array(z.enum(['authorization_code', 'refresh_token', 'client_credentials']))
    .optional()
    .describe(
      'With `refresh_token` it gets refresh tokens and access tokens of 5 minutes, with `client_credentials` it acts for itself. Without it and a template: `authorization_code` and `refresh_token`.',
    ),
  id_token_alg: z
    .enum(['RS256', 'ES256', 'EdDSA', 'Ed25519'])
    .default('RS256')
    .describe('How ID tokens for it are signed.'),
  dpop: z
    .enum(['optional', 'required'])
    .default('optional')
    .describe('With `required` every token for it is bound to a key that it proves to hold (RFC 9449).'),
  servers: z
    .record(Id, AllOrScopes)
    .default({})
    .describe('What it may ask for, by MCP server: `all` or a list of scopes.'),
  guards: z
    .array(Id)
    .default([])
    .describe(
      'The MCP servers that it guards: it is told about tokens for them (RFC 7662) and may use the guard API for them.',
    ),
  roles: z.array(Id).optional().describe('With `client_credentials`: the roles that it holds when it acts for itself.'),
  owner: Id.optional().describe(
    'With `client_credentials`: the user who answers for it. It stops when that person is suspended.',
  ),
})

const SigningKeys = strict({
  rotate_days: z
    .int('write a whole number of days')
    .min(1, 'write at least 1 day')
    .max(3650, 'write at most 3650 days')
    .default(90)
    .describe('How long a key signs before the next one takes over, which is published an hour before.'),
})

const HostPattern = z
  .string()
  .max(255, 'shorten it to 255 characters')
  .regex(
    /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
    'write a host in lower case without scheme, port or path, or `*.` and a host for all names below it',
  )

const DynamicClients = strict({
  documents: z
    .boolean()
    .default(true)
    .describe('Whether applications may be known by a client ID metadata document, whose URL is their `client_id`.'),
  registration: z.boolean().default(true).describe('Whether applications may register themselves.'),
  public: z
    .boolean()
    .default(true)
    .describe('Whether they may be public; with `false` only those come that authenticate when they ask for tokens.'),
  allowed_hosts: z
    .array(HostPattern)
    .default([])
    .describe('Hosts whose documents are taken, `*.example.com` for all names below one; every host when empty.'),
  blocked_hosts: z
    .array(HostPattern)
    .default([])
    .describe('Hosts whose documents are not taken, whatever else is allowed.'),
})

const Dpop = strict({
  nonces: z
    .enum(['bound_clients', 'always', 'never'])
    .default('bound_clients')
    .describe('Whose proofs need a fresh nonce: those of clients with `dpop: required`, all, or none.'),
})

/**
 * `permitry.yaml`, version 1. Shapes only: what the parts say about each other is checked in checks.ts.
 * The JSON Schema for editors is made from this (json-schema.ts).
 */
export const Config = strict({
  version: z.literal(1, 'write `version: 1`').describe('The version of this format.'),
  name: Name.optional().describe(
    'What people read where pages say who runs this, such as the name of the clinic; nothing is said without it.',
  ),
  issuer: Uri.describe('The address of the authorization server, as clients see it.'),
  trusted_proxies: z
    .array(z.string())
    .default([])
    .describe('Addresses or CIDR ranges whose `Forwarded` or `X-Forwarded-For` counts.'),
  signing_keys: SigningKeys.prefault({}).describe('The keys that sign tokens.'),
  dynamic_clients: DynamicClients.prefault({}).describe('Which applications may come that nobody registered.'),
  extra_ca_certificates: z
    .array(z.string())
    .default([])
    .describe(
      'Certificates in PEM that are trusted beside those of the system, for what clients publish; best from `${file:…}`.',
    ),
  dpop: Dpop.prefault({}).describe('Tokens that are bound to a key of the client.'),
  servers: z.array(Server).default([]).describe('The MCP servers that are protected.'),
  roles: z.array(Role).default([]).describe('What people may be granted.'),
  groups: z.array(Group).default([]).describe('People who hold roles together.'),
  users: z.array(User).default([]).describe('The people that this file makes; there may be others.'),
  clients: z.array(Client).default([]).describe('The applications that are registered by hand.'),
})

/** A configuration whose shape and cross-references are proved, with defaults filled in. */
export type Config = z.output<typeof Config>
export type ServerConfig = z.output<typeof Server>
export type UserConfig = z.output<typeof User>
export type ClientConfig = z.output<typeof Client>

/** The lists of a configuration, each with the shape of its entries. */
export const SECTIONS = { servers: Server, roles: Role, groups: Group, users: User, clients: Client } as const
