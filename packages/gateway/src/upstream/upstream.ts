import type { IncomingMessage, ServerResponse } from 'node:http'
import { decided, guard, type AuditEvent, type Principal, type Protect } from '@permitry/guard'
import type { Admission } from '@permitry/guard/adapter'
import { Pool } from 'undici'
import { fail, FAILURES, sendGuardAnswer, type MessageId } from '../http/answers.ts'
import { forwardedHeaders } from '../http/forwarded-headers.ts'
import { incomingOf } from '../http/incoming.ts'
import type { RequestHeaders } from '../http/request-headers.ts'
import { parseGuardCredential } from '../rules/guard-credential.ts'
import { guardOptionsOf } from '../rules/guard-options.ts'
import type { GatewayRules, UpstreamRules } from '../rules/schema.ts'
import { NoUpstreamToken } from './client-credentials.ts'
import { createCredential } from './credential.ts'
import { createInputSchemas, SchemasUnavailable } from './input-schemas.ts'
import { listTools } from './list-tools.ts'
import { createRelay } from './relay.ts'
import { createSlots } from './slots.ts'

/** What the gateway is told beside its rules. */
export interface GatewayOptions {
  /** Told each decision before anything follows from it. */
  readonly audit?: (event: AuditEvent) => void | Promise<void>
  /** Told what an operator must know and no caller is, with the id of the MCP server. */
  readonly onError: (error: Error, upstream: string) => void
  readonly clock?: () => number
  /** Fetches what the authorization server publishes, and tokens for MCP servers. */
  readonly fetch?: typeof fetch
}

/** One MCP server behind the gateway, with the guard in front of it. */
export interface Upstream {
  readonly protect: Protect
  /** Answers a request whose path leads here. */
  serve(req: IncomingMessage, res: ServerResponse, target: string, headers: RequestHeaders): Promise<void>
  /** Ends the streams, which would go on for ever, and lets everything else come to its end. */
  endStreams(): void
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 5_000

/** Makes one MCP server of the rules reachable. Its address comes from the rules alone: no part of a request is in it. */
export function createUpstream(
  rules: GatewayRules,
  upstream: UpstreamRules & { readonly url: string },
  { audit, onError, clock = Date.now, fetch = globalThis.fetch }: GatewayOptions,
): Upstream {
  const { id, url, limits } = upstream
  const { origin, pathname, search } = new URL(url)
  const report = (error: Error) => onError(error, id)
  const credential = createCredential(upstream.credential, { fetch, clock })
  const schemas = createInputSchemas({
    list: () =>
      listTools({
        url,
        headers: () => credential.headers(),
        maxBytes: limits.response_bytes,
        timeoutMs: limits.answer_seconds * 1000,
      }),
    clock,
    onError: report,
  })
  const checksInput = upstream.input_schemas === 'upstream'
  const guardCredential = parseGuardCredential(upstream)
  const protect = guard({
    ...guardOptionsOf(rules, upstream, (tool) => (checksInput ? schemas.of(tool) : undefined)),
    ...(guardCredential && { credential: guardCredential }),
    ...(audit && { audit: { sink: audit } }),
    onError: report,
    clock,
    fetch,
  })
  const slots = createSlots(limits.concurrency, limits.concurrency_per_person)
  const streams = new Set<ServerResponse>()
  const pool = new Pool(origin, {
    connections: limits.concurrency,
    // One request on a connection at a time: a slow one must not hold up another's answer.
    pipelining: 1,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: limits.answer_seconds * 1000,
    bodyTimeout: limits.idle_seconds * 1000,
  })

  async function serve(
    req: IncomingMessage,
    res: ServerResponse,
    target: string,
    headers: RequestHeaders,
  ): Promise<void> {
    let messageId: MessageId = null
    try {
      const verdict = await protect.admit(incomingOf(req, target, headers))
      if (!verdict.ok) return await sendGuardAnswer(res, verdict.error)
      messageId = idOf(verdict.value.body)
      const own = credential.headers()
      forward(req, res, headers, verdict.value, own instanceof Promise ? await own : own)
    } catch (error) {
      // Whoever broke off is told nothing, and is no fault.
      if (req.errored !== null || res.closed) return void res.destroy()
      report(error instanceof Error ? error : new Error(String(error)))
      const isUnprepared = error instanceof NoUpstreamToken || error instanceof SchemasUnavailable
      fail(res, isUnprepared ? FAILURES.unprepared : FAILURES.fault, messageId)
    }
  }

  function forward(
    { method = 'GET' }: IncomingMessage,
    res: ServerResponse,
    headers: RequestHeaders,
    admission: Admission,
    credentialHeaders: readonly string[],
  ): void {
    const person = personOf(decided(admission.authInfo).principal)
    if (!slots.take(person)) return fail(res, FAILURES.busy, idOf(admission.body), admission.headers)
    if (admission.endsAfter !== undefined) {
      streams.add(res)
      res.once('close', () => streams.delete(res))
    }
    const forwarded = forwardedHeaders(headers, admission, credentialHeaders)
    // What was decided on, written anew: no second reader can find another meaning in the bytes that came in.
    const body = admission.body === undefined ? null : JSON.stringify(admission.body)
    if (body !== null) forwarded.push('content-type', 'application/json')
    pool.dispatch(
      { path: pathname + search, method, headers: forwarded, body },
      createRelay({
        res,
        id: idOf(admission.body),
        admission,
        method,
        maxBytes: limits.response_bytes,
        stallMs: limits.idle_seconds * 1000,
        onRefusedCredential: () => {
          credential.refused()
          report(new Error('the MCP server does not accept the credential of this gateway'))
        },
        onDone: () => slots.give(person),
        onError: report,
      }),
    )
  }

  return {
    protect,
    serve,
    endStreams() {
      for (const res of streams) res.end()
    },
    async close() {
      await Promise.all([pool.destroy(), protect.close()])
    },
  }
}

function personOf({ iss, sub }: Principal): string {
  return `${iss} ${sub}`
}

function idOf(body: unknown): MessageId {
  const id = typeof body === 'object' && body !== null && 'id' in body ? body.id : null
  return typeof id === 'string' || typeof id === 'number' ? id : null
}
