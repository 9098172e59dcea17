import { checkIssuer, wellKnownUrls } from '@permitry/oauth'
import { about, type Finding } from './finding.ts'
import { checkHabits } from './check-habits.ts'
import { checkTransport } from './check-transport.ts'
import { type Answer, isAnswer, type Probe } from './probe.ts'
import { differsBySlash, jsonObject, textOf, textsOf } from './read-json.ts'

export interface IssuerWorld {
  readonly probe: Probe
  /** Whether it is our own server, which is to do everything right. */
  readonly own: boolean
  readonly now: number
  /** Whether an address that was found in a document may be asked. */
  readonly mayAsk: (url: string) => boolean
}

type Metadata = Readonly<Record<string, unknown>>

/** An origin that no server knows, as the page of a browser client has one. */
export const SOME_PAGE = 'https://inspector.example'

/** Everything about an authorization server that a client sees before anybody signs in. */
export async function checkAuthorizationServer(issuer: string, world: IssuerWorld): Promise<Finding[]> {
  const spelling = checkIssuer(issuer)
  const first =
    spelling === undefined
      ? about('issuer', issuer).ok('is written as clients compare it')
      : about('issuer', issuer).bad(world.own, spelling, 'change `issuer`, and every place that names it')
  const urls = wellKnownUrls(issuer)
  const places = [...new Set([urls.oauth, urls.openidInserted, urls.openidAppended])]
  const answers = await Promise.all(places.map((url) => world.probe(url, { headers: { origin: SOME_PAGE } })))
  const reached = answers.find(isAnswer)
  const transport = checkTransport(issuer, reached ?? answers[0] ?? { code: 'UNKNOWN', detail: '' }, world.now)
  if (!reached) return [first, ...transport]

  const read = places.map((url, index) => readPlace(issuer, url, answers[index]))
  const good = read.find(({ metadata }) => metadata !== undefined)
  // One place is enough for clients that try all three; ours are all to be there for those that try one.
  const isEnough = (finding: Finding): Finding =>
    !world.own && good && finding.status === 'fail' ? { ...finding, status: 'warn' } : finding
  return [
    first,
    ...transport,
    ...read.flatMap(({ findings }) => findings).map(isEnough),
    ...read.flatMap(({ answer, url }) => (answer?.status === 200 ? [checkCors(url, answer, world.own)] : [])),
    ...(good?.metadata ? checkContent(issuer, good.metadata) : []),
    ...(good?.metadata ? await checkKeys(good.metadata, world) : []),
    ...(good?.metadata ? checkHabits(issuer, good.metadata) : []),
  ]
}

interface Place {
  readonly url: string
  readonly answer: Answer | undefined
  readonly metadata: Metadata | undefined
  readonly findings: readonly Finding[]
}

/** RFC 8414 §3.3: the issuer in the document is, character by character, the one that led to it. */
function readPlace(issuer: string, url: string, probed: Awaited<ReturnType<Probe>> | undefined): Place {
  const check = about('metadata', url)
  const answer = probed !== undefined && isAnswer(probed) ? probed : undefined
  const bad = (seen: string, fix: string): Place => ({
    url,
    answer,
    metadata: undefined,
    findings: [check.fail(seen, fix)],
  })
  if (!answer) return bad('gives no answer', 'let the proxy pass /.well-known on unchanged')
  if (answer.status >= 300 && answer.status < 400)
    return bad(
      `redirects to ${answer.headers.get('location') ?? 'nowhere'}`,
      'clients do not follow it: let the proxy answer here, or make the issuer the address to which it leads',
    )
  if (answer.status !== 200)
    return bad(`answers ${answer.status}`, 'let the proxy pass /.well-known on unchanged, with the path behind it')
  const metadata = jsonObject(answer.body)
  if (!metadata) return bad('is not JSON', 'something else answers there: let the proxy pass /.well-known on unchanged')
  const found = textOf(metadata['issuer'])
  if (found === undefined) return bad('names no issuer', 'something else answers there')
  if (differsBySlash(found, issuer)) {
    const seen = `the document says \`${found}\`, and it was asked as \`${issuer}\``
    const fix =
      'write the issuer alike everywhere, without a slash at the end: clients compare it character by character'
    return { ...bad('', ''), findings: [about('slashes', url).fail(seen, fix)] }
  }
  if (found !== issuer)
    return bad(`says that its issuer is \`${found}\``, `another server answers here: look where \`${issuer}\` leads`)
  return { url, answer, metadata, findings: [check.ok('is there, with this issuer')] }
}

/** Clients in browsers read it from any origin. */
export function checkCors(url: string, { headers }: Answer, own: boolean): Finding {
  const allowed = headers.get('access-control-allow-origin')
  const check = about('cors', url)
  return allowed === '*' || allowed === SOME_PAGE
    ? check.ok('may be read by pages of any origin')
    : check.bad(
        own,
        allowed === null ? 'pages of other origins may not read it' : `only pages of \`${allowed}\` may read it`,
        'let the proxy pass Access-Control-Allow-Origin on: clients that run in browsers stop here',
      )
}

function checkContent(issuer: string, metadata: Metadata): Finding[] {
  const check = about('metadata content', issuer)
  const missing = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'].filter(
    (name) => textOf(metadata[name]) === undefined,
  )
  const findings: Finding[] = []
  if (missing.length > 0) findings.push(check.fail(`has no ${missing.join(', ')}`, 'publish them: clients need them'))
  if (!textsOf(metadata['code_challenge_methods_supported']).includes('S256'))
    findings.push(
      check.fail('does not name S256', 'publish `code_challenge_methods_supported`: MCP clients stop without it'),
    )
  if (metadata['authorization_response_iss_parameter_supported'] !== true)
    findings.push(
      check.warn(
        'promises no `iss` in its answers',
        'publish it (RFC 9207): without it ChatGPT takes another document, and mix-up is possible',
      ),
    )
  return findings.length > 0 ? findings : [check.ok('has what MCP clients ask for')]
}

async function checkKeys(metadata: Metadata, { probe, own, mayAsk }: IssuerWorld): Promise<Finding[]> {
  const url = textOf(metadata['jwks_uri'])
  if (url === undefined) return []
  const check = about('keys', url)
  const fix = 'MCP servers cannot check tokens without it: let the proxy pass it on, and let them reach it'
  if (!mayAsk(url)) return [check.fail('is no address that may be asked from here', fix)]
  const answer = await probe(url, { headers: { origin: SOME_PAGE } })
  if (!isAnswer(answer)) return [check.fail(`${answer.detail} (${answer.code})`, fix)]
  const keys = jsonObject(answer.body)?.['keys']
  if (answer.status !== 200 || !Array.isArray(keys))
    return [check.fail(answer.status === 200 ? 'is no set of keys' : `answers ${answer.status}`, fix)]
  if (keys.length === 0) return [check.fail('has no key', 'look into the log of the server: tokens cannot be signed')]
  const findings = [checkCacheable(url, answer), checkCors(url, answer, own)]
  const leaks = keys.some((key: unknown) => typeof key === 'object' && key !== null && ('d' in key || 'k' in key))
  return leaks
    ? [check.fail('publishes private keys', 'replace these keys at once, and publish their public half'), ...findings]
    : [check.ok(`has ${keys.length} keys`), ...findings]
}

function checkCacheable(url: string, { headers }: Answer): Finding {
  const cacheControl = headers.get('cache-control') ?? ''
  const check = about('key caching', url)
  const isKept = /max-age=[1-9]/.test(cacheControl) && !/no-store|no-cache|private/.test(cacheControl)
  return isKept
    ? check.ok(`may be kept (${cacheControl})`)
    : check.warn(
        `may not be kept (${cacheControl || 'no Cache-Control'})`,
        'let the proxy pass Cache-Control on: every MCP server asks more often than it need',
      )
}
