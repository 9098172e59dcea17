import type { FoundTool } from './inspect.ts'

export interface ProposedScope {
  readonly name: string
  readonly title: string
  readonly risk: 'read' | 'write' | 'destructive'
}

export interface ProposedTool {
  readonly name: string
  readonly title?: string
  readonly scopes: readonly [string]
}

/** What could stand in `permitry.yaml` for an MCP server. A person reads it before it counts. */
export interface ScopeProposal {
  readonly scopes: readonly ProposedScope[]
  readonly tools: readonly ProposedTool[]
  /** Scopes that only read: what a client gets that asks for nothing. */
  readonly defaultScopes: readonly string[]
}

const READING = new Set([
  'fetch',
  ...`get list read search find query show describe view lookup count check explain browse preview summarize summarise
  compare validate export download inspect resolve ping echo calculate compute convert translate`.split(/\s+/),
])
const WRITING = new Set(
  `create add update set put post write edit change modify rename move copy send book schedule reschedule record
  save store upload import insert append assign invite enable disable start stop run execute trigger submit approve
  complete close open reply comment message publish merge sync restore upsert patch make apply archive mark`.split(
    /\s+/,
  ),
)
const DESTROYING = new Set('delete remove drop destroy purge erase clear wipe revoke cancel kill terminate'.split(' '))

/** So many things are still a consent page that somebody reads. */
const MOST_THINGS = 5

type Effect = ProposedScope['risk']

/**
 * Proposes a scope for each tool, `thing:read`, `thing:write` or `thing:delete`. What a tool does is told by its
 * annotations, and where there are none by the verb in its name; whatever is unclear counts as writing. Annotations are the
 * word of the server (MCP, Tool Annotations): right for a proposal, and no decision of ours hangs on them.
 */
export function proposeScopes(serverId: string, tools: readonly FoundTool[]): ScopeProposal {
  const sorted = tools.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const parts = sorted.map((tool) => ({ tool, effect: effectOf(tool), thing: thingOf(tool.name) ?? serverId }))
  const things = new Set(parts.map(({ thing }) => thing))
  // A page with a scope for each of twenty things is not read: then the server itself is the thing.
  const thingFor = (thing: string) => (things.size > MOST_THINGS ? serverId : thing)
  const scopeFor = ({ thing, effect }: (typeof parts)[number]) => scopeName(thingFor(thing), effect)

  const scopes = new Map<string, ProposedScope>()
  for (const part of parts) {
    const thing = thingFor(part.thing)
    scopes.set(scopeFor(part), { name: scopeFor(part), title: titleOf(thing, part.effect), risk: part.effect })
  }
  const ordered = [...scopes.values()].toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
  return {
    scopes: ordered,
    tools: parts.map((part) => ({
      name: part.tool.name,
      ...titleOfTool(part.tool),
      scopes: [scopeFor(part)],
    })),
    defaultScopes: ordered.filter(({ risk }) => risk === 'read').map(({ name }) => name),
  }
}

function effectOf({ name, annotations }: FoundTool): Effect {
  if (annotations?.readOnlyHint === true) return 'read'
  if (annotations?.destructiveHint === true) return 'destructive'
  const verb = wordsOf(name).find((word) => READING.has(word) || WRITING.has(word) || DESTROYING.has(word))
  if (verb !== undefined && DESTROYING.has(verb)) return 'destructive'
  const saysItWrites = annotations?.readOnlyHint === false
  return verb !== undefined && READING.has(verb) && !saysItWrites ? 'read' : 'write'
}

/** The first word that is no verb, in the singular: `list_pets` and `update_pet` are about the same thing. */
function thingOf(name: string): string | undefined {
  const noun = wordsOf(name).find((word) => !READING.has(word) && !WRITING.has(word) && !DESTROYING.has(word))
  return noun === undefined ? undefined : singular(noun)
}

function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '')
}

function singular(noun: string): string {
  if (/[^aeiou]ies$/.test(noun)) return `${noun.slice(0, -3)}y`
  if (/(?:s|x|z|ch|sh)es$/.test(noun)) return noun.slice(0, -2)
  return /[^sui]s$/.test(noun) && noun.length > 3 ? noun.slice(0, -1) : noun
}

const SUFFIXES = { read: 'read', write: 'write', destructive: 'delete' } as const
const TITLES = { read: 'Read', write: 'Change', destructive: 'Delete' } as const
const RANKS = { read: 0, write: 1, destructive: 2 } as const

const rank = ({ risk }: ProposedScope): number => RANKS[risk]
const scopeName = (thing: string, effect: Effect): string => `${thing}:${SUFFIXES[effect]}`
const titleOf = (thing: string, effect: Effect): string => `${TITLES[effect]} ${thing}`

/** As long as `permitry.yaml` takes it, and on one line. */
function titleOfTool({ title }: FoundTool): { title?: string } {
  const short = title?.replaceAll(/\s+/g, ' ').trim().slice(0, 200) ?? ''
  return short === '' ? {} : { title: short }
}
