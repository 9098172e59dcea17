// One sentence for each message that a conversation can send, with the section that it comes from.

/** What is told about a message, by @permitry/client or by the sign-in. */
export interface Explained {
  at: number
  kind: 'oauth' | 'mcp'
  direction: 'out' | 'in'
  summary: string
  method: string
  url: string
  status: number | undefined
  headers: Readonly<Record<string, string>>
  body: unknown
}

export interface Explanation {
  explanation: string
  section: { label: string; url: string }
}

const rfc = (number: number, section: string): Explanation['section'] => ({
  label: `RFC ${number} §${section}`,
  url: `https://www.rfc-editor.org/rfc/rfc${number}#section-${section}`,
})
const MCP = 'https://modelcontextprotocol.io/specification/2026-07-28'
const mcp = (label: string, path: string): Explanation['section'] => ({ label: `MCP, ${label}`, url: `${MCP}/${path}` })
const oidc = (label: string, page: string): Explanation['section'] => ({
  label: `OpenID Connect, ${label}`,
  url: `https://openid.net/specs/${page}`,
})

/** What a message is; the first row that fits explains it. */
type Row = [fits: (message: Facts) => boolean, explanation: string, section: Explanation['section']]

interface Facts {
  oauth: boolean
  out: boolean
  path: string
  query: URLSearchParams
  status: number
  field: (name: string) => string | undefined
  challenge: string
  /** What a call that was not done answers. */
  error: string
}

const OF_THE_PERSON = ['openid', 'profile', 'email']
const isForTheClinic = (m: Facts) =>
  m
    .field('scope')
    ?.split(' ')
    .some((scope) => !OF_THE_PERSON.includes(scope))
const endsWith = (path: string) => (m: Facts) => m.oauth && m.path.includes(path)
const rpc =
  (...methods: string[]) =>
  (m: Facts) =>
    !m.oauth && m.out && methods.includes(m.field('method') ?? '')

const ROWS: readonly Row[] = [
  [
    (m) => endsWith('/.well-known/oauth-protected-resource')(m) && m.out,
    'The app asks the clinic’s server which authorization server guards it.',
    rfc(9728, '3.1'),
  ],
  [
    endsWith('/.well-known/oauth-protected-resource'),
    'The clinic’s server names its authorization server and the scopes that exist; the app checks that the answer is about the address it asked for.',
    rfc(9728, '3.3'),
  ],
  [
    (m) => endsWith('/.well-known/')(m) && m.out,
    'The app asks the authorization server what it can do and where its endpoints are.',
    rfc(8414, '3.1'),
  ],
  [
    endsWith('/.well-known/'),
    'The endpoints, and proof that this is the issuer that was asked: both names must be the same.',
    rfc(8414, '3.3'),
  ],
  [
    (m) => endsWith('/jwks')(m) && m.out,
    'The app fetches the keys with which the authorization server signs.',
    rfc(7517, '5'),
  ],
  [endsWith('/jwks'), 'Public keys: they check signatures and cannot make any.', rfc(7517, '5')],
  [
    (m) => m.oauth && m.out && m.path.endsWith('/authorize') && m.query.has('resource'),
    'Your browser goes to the authorization server. It carries what the app asks for (scope), at which server (resource), and the hash of a secret that only the app knows (code_challenge).',
    rfc(7636, '4.3'),
  ],
  [
    (m) => m.oauth && m.out && m.path.endsWith('/authorize'),
    'Your browser goes to the authorization server to sign in. `openid` asks who you are, and for nothing at the clinic.',
    oidc('Core §3.1.2.1', 'openid-connect-core-1_0.html#AuthRequest'),
  ],
  [
    (m) => m.oauth && !m.out && m.status === 0 && m.query.has('error'),
    'Your browser comes back without permission; the app gets a reason and nothing else.',
    rfc(6749, '4.1.2.1'),
  ],
  [
    (m) => m.oauth && !m.out && m.status === 0,
    'Your browser brings a code that works once and for a minute. `iss` says who made it, so that a code of another server is not taken for it.',
    rfc(9207, '2'),
  ],
  [
    (m) => m.oauth && m.out && m.field('grant_type') === 'authorization_code',
    'The app changes the code into tokens, from server to server: with its own secret, and with the secret behind the hash (code_verifier).',
    rfc(7636, '4.5'),
  ],
  [
    (m) => m.oauth && m.out && m.field('grant_type') === 'refresh_token',
    'The access token is at its end. The app gets a new one without troubling you; what you allowed is read again for it.',
    rfc(6749, '6'),
  ],
  [
    (m) => endsWith('/token')(m) && !m.out && m.status >= 400,
    'The authorization server gives no token: the permission ended, was withdrawn, or the code was used before.',
    rfc(6749, '5.2'),
  ],
  [
    (m) => endsWith('/token')(m) && !m.out && m.field('id_token') !== undefined && !isForTheClinic(m),
    'The ID token says who you are. The app checks its signature, its audience and the number (nonce) that it sent along.',
    oidc('Core §3.1.3.7', 'openid-connect-core-1_0.html#IDTokenValidation'),
  ],
  [
    (m) => endsWith('/token')(m) && !m.out && m.field('id_token') !== undefined,
    'The tokens. `scope` says what was given, which may be less than was asked for. The ID token beside them says who gave it: were it somebody else than you, the app would give all of them back.',
    oidc('Core §3.1.3.3', 'openid-connect-core-1_0.html#TokenResponse'),
  ],
  [
    (m) => endsWith('/token')(m) && !m.out,
    'The tokens. `scope` says what was given, which may be less than was asked for; they stay on the app’s server.',
    rfc(6749, '5.1'),
  ],
  [endsWith('/revoke'), 'The app gives its tokens back, so that they are worth nothing.', rfc(7009, '2.1')],
  [
    (m) => !m.oauth && m.status === 401,
    'The clinic’s server wants an access token, and says where to find out who gives them (resource_metadata).',
    rfc(9728, '5.1'),
  ],
  [
    (m) => !m.oauth && m.status === 403 && m.challenge.includes('insufficient_scope'),
    'The token is good and not enough: the answer names the scopes that this call needs, and the app asks you before it asks for them.',
    rfc(6750, '3.1'),
  ],
  [
    (m) => !m.oauth && !m.out && /^(Refused: )?not found, or not yours/.test(m.error),
    'The permission is enough, and what was asked for does not exist or belongs to somebody else. The clinic’s server does not tell which: a guess must not find out whose pets there are.',
    mcp('Tool errors', 'server/tools#error-handling'),
  ],
  [
    (m) => !m.oauth && !m.out && m.error.startsWith('Not permitted: '),
    'The role of this person does not have what the tool needs, so no permission page could give it. The server says so in words, and asks for no other token.',
    mcp('Tool errors', 'server/tools#error-handling'),
  ],
  [
    (m) => !m.oauth && !m.out && m.error !== '',
    'The tool was not run, or did not get to its end: the answer says why, in words for the assistant.',
    mcp('Tool errors', 'server/tools#error-handling'),
  ],
  [
    rpc('initialize', 'server/discover'),
    'The app and the clinic’s server tell each other what they are and which revision they speak.',
    mcp('Versioning', 'basic/versioning'),
  ],
  [
    rpc('tools/list'),
    'Which tools are there? The answer holds those that you could use, and is yours alone.',
    mcp('Listing tools', 'server/tools#listing-tools'),
  ],
  [
    rpc('tools/call'),
    'The app calls a tool with these arguments. The access token goes along, and the server decides on both.',
    mcp('Calling tools', 'server/tools#calling-tools'),
  ],
  [
    (m) => !m.oauth && m.out,
    'A message to the clinic’s server, with the access token for it.',
    mcp('Streamable HTTP', 'basic/transports/streamable-http'),
  ],
  [(m) => !m.oauth, 'The answer of the clinic’s server.', mcp('Messages', 'basic')],
]

/** Explains any message; what no row knows is still a message of OAuth. */
export function explain(message: Explained): Explanation {
  const facts = factsOf(message)
  const [, explanation, section] = ROWS.find(([fits]) => fits(facts)) ?? [
    undefined,
    'A message between the app and the authorization server.',
    rfc(6749, '1.2'),
  ]
  return { explanation, section }
}

function factsOf({ kind, direction, url, status, headers, body }: Explained): Facts {
  const { pathname, searchParams } = new URL(url)
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  return {
    oauth: kind === 'oauth',
    out: direction === 'out',
    path: pathname,
    query: searchParams,
    status: status ?? 0,
    field: (name) => (typeof fields[name] === 'string' ? fields[name] : undefined),
    challenge: headers['www-authenticate'] ?? '',
    error: errorOf(fields['result']),
  }
}

function errorOf(result: unknown): string {
  const { isError, content } = (typeof result === 'object' && result !== null ? result : {}) as Record<string, unknown>
  if (isError !== true) return ''
  const [first] = (Array.isArray(content) ? content : []) as ({ text?: unknown } | null)[]
  return typeof first?.text === 'string' ? first.text : 'without words'
}
