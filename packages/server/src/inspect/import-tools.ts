import { err, ok, type Result } from '@permitry/oauth'
import type { PublishedItem } from '../catalogue/publication.ts'
import { publishCatalogue } from '../commands/catalogue.ts'
import type { Outcome } from '../commands/command.ts'
import { describeFailure } from '../commands/failure.ts'
import { type Operator, runCommand } from '../commands/run.ts'
import { inTenant } from '../store/in-tenant.ts'
import { type FoundTool, type Inspection, inspectServer, type InspectOptions } from './inspect.ts'

/**
 * Connects to an MCP server, as far as the rules for addresses allow, and takes over what its tools, prompts and resources say of
 * themselves. What
 * they need is not to be seen from outside: that stays what its guard published or an operator declared. Says what is wrong
 * in a sentence.
 */
export async function importTools(
  operator: Operator,
  serverId: string,
  options: InspectOptions,
): Promise<Result<{ readonly outcome: Outcome; readonly tools: number }, string>> {
  const server = await operator.store.read((db) => inTenant(db, operator.tenant).serverDefinitions.find(serverId))
  if (!server) return err(describeFailure({ reason: 'unknown', kind: 'server', id: serverId }))
  const url = [...server.urls, server.identifier].find((name) => /^https?:/i.test(name))
  if (url === undefined) return err(`\`${serverId}\` has no web address to connect to: give it one under \`urls\``)
  const seen = await inspectServer(url, { ...options, others: true })
  if (seen.state !== 'open') return err(`the tools at ${url} cannot be read: ${whyNot(seen)}`)
  // A name that comes twice is the first one's: what calls it would be told nothing else.
  const found = [...seen.tools.map((tool) => ({ kind: 'tool' as const, ...tool })), ...(seen.others ?? [])]
  const byName = new Map(
    found
      .map(toItem)
      .toReversed()
      .map((item) => [`${item.kind} ${item.name}`, item]),
  )
  const items = [...byName.values()].slice(0, MAX_ITEMS)
  const done = await runCommand(operator, publishCatalogue, { serverId, source: 'import', items })
  return done.ok
    ? ok({ outcome: done.value, tools: items.filter(({ kind }) => kind === 'tool').length })
    : err(describeFailure(done.error))
}

const MAX_ITEMS = 1000

/** Everything is the other side's word: as long as people read it, and as a database can keep it. */
function toItem({
  kind,
  name,
  title,
  description,
  annotations,
}: FoundTool & Pick<PublishedItem, 'kind'>): PublishedItem {
  const text = (value: string, max: number) => value.slice(0, max).toWellFormed().replaceAll('\0', '\ufffd')
  return {
    kind,
    name: text(name, 512),
    title: title === undefined ? undefined : text(title, 512),
    description: description === undefined ? undefined : text(description, 8192),
    annotations: annotations && { ...annotations },
  }
}

function whyNot(seen: Exclude<Inspection, { readonly state: 'open' }>): string {
  switch (seen.state) {
    case 'protected':
      return 'it wants an access token: give one with `--token`'
    case 'unreachable':
      return seen.reason === 'address_refused' ? 'the address is not one that may be connected to' : seen.detail
    case 'not_mcp':
      return `it does not speak MCP${seen.status === undefined ? '' : ` (HTTP ${seen.status})`}`
  }
}
