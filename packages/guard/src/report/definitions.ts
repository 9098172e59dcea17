import type { ResourceType, Rule } from '@permitry/policy'
import { isRecord } from '../message.ts'
import type { Settings } from '../settings.ts'
import type { Principal } from '../types.ts'

/** One tool, prompt or resource as the authorization server is told it: what it needs, and what it says of itself. */
export interface PublishedItem {
  /** The name of its rule: a tool's or prompt's name, a resource's URI or URI template. */
  readonly name: string
  readonly scopes: readonly string[]
  /** On what a call depends besides scopes. */
  readonly conditions?: readonly ('arguments' | 'object')[]
  readonly when_never?: 'explain'
  readonly acr?: readonly string[]
  readonly max_age?: number
  /** Left out until a list has shown it. */
  readonly title?: string
  readonly description?: string
  readonly annotations?: Readonly<Record<string, boolean>>
}

/** What a list says of an item, as far as it is published. */
export type Definition = Pick<PublishedItem, 'title' | 'description' | 'annotations'>

/** What the rules of a guard say of one kind. */
export function ruleItems(type: ResourceType, { rules }: Pick<Settings, 'rules'>): PublishedItem[] {
  return [...rules[type]].map(([name, rule]) => ({
    name,
    scopes: rule.scopes,
    ...conditionsOf(rule),
    ...(rule.whenNever === 'explain' && { when_never: 'explain' as const }),
    ...(rule.acrValues && { acr: rule.acrValues }),
    ...(rule.maxAgeSeconds !== undefined && { max_age: rule.maxAgeSeconds }),
  }))
}

function conditionsOf({ allowArguments, allowObject }: Rule<Principal>): Pick<PublishedItem, 'conditions'> {
  const conditions = [
    ...(allowArguments ? (['arguments'] as const) : []),
    ...(allowObject ? (['object'] as const) : []),
  ]
  return conditions.length > 0 ? { conditions } : {}
}

const MAX_TITLE = 200
const MAX_DESCRIPTION = 2_000
/** MCP, `ToolAnnotations`; the title among them is read where there is no other. */
const HINTS = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'] as const

/** Reads what a list says of an item. Its shape is the server's to keep: what does not fit is left out. */
export function definitionOf(item: Readonly<Record<string, unknown>>): Definition {
  const annotations = isRecord(item['annotations']) ? item['annotations'] : {}
  const title = textOf(item['title'], MAX_TITLE) ?? textOf(annotations['title'], MAX_TITLE)
  const description = textOf(item['description'], MAX_DESCRIPTION)
  const hints = HINTS.flatMap((hint) => (typeof annotations[hint] === 'boolean' ? [[hint, annotations[hint]]] : []))
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(hints.length > 0 && { annotations: Object.fromEntries(hints) as Record<string, boolean> }),
  }
}

function textOf(value: unknown, max: number): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, max) : undefined
}
