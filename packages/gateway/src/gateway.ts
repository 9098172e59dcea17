// The gateway: the guard in front of MCP servers that nobody can change. Which of them is meant is decided by the path of
// a request, as it is written, and by nothing else.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { fail, FAILURES } from './http/answers.ts'
import { readHeaders } from './http/request-headers.ts'
import type { GatewayRules, UpstreamRules } from './rules/schema.ts'
import { createUpstream, type GatewayOptions, type Upstream } from './upstream/upstream.ts'

/** A running gateway, for whichever server of node:http calls `handle`. */
export interface Gateway {
  readonly handle: RequestListener
  /** By id of the MCP server: what its guard says of itself. */
  readonly upstreams: ReadonlyMap<string, Upstream>
  /** Takes nothing new and ends streams, so that what remains comes to an end by itself. */
  stop(): void
  /** Lets go of every connection. */
  close(): Promise<void>
}

/** Rules in which each MCP server has its address. */
export interface CompleteRules extends Omit<GatewayRules, 'upstreams'> {
  readonly upstreams: (UpstreamRules & { readonly url: string })[]
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** Makes a gateway of rules that were checked. Throws a TypeError for others. */
export function createGateway(rules: CompleteRules, options: GatewayOptions): Gateway {
  const upstreams = new Map(rules.upstreams.map((one) => [one.id, createUpstream(rules, one, options)]))
  const routes = routesOf(rules.upstreams, upstreams)
  let isStopping = false

  function handle(req: IncomingMessage, res: ServerResponse): void {
    const target = req.url ?? ''
    const query = target.indexOf('?')
    const upstream = routes.get(query === -1 ? target : target.slice(0, query))
    if (upstream === undefined) return fail(res, FAILURES.unknown_path, null)
    if (isStopping) return fail(res, FAILURES.stopping, null)
    const headers = readHeaders(req.rawHeaders)
    if (headers === undefined) return fail(res, FAILURES.bad_request, null)
    void upstream.serve(req, res, target, headers)
  }

  return {
    handle,
    upstreams,
    stop() {
      isStopping = true
      for (const upstream of upstreams.values()) upstream.endStreams()
    },
    async close() {
      await Promise.all([...upstreams.values()].map((upstream) => upstream.close()))
    },
  }
}

/** Each path that is answered. The metadata without a path is served where it cannot mean two MCP servers, RFC 9728 §3.1. */
function routesOf(
  rules: readonly UpstreamRules[],
  upstreams: ReadonlyMap<string, Upstream>,
): ReadonlyMap<string, Upstream> {
  const routes = new Map<string, Upstream>()
  for (const { id, resource } of rules) {
    const upstream = upstreams.get(id)
    if (upstream === undefined) continue
    const { pathname } = new URL(resource)
    routes.set(pathname, upstream)
    routes.set(pathname === '/' ? WELL_KNOWN : WELL_KNOWN + pathname, upstream)
    if (rules.length === 1) routes.set(WELL_KNOWN, upstream)
  }
  return routes
}
