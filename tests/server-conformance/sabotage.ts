// Guards that are spoilt on purpose, each with a part of the suite that must notice.
import type { McpHandler } from '@permitry/guard'
import { type Front, guardFront } from './fronts.ts'
import type { Selection } from './suite.ts'

export interface Sabotage extends Selection {
  readonly name: string
  readonly front: Front
}

type Handle = Extract<McpHandler, (...args: never[]) => unknown>

/** The guard, in front of a handler that was changed. */
function behindGuard(change: (handle: Handle) => Handle): Front {
  return (target, issuer) => {
    const { handler } = target
    return guardFront({ ...target, handler: change(typeof handler === 'function' ? handler : handler.fetch) }, issuer)
  }
}

export const SABOTAGES: readonly Sabotage[] = [
  {
    name: 'a primitive is refused',
    revision: '2026-07-28',
    scenario: 'prompts-get-simple',
    front: (target, issuer) => guardFront({ ...target, offers: { ...target.offers, prompts: [] } }, issuer),
  },
  {
    name: 'tasks are not known',
    revision: '2026-07-28',
    scenario: 'tasks-request-headers',
    front: (target, issuer) => guardFront({ ...target, offers: { ...target.offers, tasks: false } }, issuer),
  },
  {
    name: 'a header that mirrors an argument is dropped',
    revision: '2026-07-28',
    scenario: 'http-custom-header-server-validation',
    front: behindGuard((handle) => (request, options) => {
      request.headers.delete('mcp-param-region')
      return handle(request, options)
    }),
  },
  {
    name: 'the id of a session does not arrive',
    revision: '2025-11-25',
    scenario: 'server-session-lifecycle',
    front: behindGuard((handle) => async (request, options) => {
      const { body, status, headers } = await handle(request, options)
      const kept = new Headers(headers)
      kept.delete('mcp-session-id')
      return new Response(body, { status, headers: kept })
    }),
  },
  {
    name: 'an error of the server loses its status',
    revision: '2026-07-28',
    scenario: 'server-stateless',
    front: behindGuard((handle) => async (request, options) => {
      const { body, headers } = await handle(request, options)
      return new Response(body, { status: 200, headers })
    }),
  },
]
