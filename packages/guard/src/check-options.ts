import { isScopeToken, parseResource } from '@permitry/oauth'
import { checkAudit } from './audit.ts'
import { checkIssuers } from './issuer/check-issuers.ts'
import { checkDpop } from './issuer/proofs.ts'
import { isLoopback } from './loopback.ts'
import type { GuardOptions, ItemRule } from './options.ts'
import { isSlowTemplate } from './uri-template.ts'

const KEYS: Readonly<Record<keyof GuardOptions, true>> = {
  issuer: true,
  resource: true,
  names: true,
  defaultScopes: true,
  scopes: true,
  tools: true,
  prompts: true,
  resources: true,
  tasks: true,
  origins: true,
  maxBodyBytes: true,
  dpop: true,
  audit: true,
  onReportLoss: true,
  onError: true,
  onSignalLoss: true,
  clock: true,
  schedule: true,
  fetch: true,
  credential: true,
  opaqueTokens: true,
  guardApi: true,
  otherIssuers: true,
}

/** Every fault of the options, each with what to write instead. */
export function* checkOptions(options: GuardOptions): Generator<string, void> {
  if (typeof options !== 'object' || options === null) {
    yield 'pass an object with `issuer`, `resource`, `tools`'
    return
  }
  for (const key of Object.keys(options)) {
    if (!Object.hasOwn(KEYS, key)) yield `\`${key}\` is not an option: the options are ${Object.keys(KEYS).join(', ')}`
  }
  yield* checkIssuers(options, options.otherIssuers)
  yield* checkAddresses(options)
  yield* checkScopes(options)
  for (const group of ['tools', 'prompts', 'resources'] as const) yield* checkItems(options, group)
  if (options.audit !== undefined) yield* checkAudit(options.audit)
  yield* checkDpop(options.dpop)
  const { tasks, maxBodyBytes, onSignalLoss, onReportLoss, onError, clock, schedule, fetch } = options
  if (tasks !== undefined && typeof tasks !== 'boolean') yield '`tasks` must be `true` or `false`'
  if (maxBodyBytes !== undefined && !(Number.isSafeInteger(maxBodyBytes) && maxBodyBytes > 0)) {
    yield '`maxBodyBytes` must be a whole number above 0'
  }
  if (onSignalLoss !== undefined && onSignalLoss !== 'allow' && onSignalLoss !== 'deny') {
    yield '`onSignalLoss` must be `allow` or `deny`'
  }
  if (onReportLoss !== undefined && onReportLoss !== 'deny' && onReportLoss !== 'allow') {
    yield '`onReportLoss` must be `deny` or `allow`'
  }
  if (onError !== undefined && typeof onError !== 'function') yield '`onError` must be a function that takes an error'
  if (clock !== undefined && typeof clock !== 'function') yield '`clock` must be a function that returns milliseconds'
  if (schedule !== undefined && typeof schedule !== 'function')
    yield '`schedule` must be a function that takes what to run and milliseconds'
  if (fetch !== undefined && typeof fetch !== 'function') yield '`fetch` must be a function'
}

function* checkAddresses({ resource, names, origins }: GuardOptions): Generator<string, void> {
  const parsed = typeof resource === 'string' && /^https?:/i.test(resource) ? parseResource(resource) : undefined
  if (parsed === undefined || !parsed.ok) {
    yield `\`resource\`: ${parsed?.error ?? 'write the https URL at which clients reach the MCP server'}`
  } else if (/^http:/i.test(resource) && !isLoopback(new URL(resource).hostname)) {
    yield '`resource`: http is only for localhost, 127.0.0.1 and [::1]: use https'
  }
  if (names !== undefined && !Array.isArray(names)) yield '`names` must be a list, such as `["mcp://vetassist"]`'
  for (const name of Array.isArray(names) ? names : []) {
    const result = typeof name === 'string' ? parseResource(name) : undefined
    if (!result?.ok) yield `\`names\`: \`${String(name)}\`: ${result?.error ?? 'must be a text'}`
  }
  if (origins !== undefined && origins !== '*' && !Array.isArray(origins)) yield '`origins` must be a list or `"*"`'
  for (const origin of Array.isArray(origins) ? origins : []) {
    if (!URL.canParse(String(origin)) || new URL(String(origin)).origin !== origin) {
      yield `\`origins\`: \`${String(origin)}\` must be an origin, such as \`https://inspector.example.com\``
    }
  }
}

function* checkScopes({ defaultScopes, scopes = {} }: GuardOptions): Generator<string, void> {
  if (!Array.isArray(defaultScopes)) {
    yield '`defaultScopes` must be a list: the scopes that a client asks for first, or `[]`'
  } else {
    yield* checkScopeList('`defaultScopes`', defaultScopes)
    if (defaultScopes.includes('offline_access')) {
      yield '`defaultScopes`: leave out `offline_access`: it is between client and authorization server'
    }
  }
  if (typeof scopes !== 'object' || scopes === null) {
    yield '`scopes` must be an object of scopes'
    return
  }
  for (const [name, value] of Object.entries(scopes)) {
    yield* checkScopeList('`scopes`', [name])
    if (!Array.isArray(value?.implies) || Object.keys(value).length !== 1) {
      yield `\`scopes\`: \`${name}\` must be \`{ implies: […] }\``
    } else yield* checkScopeList(`\`scopes\`: \`${name}\``, value.implies)
  }
}

function* checkScopeList(where: string, scopes: readonly unknown[]): Generator<string, void> {
  for (const scope of scopes) {
    if (typeof scope !== 'string' || !isScopeToken(scope)) {
      yield `${where}: \`${String(scope)}\` is no scope: one word, without spaces, quotes or backslashes`
    }
  }
}

function* checkItems(options: GuardOptions, group: 'tools' | 'prompts' | 'resources'): Generator<string, void> {
  const items = options[group]
  if (items === undefined && group !== 'tools') return
  if (typeof items !== 'object' || items === null || Array.isArray(items)) {
    yield `\`${group}\` must be an object from name to rule, such as \`{ list_pets: 'pet-profile:read' }\``
    return
  }
  for (const [name, item] of Object.entries(items)) {
    yield* checkItem(`${group}.${name}`, item)
    if (group === 'resources' && isSlowTemplate(name))
      yield `\`resources.${name}\` has more than two variables between slashes: a caller could make matching slow`
  }
}

const ITEM_KEYS: Readonly<Record<keyof ItemRule, true>> = {
  scope: true,
  input: true,
  when: true,
  object: true,
  plan: true,
  whenNever: true,
  acr: true,
  maxAge: true,
}

function* checkItem(where: string, option: unknown): Generator<string, void> {
  if (typeof option === 'string') return yield* checkScopeList(`\`${where}\``, [option])
  if (Array.isArray(option)) return yield* checkScopeList(`\`${where}\``, option)
  if (typeof option !== 'object' || option === null) {
    yield `\`${where}\` must be a scope, a list or a rule`
    return
  }
  // Faults may come from JavaScript, so nothing is taken for granted about the members.
  const item: { readonly [key in keyof ItemRule]?: unknown } = option
  for (const key of Object.keys(item)) {
    if (!Object.hasOwn(ITEM_KEYS, key)) {
      yield `\`${where}.${key}\` is not known: a rule has ${Object.keys(ITEM_KEYS).join(', ')}`
    }
  }
  const { scope, input, when, object, plan, whenNever, acr, maxAge } = item
  if (typeof scope === 'string') yield* checkScopeList(`\`${where}\``, [scope])
  else if (Array.isArray(scope)) yield* checkScopeList(`\`${where}\``, scope)
  else yield `\`${where}\` has no scope: name it, or write \`scope: []\` when every valid token may use it`
  if (input !== undefined && !isStandardSchema(input)) {
    yield `\`${where}.input\` must be a schema of a library that implements Standard Schema, such as zod 4`
  }
  if (object !== undefined && !(typeof object === 'object' && object !== null && 'path' in object)) {
    yield `\`${where}.object\` must come from \`objectRule({ argument, type, load, plan })\``
  }
  if (when !== undefined && typeof when !== 'function') yield `\`${where}.when\` must be a function`
  if (plan !== undefined && typeof plan !== 'function') yield `\`${where}.plan\` must be a function`
  if (whenNever !== undefined && whenNever !== 'hide' && whenNever !== 'explain') {
    yield `\`${where}.whenNever\` must be \`hide\` or \`explain\``
  }
  if (acr !== undefined) yield* checkAcr(where, acr)
  if (maxAge !== undefined && !(Number.isSafeInteger(maxAge) && Number(maxAge) >= 0)) {
    yield `\`${where}.maxAge\` must be a whole number of seconds`
  }
}

function* checkAcr(where: string, acr: unknown): Generator<string, void> {
  const values: unknown[] = Array.isArray(acr) ? acr : [acr]
  // They are joined by spaces in the challenge, RFC 9470 §3.
  const good =
    values.length > 0 && values.every((value) => typeof value === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(value))
  if (!good) yield `\`${where}.acr\` must be one authentication context or a list of them, without spaces`
}

function isStandardSchema(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  const standard = (value as { readonly '~standard'?: { readonly validate?: unknown } })['~standard']
  return typeof standard?.validate === 'function'
}
