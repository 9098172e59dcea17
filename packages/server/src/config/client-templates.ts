import type { ClientConfig } from './schema.ts'

type Type = NonNullable<ClientConfig['type']>
type Auth = NonNullable<ClientConfig['auth']>
type GrantType = NonNullable<ClientConfig['grant_types']>[number]

/** What a kind of application starts with: the first of each list, which an operator may replace by another one of it. */
interface ClientTemplate {
  /** For whom it is, in the words of `permitry client add --help`. */
  readonly about: string
  readonly types: readonly [Type, ...Type[]]
  readonly auths: readonly [Auth, ...Auth[]]
  readonly grantTypes: readonly GrantType[]
  /** What may be registered beside or in the place of `grantTypes`. */
  readonly otherGrantTypes: readonly GrantType[]
  readonly needsOwner: boolean
}

const FOR_PEOPLE: readonly GrantType[] = ['authorization_code', 'refresh_token']
const PROVABLE: readonly [Auth, ...Auth[]] = ['client_secret_basic', 'client_secret_post', 'private_key_jwt']

/** The kinds of clients that operators register. */
export const CLIENT_TEMPLATES = {
  'mcp-client': {
    about: 'an MCP client on the machines of its users, or one on the web that keeps no secret',
    types: ['native', 'web'],
    auths: ['none', 'private_key_jwt'],
    grantTypes: FOR_PEOPLE,
    otherGrantTypes: [],
    needsOwner: false,
  },
  'web-app': {
    about: 'an application on a server of its own, which can keep a secret',
    types: ['web'],
    auths: PROVABLE,
    grantTypes: FOR_PEOPLE,
    otherGrantTypes: [],
    needsOwner: false,
  },
  'native-app': {
    about: 'an application that people install, in which no secret stays one',
    types: ['native'],
    auths: ['none'],
    grantTypes: FOR_PEOPLE,
    otherGrantTypes: [],
    needsOwner: false,
  },
  agent: {
    about: 'a program that acts for itself, with roles of its own and a person who answers for it',
    types: ['web'],
    auths: ['private_key_jwt', 'client_secret_basic', 'client_secret_post'],
    grantTypes: ['client_credentials'],
    otherGrantTypes: FOR_PEOPLE,
    needsOwner: true,
  },
  machine: {
    about: 'a service without people: a job, or the guard of an MCP server',
    types: ['web'],
    auths: PROVABLE,
    grantTypes: ['client_credentials'],
    otherGrantTypes: [],
    needsOwner: false,
  },
} as const satisfies Readonly<Record<string, ClientTemplate>>

export type ClientTemplateName = keyof typeof CLIENT_TEMPLATES

/** A client with everything decided that a template or the format leaves open. */
export type ResolvedClient = Omit<ClientConfig, 'type' | 'auth' | 'grant_types'> & {
  readonly type: Type
  /** Undefined when neither the operator nor a template said it: a fault. */
  readonly auth: Auth | undefined
  readonly grant_types: readonly GrantType[]
}

/** Fills in what the operator left to the template. */
export function resolveClient(client: ClientConfig): ResolvedClient {
  const template: ClientTemplate | undefined = client.template && CLIENT_TEMPLATES[client.template]
  return {
    ...client,
    type: client.type ?? template?.types[0] ?? 'web',
    auth: client.auth ?? template?.auths[0],
    grant_types: client.grant_types ?? template?.grantTypes ?? FOR_PEOPLE,
  }
}

/** One wrong combination, at the value that should change; `id` where something is missing. */
export interface ClientFault {
  readonly key: keyof ClientConfig
  /** The key should not be there at all. */
  readonly at?: 'key'
  readonly message: string
}

/** What a client says that its template does not allow. */
export function* checkTemplate(client: ResolvedClient): Iterable<ClientFault> {
  const { template: name, type, auth, grant_types: grantTypes } = client
  if (name === undefined) return
  const template: ClientTemplate = CLIENT_TEMPLATES[name]
  const choose = (key: string, value: string, allowed: readonly string[]) =>
    `a client of the template \`${name}\` cannot have \`${key}: ${value}\`: use ${allowed.join(' or ')}, or another template`
  if (!template.types.includes(type)) yield { key: 'type', message: choose('type', type, template.types) }
  if (auth !== undefined && !template.auths.includes(auth))
    yield { key: 'auth', message: choose('auth', auth, template.auths) }
  const allowed = [...template.grantTypes, ...template.otherGrantTypes]
  const foreign = grantTypes.find((grantType) => !allowed.includes(grantType))
  if (foreign !== undefined) yield { key: 'grant_types', message: choose('grant_types', foreign, allowed) }
  if (template.needsOwner && client.owner === undefined)
    yield {
      key: 'id',
      message: `a client of the template \`${name}\` needs an \`owner\`: name the person who answers for it`,
    }
}
