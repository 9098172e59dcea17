import type { ResourceType } from '@permitry/policy'
import type { GuardApi } from '../issuer/guard-api.ts'
import type { Schedule } from '../issuer/exchange.ts'
import type { Settings } from '../settings.ts'
import { type Definition, definitionOf, ruleItems } from './definitions.ts'
import { createNap } from './nap.ts'

/** How long things take; other numbers are for tests only. */
export interface CatalogueTiming {
  /** After the first list has shown definitions, others may follow. */
  readonly gatherMs: number
  /** Least time between two publications: whatever a server lists, its authorization server is not flooded. */
  readonly pauseMs: number
  readonly retryMs: number
  readonly longestRetryMs: number
  readonly requestMs: number
}

export const CATALOGUE_TIMING: CatalogueTiming = {
  gatherMs: 2_000,
  pauseMs: 60_000,
  retryMs: 2_000,
  longestRetryMs: 60_000,
  requestMs: 10_000,
}

export interface CatalogueOptions {
  readonly issuer: string
  readonly api: GuardApi
  readonly schedule: Schedule
  readonly settings: Pick<Settings, 'resource' | 'rules' | 'onError'>
  readonly timing: CatalogueTiming
}

/** What the authorization server knows of the tools, prompts and resources of this MCP server. */
export interface Catalogue {
  /** Takes what a list says of an item, before it is filtered for a caller. `id` is the key of its rule. */
  onListed(type: ResourceType, id: string, item: Readonly<Record<string, unknown>>): void
  close(): void
}

/**
 * Publishes the rules at once, and what lists say of each item when they have said it; again only when something of that
 * has changed. An item without a rule is not published, because nobody can use it.
 */
export function createCatalogue({ issuer, api, schedule, settings, timing }: CatalogueOptions): Catalogue {
  const { resource, rules, onError } = settings
  const definitions: Readonly<Record<ResourceType, Map<string, Learned>>> = {
    tool: new Map(),
    prompt: new Map(),
    resource: new Map(),
  }
  const nap = createNap(schedule)
  const over = new AbortController()
  let text = JSON.stringify(write())
  let published: string | undefined
  let failures = 0
  let isRunning = false

  function write(): object {
    const items = (type: ResourceType): object[] =>
      ruleItems(type, { rules }).map((item) => ({ ...item, ...definitions[type].get(item.name)?.definition }))
    return { server: resource, tools: items('tool'), prompts: items('prompt'), resources: items('resource') }
  }

  /** Publishes what is new, and then nothing for a while: what changes meanwhile goes along with the next. */
  async function run(pauseMs: number): Promise<void> {
    isRunning = true
    if (pauseMs > 0) await nap.sleep(pauseMs)
    while (!over.signal.aborted && text !== published) {
      const isFirst = published === undefined
      const pause = (await publish()) ?? (isFirst ? 0 : timing.pauseMs)
      if (pause > 0) await nap.sleep(pause)
    }
    isRunning = false
  }

  /** After a failure, how long to wait before the next try. */
  async function publish(): Promise<number | undefined> {
    const sent = text
    const failure = await put()
    if (failure === undefined) {
      published = sent
      failures = 0
      return undefined
    }
    failures += 1
    if (failures === 1 && !over.signal.aborted)
      onError(new Error(`the tools could not be published to the authorization server: ${failure}`))
    return Math.min(timing.retryMs * 2 ** (failures - 1), timing.longestRetryMs)
  }

  async function put(): Promise<string | undefined> {
    try {
      const { status } = await api({
        method: 'PUT',
        url: `${issuer}/guard/catalogue`,
        body: write(),
        signal: over.signal,
        timeoutMs: timing.requestMs,
      })
      return status >= 200 && status < 300 ? undefined : `the answer is ${status}`
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  void run(0)
  return {
    onListed(type, id, item) {
      if (!rules[type].has(id)) return
      const definition = definitionOf(item)
      const digest = JSON.stringify(definition)
      const known = definitions[type]
      if (known.get(id)?.digest === digest) return
      known.set(id, { definition, digest })
      text = JSON.stringify(write())
      if (!isRunning) void run(timing.gatherMs)
    },
    close() {
      over.abort()
      nap.wake()
    },
  }
}

interface Learned {
  readonly definition: Definition
  readonly digest: string
}
