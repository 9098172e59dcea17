import {
  bearerChallenge,
  type BearerChallenge,
  dpopChallenge,
  protectedResourceMetadata,
  protectedResourceMetadataUrls,
  type ScopeHierarchy,
  SIGNING_ALGS,
} from '@permitry/oauth'
import type { ResourceType, Rule, Rules } from '@permitry/policy'
import { checkOptions } from './check-options.ts'
import { schedule, type Schedule } from './issuer/exchange.ts'
import type { IssuerOptions } from './issuer/options.ts'
import type { DpopOptions } from './issuer/proofs.ts'
import { createReplayStore, type ReplayStore } from './issuer/replays.ts'
import { isLoopback } from './loopback.ts'
import type { GuardOptions, ItemOption, ItemRule } from './options.ts'
import { matchTemplates, type TemplateMatcher } from './uri-template.ts'
import type { Principal } from './types.ts'

/** The options as the steps read them. */
export interface Settings {
  /** Whose tokens are accepted. The first is the one that clients are sent to first. */
  readonly issuers: readonly [IssuerOptions, ...IssuerOptions[]]
  readonly resource: string
  /** Accepted audiences, `resource` among them. */
  readonly names: readonly string[]
  readonly defaultScopes: readonly string[]
  readonly hierarchy: ScopeHierarchy
  readonly rules: Rules<Principal>
  /** The rules as they were written, for what deciding does not need: schemas, loaders, plans. */
  readonly items: Readonly<Record<ResourceType, ReadonlyMap<string, ItemRule>>>
  readonly matchResource: TemplateMatcher
  readonly tasks: boolean
  readonly metadata: { readonly url: string; readonly paths: ReadonlySet<string>; readonly document: string }
  /** For requests without credentials: constant. */
  readonly challenge: string
  /** Undefined where tokens that are bound to a key are refused. */
  readonly dpop: (DpopOptions & { readonly replays: ReplayStore }) | undefined
  readonly loopback: boolean
  readonly origins: '*' | ReadonlySet<string>
  readonly maxBodyBytes: number
  readonly audit: GuardOptions['audit']
  readonly onReportLoss: 'deny' | 'allow'
  readonly onError: (error: Error) => void
  readonly onSignalLoss: 'allow' | 'deny'
  readonly clock: () => number
  readonly schedule: Schedule
  readonly fetch: typeof fetch
}

/** Checks the options and computes what stays the same for every request. Throws one TypeError with all faults. */
export function readOptions(options: GuardOptions): Settings {
  const faults = [...checkOptions(options)]
  if (faults.length > 0) throw new TypeError(`guard options:\n- ${faults.join('\n- ')}`)
  const {
    issuer,
    credential,
    guardApi = true,
    opaqueTokens = false,
    otherIssuers = [],
    resource,
    names = [],
    defaultScopes,
    origins = [],
  } = options
  const { clock = Date.now } = options
  const dpop = options.dpop === false ? undefined : (options.dpop ?? {})
  const hierarchy = Object.fromEntries(Object.entries(options.scopes ?? {}).map(([key, { implies }]) => [key, implies]))
  const items = {
    tool: itemsOf(options.tools),
    prompt: itemsOf(options.prompts),
    resource: itemsOf(options.resources),
  }
  const { path, root } = protectedResourceMetadataUrls(resource)
  return Object.freeze({
    issuers: [{ issuer, opaqueTokens, guardApi, ...(credential && { credential }) }, ...otherIssuers] as const,
    resource,
    names: [resource, ...names],
    defaultScopes,
    hierarchy,
    rules: { tool: rulesOf(items.tool), prompt: rulesOf(items.prompt), resource: rulesOf(items.resource) },
    items,
    tasks: options.tasks ?? false,
    matchResource: matchTemplates([...items.resource.keys()]),
    metadata: {
      url: path,
      paths: new Set([new URL(path).pathname, new URL(root).pathname]),
      document: JSON.stringify(
        protectedResourceMetadata({
          resource,
          authorization_servers: [issuer, ...otherIssuers.map((other) => other.issuer)],
          scopes_supported: defaultScopes,
          bearer_methods_supported: ['header'],
          ...(dpop && { dpop_signing_alg_values_supported: SIGNING_ALGS }),
          ...(dpop?.required === true && { dpop_bound_access_tokens_required: true }),
        }),
      ),
    },
    challenge: challengesOf(
      { resourceMetadata: path, ...(defaultScopes.length > 0 && { scope: defaultScopes }) },
      dpop,
    ),
    dpop: dpop && { replays: createReplayStore(clock), ...dpop },
    loopback: isLoopback(new URL(resource).hostname),
    origins: origins === '*' ? origins : new Set(origins),
    maxBodyBytes: options.maxBodyBytes ?? 4 * 1024 * 1024,
    audit: options.audit,
    onReportLoss: options.onReportLoss ?? 'deny',
    onError: options.onError ?? ((error) => console.error(error)),
    onSignalLoss: options.onSignalLoss ?? 'allow',
    clock,
    schedule: options.schedule ?? schedule,
    // Wrapped: a detached `fetch` is an illegal invocation on some runtimes.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
  })
}

/** Who sent no token is told of every way that there is, RFC 9449 §7.1. Bearer first: some clients read no further. */
function challengesOf(challenge: BearerChallenge, dpop: DpopOptions | undefined): string {
  if (dpop === undefined) return bearerChallenge(challenge)
  if (dpop.required === true) return dpopChallenge(challenge, SIGNING_ALGS)
  return `${bearerChallenge(challenge)}, ${dpopChallenge({}, SIGNING_ALGS)}`
}

function itemsOf(options: Readonly<Record<string, ItemOption>> = {}): ReadonlyMap<string, ItemRule> {
  return new Map(
    Object.entries(options).map(([name, option]) => [
      name,
      typeof option === 'string' || Array.isArray(option) ? { scope: option } : (option as ItemRule),
    ]),
  )
}

function rulesOf(items: ReadonlyMap<string, ItemRule>): ReadonlyMap<string, Rule<Principal>> {
  return new Map([...items].map(([name, item]) => [name, ruleOf(item)]))
}

function ruleOf({ scope, acr, maxAge, whenNever = 'hide', when, object }: ItemRule): Rule<Principal> {
  return {
    scopes: typeof scope === 'string' ? [scope] : scope,
    whenNever,
    ...(acr !== undefined && { acrValues: typeof acr === 'string' ? [acr] : acr }),
    ...(maxAge !== undefined && { maxAgeSeconds: maxAge }),
    ...(when && { allowArguments: ({ properties }, args) => when(properties, args) }),
    ...(object && { allowObject: ({ properties }, found) => object.allow(properties, found) }),
  }
}
