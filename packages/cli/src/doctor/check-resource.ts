import { parseChallenges, protectedResourceMetadataUrls } from '@permitry/oauth'
import { about, type Finding } from './finding.ts'
import { checkCors, SOME_PAGE } from './check-issuer.ts'
import { checkTransport } from './check-transport.ts'
import { type Answer, isAnswer, type Probe } from './probe.ts'
import { differsBySlash, jsonObject, textOf, textsOf } from './read-json.ts'

export interface ResourceWorld {
  readonly probe: Probe
  readonly now: number
  /** The issuer that protects it; undefined for a server of others. */
  readonly issuer: string | undefined
  readonly mayAsk: (url: string) => boolean
}

export interface CheckedResource {
  readonly findings: readonly Finding[]
  /** The authorization servers that it names. */
  readonly authorizationServers: readonly string[]
}

/** Everything about a protected MCP server that a client sees without a token (RFC 9728). */
export async function checkResource(url: string, world: ResourceWorld): Promise<CheckedResource> {
  const { probe, now } = world
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const asked = await probe(url, { method: 'POST', headers, body })
  const transport = checkTransport(url, asked, now)
  if (!isAnswer(asked)) return { findings: transport, authorizationServers: [] }

  const { finding: challenge, named } = checkChallenge(url, asked)
  const { path, root } = protectedResourceMetadataUrls(url)
  const linked = named !== undefined && world.mayAsk(named) ? named : undefined
  const places = [...new Set([...(linked === undefined ? [] : [linked]), path, root])]
  const answers = await Promise.all(places.map((place) => probe(place, { headers: { origin: SOME_PAGE } })))
  const read = places.map((place, index) => readPlace(url, place, answers[index]))
  const good = read.filter(({ metadata }) => metadata !== undefined)
  const servers = textsOf(good[0]?.metadata?.['authorization_servers'])
  return {
    authorizationServers: servers,
    findings: [
      ...transport,
      challenge,
      ...read.map(({ finding, place }) => weigh(finding, place, { path, root, linked, found: good.length > 0 })),
      ...checkEqual(url, good),
      ...good.map(({ place, answer }) => checkCors(place, answer, world.issuer !== undefined)),
      ...(good[0] ? [checkServers(url, servers, world.issuer), ...checkScopes(url, good[0].metadata)] : []),
    ],
  }
}

function checkChallenge(url: string, { status, headers }: Answer): { finding: Finding; named: string | undefined } {
  const check = about('challenge', url)
  const fix = 'put the guard in front of it: clients begin to sign in when they read 401 with WWW-Authenticate'
  if (status !== 401) {
    const seen =
      status >= 200 && status < 300 ? 'answers without a token' : `answers ${status} to a request without a token`
    return { finding: check.fail(seen, fix), named: undefined }
  }
  const challenges = parseChallenges(headers.get('www-authenticate') ?? '')
  const bearer = challenges.ok
    ? challenges.value.find(({ scheme }) => scheme === 'bearer' || scheme === 'dpop')
    : undefined
  if (!bearer) return { finding: check.fail('answers 401 without a Bearer challenge', fix), named: undefined }
  const named = bearer.parameters.get('resource_metadata')
  if (named === undefined)
    return {
      finding: check.warn(
        'the challenge does not name the metadata',
        'send `resource_metadata` in it: Claude Code and others do not look elsewhere',
      ),
      named,
    }
  return { finding: check.ok(`401, and the metadata at ${named}`), named }
}

interface Place {
  readonly place: string
  readonly finding: Finding
  readonly answer: Answer
  readonly metadata: Readonly<Record<string, unknown>> | undefined
}

/** RFC 9728 §3.3: `resource` is, byte for byte, the address that the client calls. */
function readPlace(url: string, place: string, probed: Awaited<ReturnType<Probe>> | undefined): Place {
  const check = about('resource metadata', place)
  const answer: Answer =
    probed !== undefined && isAnswer(probed)
      ? probed
      : { status: 0, headers: new Headers(), body: '', certificateEndsAt: undefined, sentAt: 0, receivedAt: 0 }
  const bad = (finding: Finding): Place => ({ place, finding, answer, metadata: undefined })
  if (answer.status >= 300 && answer.status < 400)
    return bad(
      check.fail(
        `redirects to ${answer.headers.get('location') ?? 'nowhere'}`,
        'let it answer here: clients do not follow',
      ),
    )
  if (answer.status !== 200)
    return bad(
      check.fail(
        answer.status === 0 ? 'gives no answer' : `answers ${answer.status}`,
        'let the proxy pass /.well-known on to the MCP server',
      ),
    )
  const metadata = jsonObject(answer.body)
  const resource = textOf(metadata?.['resource'])
  if (!metadata || resource === undefined)
    return bad(check.fail('is no metadata of a resource', 'something else answers there'))
  if (differsBySlash(resource, url))
    return bad(
      about('slashes', place).fail(
        `\`resource\` is \`${resource}\`, and clients call \`${url}\``,
        'write both alike: clients compare them byte for byte',
      ),
    )
  if (resource !== url)
    return bad(
      check.fail(
        `\`resource\` is \`${resource}\` and not \`${url}\``,
        'let the guard’s `resource` be the address that clients call, and give people that address',
      ),
    )
  return { place, finding: check.ok('is there, for this address'), answer, metadata }
}

interface Weights {
  readonly path: string
  readonly root: string
  readonly linked: string | undefined
  readonly found: boolean
}

/** Without the place at the root, or without the one at the path when the challenge links another, most clients still find it. */
function weigh(finding: Finding, place: string, { path, root, linked, found }: Weights): Finding {
  const isSpare = place === root ? root !== path : place === path && linked !== undefined && linked !== path
  return finding.status === 'fail' && finding.check === 'resource metadata' && isSpare && found
    ? { ...finding, status: 'warn' }
    : finding
}

function checkEqual(url: string, places: readonly Place[]): Finding[] {
  if (places.length < 2) return []
  const check = about('resource metadata equality', url)
  return new Set(places.map(({ answer }) => answer.body)).size === 1
    ? [check.ok('is the same byte for byte at every place')]
    : [
        check.fail(
          'differs from place to place',
          'let one server answer all of them: what a client gets depends on where it looks',
        ),
      ]
}

function checkServers(url: string, servers: readonly string[], issuer: string | undefined): Finding {
  const check = about('authorization servers', url)
  if (servers.length === 0) return check.fail('names none', 'publish `authorization_servers`')
  const seen = servers.map((server) => `\`${server}\``).join(', ')
  if (issuer === undefined || servers.includes(issuer)) return check.ok(`names ${seen}`)
  const near = servers.find((server) => differsBySlash(server, issuer))
  return near === undefined
    ? check.fail(`names ${seen} and not \`${issuer}\``, `let the guard’s \`issuer\` be \`${issuer}\``)
    : about('slashes', url).fail(
        `names \`${near}\`, and the issuer is \`${issuer}\``,
        'write both alike: clients compare them character by character',
      )
}

function checkScopes(url: string, metadata: Place['metadata']): Finding[] {
  if (!textsOf(metadata?.['scopes_supported']).includes('offline_access')) return []
  return [
    about('offline_access', url).warn(
      'is among the scopes of the MCP server',
      'leave it out there: it is between client and authorization server (MCP, Refresh Tokens)',
    ),
  ]
}
