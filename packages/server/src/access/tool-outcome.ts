import { decide, type Decision } from '@permitry/policy'
import type { CatalogueEntry } from '../catalogue/entries.ts'

/** What a guard would know of a caller before it looks at arguments: scopes closed over what they imply, and entitlements. */
export interface Known {
  readonly scopes: readonly string[]
  readonly entitlements: readonly string[]
  readonly now: number
  readonly acr?: string | undefined
  /** Milliseconds. */
  readonly authTime?: number | undefined
}

/**
 * Decides about a thing of a catalogue as its guard would, by the same function, as far as scopes and login go; what the rule
 * says of arguments and objects only the guard knows. Undefined where nobody has said what the thing needs.
 */
export function outcomeOf(entry: CatalogueEntry, { scopes, entitlements, now, acr, authTime }: Known) {
  if (entry.scopes === null) return undefined
  const acrValues = entry.rule['acr']
  const maxAge = entry.rule['max_age']
  const rule = {
    scopes: entry.scopes,
    whenNever: 'explain' as const,
    ...(Array.isArray(acrValues) && { acrValues: acrValues as readonly string[] }),
    ...(typeof maxAge === 'number' && { maxAgeSeconds: maxAge }),
  }
  const none = new Map<string, typeof rule>()
  const rules = { tool: none, prompt: none, resource: none, [entry.kind]: new Map([[entry.name, rule]]) }
  const decision: Decision = decide(rules, {
    subject: { type: 'user', id: '', properties: {} },
    action: { name: 'tools/call' },
    resource: { type: entry.kind, id: entry.name },
    context: {
      scopes: new Set(scopes),
      entitlements: new Set(entitlements),
      client: '',
      now,
      ...(acr !== undefined && { acr }),
      ...(authTime !== undefined && { authTime: Math.floor(authTime / 1000) }),
    },
  })
  return decision
}

/** What only the guard can say about a call: conditions of the rule on arguments and on the object that they name. */
export function guardOnly({ rule }: CatalogueEntry): readonly string[] {
  const conditions = rule['conditions']
  return Array.isArray(conditions) ? conditions.map(String) : []
}
