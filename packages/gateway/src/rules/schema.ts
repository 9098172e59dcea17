// The shape of rules.yaml: one object that refuses what it does not know. docs/reference/gateway.md is made from it.
import { z } from 'zod'

/** One object that refuses unknown keys and says which ones it knows. */
function strict<Shape extends z.core.$ZodShape>(shape: Shape) {
  const known = Object.keys(shape).join(', ')
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? `known here are ${known}` : undefined),
  })
}

const Text = z.string().min(1, 'write a text').max(2048, 'shorten it to 2048 characters')
const Scopes = z.array(Text)
const Value = z.union([z.string(), z.number(), z.boolean()], 'write a text, a number, true or false')
const Whole = z.int('write a whole number').min(0, 'write at least 0')
const AtLeastOne = z.int('write a whole number').min(1, 'write at least 1')

const Condition = strict({
  one_of: z.array(Value).min(1, 'list at least one value').optional().describe('The values that are allowed.'),
  matches: Text.optional().describe(
    'What the text must look like: `*` stands for any characters but `/`, `**` for any, `?` for one.',
  ),
  min: z.number().optional().describe('The least number.'),
  max: z.number().optional().describe('The greatest number.'),
  max_length: Whole.optional().describe('The most characters of a text, or members of a list.'),
  optional: z.boolean().default(false).describe('Whether a call without this argument is allowed.'),
})

const Conditions = z.record(
  z
    .string()
    .regex(/^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*$/, 'write the name of an argument, such as `folder` or `page.size`'),
  Condition,
)

const Rule = strict({
  scopes: Scopes.describe('All scopes that one call needs; `[]` for everybody with a token.'),
  arguments: Conditions.default({}).describe(
    'What each argument must be, by its name; `page.size` looks inside of `page`.',
  ),
  otherwise: Text.optional().describe('What a model is told when the arguments do not fit, in a sentence.'),
  when_never: z
    .enum(['hide', 'explain'])
    .default('hide')
    .describe('For people whose roles never grant the scopes: `hide`, or list it and `explain` a call.'),
  acr: z.array(Text).optional().describe('Authentication contexts of which the login needs one.'),
  max_age: Whole.optional().describe('The greatest age of the login, in seconds.'),
})

const Rules = z.record(z.string().min(1).max(2048), Rule)

const Limits = strict({
  body_bytes: AtLeastOne.default(4 * 1024 * 1024).describe('The largest request.'),
  response_bytes: AtLeastOne.default(16 * 1024 * 1024).describe('The largest answer in JSON, or event of a list.'),
  answer_seconds: AtLeastOne.max(86_400).default(60).describe('How long the MCP server may take to begin an answer.'),
  idle_seconds: AtLeastOne.max(86_400)
    .default(300)
    .describe('How long an answer that has begun may stand still, streams included.'),
  concurrency: AtLeastOne.default(256).describe('Requests and streams at the same time.'),
  concurrency_per_person: AtLeastOne.default(32).describe('The same for each person, so that nobody takes all places.'),
})

const Header = strict({
  name: z
    .string()
    .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'write the name of a header')
    .describe('The name of the header, such as `Authorization`.'),
  value: z
    .string()
    .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, 'a value has visible ASCII characters, without a line break')
    .describe('Its value: write `${file:…}` where the secret is.'),
})

const ClientCredentials = strict({
  token_endpoint: Text.describe('Where the authorization server of the MCP server gives tokens.'),
  client_id: Text.describe('The client that this gateway is there.'),
  client_secret: Text.describe('Its secret: write `${file:…}`.'),
  auth: z
    .enum(['client_secret_basic', 'client_secret_post'])
    .default('client_secret_basic')
    .describe('How the secret is sent.'),
  scopes: Scopes.default([]).describe('What the token shall be good for.'),
  resource: Text.optional().describe('For which MCP server it is, RFC 8707.'),
})

const Credential = strict({
  header: Header.optional().describe('A secret that stays the same.'),
  client_credentials: ClientCredentials.optional().describe('A token for this gateway, fetched when it is needed.'),
})

/** One MCP server. */
export const Upstream = strict({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'an id has letters, digits, `.`, `_` or `-`')
    .describe('Names the MCP server in logs.'),
  url: Text.optional().describe('Where the MCP server is; `--upstream` says it for a file with one.'),
  resource: Text.describe(
    'The URL at which clients reach it through this gateway; its path tells the MCP servers apart.',
  ),
  names: z.array(Text).default([]).describe('Other audiences that mean it, such as `mcp://docs`.'),
  default_scopes: Scopes.describe('What a client asks for first.'),
  scopes: z
    .record(Text, strict({ implies: Scopes.describe('The scopes that its holder also has.') }))
    .default({})
    .describe('Which scopes carry others along.'),
  origins: z
    .union([z.literal('*'), z.array(Text)], 'write `"*"` or a list of origins')
    .default([])
    .describe('Web origins whose pages may call.'),
  tools: Rules.default({}).describe('By name. What is not named is refused and not listed.'),
  prompts: Rules.default({}).describe('By name.'),
  resources: Rules.default({}).describe('By URI or URI template; conditions find its variables among the arguments.'),
  tasks: z.boolean().default(false).describe('The MCP server has tasks; each belongs to the person that started it.'),
  guard_credential: z
    .string()
    .optional()
    .describe(
      'What `permitry server credential` wrote: `${file:docs.credential.json}`. With it revocations count within a second, and decisions reach the audit.',
    ),
  on_signal_loss: z
    .enum(['allow', 'deny'])
    .default('allow')
    .describe(
      'Whether tokens count until they expire when nothing is heard of the authorization server, or not at all.',
    ),
  input_schemas: z
    .enum(['upstream', 'none'])
    .default('upstream')
    .describe('Whether arguments are checked here by the schemas that the MCP server itself lists.'),
  credential: Credential.default({}).describe('What the MCP server is shown; nothing of the caller.'),
  limits: Limits.prefault({}).describe('What one MCP server may use up.'),
})

/** The whole file. */
export const GatewayRules = strict({
  version: z.literal(1).describe('The version of this format.'),
  issuer: Text.describe('The authorization server whose tokens are accepted, as its metadata writes it.'),
  upstreams: z.array(Upstream).min(1, 'name at least one MCP server').describe('The MCP servers behind this gateway.'),
})

export type GatewayRules = z.output<typeof GatewayRules>
export type UpstreamRules = z.output<typeof Upstream>
export type ItemRules = UpstreamRules['tools'][string]
export type ArgumentCondition = z.output<typeof Condition>
