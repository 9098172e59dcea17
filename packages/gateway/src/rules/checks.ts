import { guard } from '@permitry/guard'
import { parseGuardCredential } from './guard-credential.ts'
import { guardOptionsOf } from './guard-options.ts'
import { Upstream, type UpstreamRules } from './schema.ts'

/** One thing that the parts of a file say wrongly about each other. `at: 'key'` points at the key instead of the value. */
export interface Finding {
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly at?: 'key'
}

/** An MCP server whose own shape is right, with the path at which it stands. */
interface Entry {
  readonly path: readonly PropertyKey[]
  readonly upstream: UpstreamRules
}

/**
 * Everything that a file may say wrongly though its shape is right. What has another shape is left out, since that has
 * been told; all the rest is checked nevertheless, so that every fault comes at once.
 */
export function* checkRules(value: unknown): Generator<Finding, void> {
  const { issuer, upstreams } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const entries = (Array.isArray(upstreams) ? upstreams : []).flatMap((one: unknown, index): Entry[] => {
    const parsed = Upstream.safeParse(one)
    return parsed.success ? [{ path: ['upstreams', index], upstream: parsed.data }] : []
  })
  yield* checkUnique(entries)
  for (const { path, upstream } of entries) {
    yield* checkUrls(upstream, path)
    yield* checkConditions(upstream, path)
    yield* checkCredential(upstream, path)
    yield* checkGuardCredential(issuer, upstream, path)
    yield* checkByGuard(issuer, upstream, path)
  }
}

/** The path of `resource` is all by which requests are told apart. */
function* checkUnique(entries: readonly Entry[]): Generator<Finding, void> {
  const ids = new Set<string>()
  const paths = new Map<string, string>()
  for (const { path, upstream } of entries) {
    const { id, resource } = upstream
    if (ids.has(id)) yield { path: [...path, 'id'], message: `the id \`${id}\` is taken: give each its own` }
    ids.add(id)
    if (!URL.canParse(resource)) continue
    const { pathname } = new URL(resource)
    const owner = paths.get(pathname)
    if (owner !== undefined)
      yield {
        path: [...path, 'resource'],
        message: `the path \`${pathname}\` leads to \`${owner}\` already: give each MCP server a path of its own`,
      }
    paths.set(pathname, id)
  }
}

/** Requests are compared with the path as it is written, so it must be written as browsers and clients send it. */
function* checkUrls({ url, resource, credential }: UpstreamRules, path: Finding['path']): Generator<Finding, void> {
  if (URL.canParse(resource)) {
    const { pathname, search } = new URL(resource)
    if (
      search !== '' ||
      !/^\/[A-Za-z0-9._~/-]*$/.test(pathname) ||
      pathname.includes('//') ||
      pathname.startsWith('/.well-known')
    )
      yield {
        path: [...path, 'resource'],
        message: 'the path must have plain letters, digits, `.`, `_`, `~`, `-` and single slashes, and no query',
      }
  }
  if (url !== undefined) {
    const fault = upstreamUrlFault(url)
    if (fault !== undefined) yield { path: [...path, 'url'], message: fault }
  }
  const endpoint = credential.client_credentials?.token_endpoint
  if (endpoint !== undefined && !isSafeUrl(endpoint))
    yield {
      path: [...path, 'credential', 'client_credentials', 'token_endpoint'],
      message: 'a secret goes there: use https, or http on localhost, 127.0.0.1 or [::1]',
    }
}

/** Why an MCP server cannot be reached at this URL, or undefined. */
export function upstreamUrlFault(url: string): string | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:')
    return 'write a URL that begins with http:// or https://'
  if (parsed.username !== '' || parsed.password !== '') return 'leave the password out: write it under `credential`'
  if (parsed.hash !== '') return 'leave out what follows `#`: it is never sent'
  return undefined
}

function isSafeUrl(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname))
}

function* checkConditions(upstream: UpstreamRules, path: Finding['path']): Generator<Finding, void> {
  for (const group of ['tools', 'prompts', 'resources'] as const)
    for (const [name, rule] of Object.entries(upstream[group])) {
      const at = [...path, group, name]
      if (rule.otherwise !== undefined && Object.keys(rule.arguments).length === 0)
        yield { path: [...at, 'otherwise'], at: 'key', message: 'without `arguments` nobody is told this: write some' }
      for (const [argument, { optional: _, ...condition }] of Object.entries(rule.arguments)) {
        const where = [...at, 'arguments', argument]
        if (Object.keys(condition).length === 0)
          yield { path: where, at: 'key', message: 'it says nothing: write one_of, matches, min, max or max_length' }
        if (condition.min !== undefined && condition.max !== undefined && condition.min > condition.max)
          yield { path: [...where, 'min'], message: 'no number is that great and that small: mend `min` or `max`' }
      }
    }
}

/** What authentication or routing of HTTP itself needs cannot be a secret's name. */
const FORBIDDEN_HEADERS =
  /^(?:host|connection|content-.*|transfer-encoding|te|trailer|upgrade|expect|keep-alive|accept|accept-encoding|mcp-.*|last-event-id)$/i

function* checkCredential({ credential }: UpstreamRules, path: Finding['path']): Generator<Finding, void> {
  const { header, client_credentials: clientCredentials } = credential
  if (header && clientCredentials)
    yield {
      path: [...path, 'credential', 'client_credentials'],
      at: 'key',
      message: '`header` and `client_credentials` exclude each other: keep one',
    }
  if (header && FORBIDDEN_HEADERS.test(header.name))
    yield {
      path: [...path, 'credential', 'header', 'name'],
      message: 'this header is HTTP’s or MCP’s own: use another one',
    }
}

function* checkGuardCredential(
  issuer: unknown,
  upstream: UpstreamRules,
  path: Finding['path'],
): Generator<Finding, void> {
  const where = [...path, 'guard_credential']
  try {
    const credential = parseGuardCredential(upstream)
    if (credential?.issuer !== undefined && credential.issuer !== issuer)
      yield { path: where, message: 'it belongs to another issuer: make one at the issuer of this file' }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    yield { path: where, message: error.message }
  }
}

/** In the place of an issuer that has the wrong shape, which has been told. */
const PLACEHOLDER = 'https://auth.example.com'

/** The guard's own checks, so that nothing that it refuses passes here; what it calls `whenNever` is `when_never` here. */
function* checkByGuard(issuer: unknown, upstream: UpstreamRules, path: Finding['path']): Generator<Finding, void> {
  try {
    guard(guardOptionsOf({ issuer: typeof issuer === 'string' ? issuer : PLACEHOLDER }, upstream))
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    for (const fault of error.message.split('\n- ').slice(1)) {
      const [, option = ''] = /^`([A-Za-z]+)/.exec(fault) ?? []
      const key = option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      yield { path: key === 'issuer' ? ['issuer'] : [...path, key], message: fault }
    }
  }
}
