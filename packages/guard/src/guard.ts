import { createAdmit, type Admission, type Verdict } from './admit.ts'
import { finish } from './finish.ts'
import { createGuardApis } from './issuer/guard-api.ts'
import type { GuardOptions } from './options.ts'
import { createReports, type ReportStatus } from './report/reports.ts'
import { readOptions } from './settings.ts'
import { createSignals, type SignalStatus } from './signals/signals.ts'
import type { AuthInfo, Incoming } from './types.ts'

/** What an MCP handler takes beside the request: both SDKs, and both eras, have it. */
export interface HandlerOptions {
  readonly authInfo: AuthInfo
  readonly parsedBody?: unknown
}

/** An MCP handler in web-standard form: what `createMcpHandler` returns, or its `fetch`, or one of your own. */
export type McpHandler =
  | ((request: Request, options: HandlerOptions) => Promise<Response>)
  | { readonly fetch: (request: Request, options: HandlerOptions) => Promise<Response> }

/** Puts the guard in front of an MCP handler. */
export interface Protect {
  (handler: McpHandler): (request: Request) => Promise<Response>
  /** What adapters ask for each request. */
  readonly admit: (request: Incoming) => Promise<Verdict>
  /** How the guard is, for a health check or a page of an operator. */
  readonly status: () => GuardStatus
  /** Resolves when tokens are served: with a credential, once it is known which of them were revoked before the start. */
  readonly ready: () => Promise<void>
  /** Ends what the guard has open towards authorization servers: for a process that is about to end. */
  readonly close: () => Promise<void>
}

/** How a guard is. */
export interface GuardStatus {
  /**
   * `connecting`: nothing is served yet. `connected`: what is revoked is refused within a second. `degraded`: nothing was
   * heard for ten seconds, see `onSignalLoss`. `off`: without a credential, tokens count until they expire.
   */
  readonly signals: SignalStatus
  /** Decisions that wait to be reported, and that were lost since the guard was made. */
  readonly decisions: ReportStatus
}

/**
 * Makes a guard for one MCP server: it serves the protected resource metadata (RFC 9728), verifies access tokens
 * (RFC 9068), decides each call by the rules of `options`, and lets through what they allow. What no rule names is
 * refused. Throws a TypeError with every fault of the options.
 */
export function guard(options: GuardOptions): Protect {
  const settings = readOptions(options)
  const apis = createGuardApis(settings)
  const signals = createSignals(settings, apis)
  const reports = createReports(settings, apis)
  const admit = createAdmit(settings, signals, reports)
  const protect = (handler: McpHandler) => {
    const handle = typeof handler === 'function' ? handler : handler?.fetch
    if (typeof handle !== 'function') {
      throw new TypeError(
        'protect needs an MCP handler: a function, or an object with `fetch`, as createMcpHandler returns',
      )
    }
    return async (request: Request): Promise<Response> => {
      const verdict = await admit(request)
      if (!verdict.ok) return verdict.error
      const { authInfo, body } = verdict.value
      const response = await handle(withhold(request, verdict.value), {
        authInfo,
        ...(body !== undefined && { parsedBody: body }),
      })
      return finish(response, verdict.value)
    }
  }
  return Object.assign(protect, {
    admit,
    status: () => ({ signals: signals.status(), decisions: reports.status() }),
    ready: () => signals.ready(),
    close: async () => void (await Promise.all([signals.close(), reports.close()])),
  })
}

/** The request without what the handler must not see. In place where the runtime allows it: a copy costs more than the check. */
function withhold(request: Request, { withheld }: Admission): Request {
  try {
    for (const name of withheld) request.headers.delete(name)
    return request
  } catch {
    const headers = new Headers(request.headers)
    for (const name of withheld) headers.delete(name)
    return new Request(request.url, { method: request.method, headers, signal: request.signal })
  }
}
