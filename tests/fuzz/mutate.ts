// Makes a wrong request of a right one: a few changes each, so that it comes past the first check now and then.
import type { Random } from './random.ts'
import type { Parameter, Sent } from './sent.ts'

/** Found again in an answer, it was not escaped. */
const MARKER = '"><fuzz-mark x=\''
/** Found again in the headers of an answer, it split them. */
export const HEADER_MARKER = 'x-fuzz-split'

const NAMES =
  'client_id client_secret client_assertion client_assertion_type redirect_uri response_type response_mode scope state nonce resource code code_challenge code_challenge_method code_verifier grant_type refresh_token token token_type_hint prompt max_age acr_values id_token_hint login_hint ui_locales request request_uri dpop_jkt authorization_details audience username password proof decision post_logout_redirect_uri __proto__ constructor'.split(
    ' ',
  )

const HEADERS =
  'authorization cookie origin referer host content-type accept sec-fetch-site sec-fetch-mode x-forwarded-for x-forwarded-proto x-forwarded-host forwarded dpop if-none-match content-encoding transfer-encoding range accept-language'.split(
    ' ',
  )

const ODD: readonly string[] = [
  '',
  ' ',
  '0',
  '-1',
  'null',
  'undefined',
  'true',
  '[]',
  '{"a":1}',
  '\0',
  '\r\n\r\n',
  `a\r\n${HEADER_MARKER}: 1`,
  MARKER,
  '%00',
  '%',
  '%zz',
  '../../etc/passwd',
  "' or 1=1 --",
  '${7*7}',
  '\u202Egnp.exe',
  'ﬀ',
  '\uD800',
  '😀'.repeat(40),
  'javascript:alert(1)',
  'data:text/html,x',
  'http://169.254.169.254/',
  'https://evil.example/callback',
  'http://localhost:9402/callback/../../evil',
  'http://localhost:9402@evil.example/callback',
  '//evil.example',
  '1e309',
  '9'.repeat(40),
  'a'.repeat(5_000),
  'eyJhbGciOiJub25lIn0.e30.',
  'Basic Og==',
  'Bearer ',
  'none',
  'S256',
  'plain',
  'code',
]

export function mutate(sent: Sent, random: Random, known: readonly string[]): Sent {
  let result = sent
  for (let changes = random.below(4); changes > 0; changes--) result = random.pick(CHANGES)(result, random, known)
  return result
}

type Change = (sent: Sent, random: Random, known: readonly string[]) => Sent

const CHANGES: readonly Change[] = [
  (sent, random, known) =>
    parameters(sent, random, (list) => replaceOne(list, random, (value) => other(value, random, known))),
  (sent, random, known) =>
    parameters(sent, random, (list) => replaceOne(list, random, (value) => other(value, random, known))),
  (sent, random) => parameters(sent, random, (list) => list.filter((_, i) => i !== random.below(list.length))),
  (sent, random, known) =>
    parameters(sent, random, (list) => [...list, [random.pick(NAMES), other('', random, known)] as const]),
  (sent, random) => parameters(sent, random, (list) => (list.length === 0 ? list : [...list, random.pick(list)])),
  (sent, random) => parameters(sent, random, (list) => list.toReversed()),
  (sent, random, known) => ({
    ...sent,
    headers: { ...sent.headers, [random.pick(HEADERS)]: headerValue(random, known) },
  }),
  (sent, random, known) => ({ ...sent, headers: bruisedCredentials(sent.headers, random, known) }),
  (sent, random) => ({
    ...sent,
    headers: Object.fromEntries(Object.entries(sent.headers).filter(() => random.chance(60))),
  }),
  (sent, random) => ({
    ...sent,
    method: random.pick(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'PROPFIND']),
  }),
  (sent, random) => ({ ...sent, path: path(sent.path, random) }),
  (sent) => ({ ...sent, query: Array.isArray(sent.body) ? sent.body : sent.query, body: sent.query }),
  (sent, random) => ({ ...sent, body: random.pick(ODD) }),
]

function parameters(sent: Sent, random: Random, change: (list: readonly Parameter[]) => readonly Parameter[]): Sent {
  const inBody = Array.isArray(sent.body) && (sent.query.length === 0 || random.chance(70))
  return inBody ? { ...sent, body: change(sent.body as readonly Parameter[]) } : { ...sent, query: change(sent.query) }
}

function replaceOne(
  list: readonly Parameter[],
  random: Random,
  change: (value: string) => string,
): readonly Parameter[] {
  const at = random.below(Math.max(1, list.length))
  return list.map(([name, value], i) => (i === at ? [name, change(value)] : [name, value]))
}

/** Another value: odd, one that is right elsewhere, or a bruised copy. */
function other(value: string, random: Random, known: readonly string[]): string {
  const kind = random.below(6)
  if (kind < 2) return random.pick(ODD)
  if (kind === 2 && known.length > 0) return random.pick(known)
  const at = random.below(value.length + 1)
  if (kind === 3) return value.slice(0, at) + random.pick(['', ' ', 'A', '.', '/', '%2e', MARKER]) + value.slice(at + 1)
  return kind === 4 ? value.slice(0, at) : random.pick([value.toUpperCase(), `${value} `, `${value}/`, value + value])
}

function headerValue(random: Random, known: readonly string[]): string {
  const value = random.chance(40) && known.length > 0 ? random.pick(known) : random.pick(ODD)
  // What no header can carry never reaches a server: the client library refuses it.
  return `${random.pick(['', 'Bearer ', 'Basic ', 'DPoP '])}${value.replaceAll(/[^\t\x20-\x7e]/g, '')}`
}

/** The right client with a secret that is almost right: what a guess looks like. */
function bruisedCredentials(headers: Sent['headers'], random: Random, known: readonly string[]): Sent['headers'] {
  const [, encoded] = /^Basic (.+)$/.exec(headers['authorization'] ?? '') ?? []
  if (encoded === undefined) return headers
  // An earlier change may have left something that is no base64: Buffer reads what it can, atob would throw.
  const [id = '', secret = ''] = Buffer.from(encoded, 'base64').toString('latin1').split(':')
  const guess = other(secret, random, known).replaceAll(/[^\x20-\x7e]/g, '')
  return { ...headers, authorization: `Basic ${btoa(`${id}:${guess}`)}` }
}

function path(path: string, random: Random): string {
  return random.pick([
    `/t/default${path}`,
    `/t/other${path}`,
    `/t/%2e%2e${path}`,
    `${path}/`,
    `${path}%00`,
    `/${path}`,
    path.toUpperCase(),
    `${path}/..;/token`,
    `${path}?a=b`.replace('?', '%3f'),
  ])
}
