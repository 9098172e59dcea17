import type { Plan } from '@permitry/policy'
import type { Settings } from './settings.ts'
import type { AuthInfo, Principal } from './types.ts'

/** What a rule decided on, for the handler that runs because of it. */
export interface Decided {
  readonly decisionId: string
  readonly principal: Principal
  /** Validated by the rule's `input`, and frozen; `{}` where the message has none. */
  readonly arguments: unknown
  /** As the rule's `object` loaded it; undefined without one. */
  readonly object: unknown
  /** Which objects a list may show; undefined without a `plan` in the rule. */
  readonly plan: Plan | undefined
}

/** The members of `Decided` whose types a handler knows from its own rule. */
export interface DecidedTypes {
  readonly arguments?: unknown
  readonly object?: unknown
}

const KEY = 'permitry'
/** Only what the guard made counts: `extra` is an open record that other code may write to. */
const genuine = new WeakSet<object>()

/**
 * What the guard decided for the call that a handler serves: who calls, with which arguments, on which object. Use these
 * and not what the request says. Throws where no guard stands in front, so that such a server serves nobody.
 *
 * The types are the handler's promise about its own rule: `decided<{ object: Pet }>(ctx.authInfo)`.
 */
export function decided<T extends DecidedTypes = DecidedTypes>(
  authInfo: { readonly extra?: Readonly<Record<string, unknown>> | undefined } | undefined,
): Decided & { readonly arguments: T['arguments']; readonly object: T['object'] } {
  const found = authInfo?.extra?.[KEY]
  if (typeof found !== 'object' || found === null || !genuine.has(found)) {
    throw new TypeError('no decision for this call: serve the MCP handler through `guard(…)`')
  }
  return found as Decided & { readonly arguments: T['arguments']; readonly object: T['object'] }
}

/** The caller as the MCP SDKs pass it on. No token: what a handler does not have, it cannot leak or forward. */
export function authInfoOf(decision: Decided, scopes: ReadonlySet<string>, { resource, metadata }: Settings): AuthInfo {
  const frozen = Object.freeze(decision)
  genuine.add(frozen)
  return {
    token: 'kept-by-the-guard',
    clientId: decision.principal.client_id,
    scopes: [...scopes],
    expiresAt: decision.principal.exp,
    resource: new URL(resource),
    resourceMetadataUrl: metadata.url,
    extra: { [KEY]: frozen },
  }
}
