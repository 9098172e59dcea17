// docs/reference/clients.md, made of the fixtures: `npm run clients:page` writes it, and a test tells when it is behind.
import { writeFileSync } from 'node:fs'
import type { ClientFixture, Fact, Introduction, Source } from './client.ts'
import { clients } from './clients/index.ts'
import { habits } from './habits.ts'

export const PAGE = new URL('../../docs/reference/clients.md', import.meta.url)

const intro = `# MCP clients

What MCP clients of the field do when they sign a person in, and that it works here: each client below is replayed against a running
authorization server and the guarded VetAssist server, in every way in which it introduces itself, at MCP 2026-07-28, 2025-11-25 and
2025-06-18 (\`tests/compatibility\`). MCP Inspector and mcp-remote run themselves besides (\`npm run clients:real\`).

Every fact has its source: a public page, with the day on which it said so, and where its words were read if the page itself was not.
*Unknown* means that we found no public source; the replay then does what MCP says, and shows nothing about the client.
This page is made of the fixtures in \`tests/compatibility/clients\` by \`npm run clients:page\`.
`

/** The whole page. */
export function clientsPage(): string {
  const overview = table(
    ['client', 'introduces itself by', 'redirect URI', 'scope', '`resource`'],
    clients.map((client) => [
      client.name,
      [...new Set(client.introductions.map(({ by }) => by))].join(', else '),
      say(client.redirectUri, code),
      say(client.scope),
      say(client.resource),
    ]),
  )
  const habitRows = Object.entries(habits).map(([sentence, { clients: who, here, source }]) => [
    sentence,
    who,
    here,
    link(source),
  ])
  return [
    intro,
    '## At a glance\n',
    overview,
    ...clients.map(section),
    '\n## Habits, and what they get here\n',
    'Each row is a test in `tests/compatibility/habits.test.ts`.\n',
    table(['what counts', 'who does it', 'here', 'source'], habitRows),
    '',
  ].join('\n')
}

function section(client: ClientFixture): string {
  const rows: [string, Fact<unknown>, ((value: never) => string)?][] = [
    ['redirect URI', client.redirectUri, code],
    ['needs for its document', client.documentNeeds],
    ['scope', client.scope, (habit: string) => `from ${habit}`],
    ['`offline_access`', client.offlineAccess, (asks: boolean) => (asks ? 'asked for when it is listed' : 'not added')],
    ['`prompt`', client.prompt, (prompt: string) => (prompt === 'none' ? 'left out' : code(prompt))],
    ['`resource`', client.resource],
    ['refresh', client.refresh, refreshSays],
    ['first request', client.firstRequest, code],
    ['`MCP-Protocol-Version` for metadata', client.discoveryVersion],
    [
      '`MCP-Protocol-Version` after `initialize`',
      client.versionHeader,
      (sends: boolean) => (sends ? 'sent' : 'left out'),
    ],
    ['MCP revision', client.revision],
    ['refuses to go on without', client.demands],
  ]
  return [
    `\n## ${client.name}\n`,
    ...client.introductions.map(introduction),
    table(
      ['', 'what it does', 'source'],
      rows.map(([name, fact, format]) => [name, say(fact as Fact<never>, format), sourceOf(fact)]),
    ),
  ].join('\n')
}

function introduction(one: Introduction): string {
  const sources = one.sources.map(link).join('; ')
  return `${howItIntroducesItself(one)} (${sources}):\n\n\`\`\`json\n${JSON.stringify(one.metadata, null, 2)}\n\`\`\`\n`
}

function howItIntroducesItself(one: Introduction): string {
  if (one.by === 'registration') return one.excerpt ? 'Of what it registers the sources quote' : 'It registers with'
  return one.excerpt ? `Of its document, ${code(one.url)}, the sources quote` : `Its document is ${code(one.url)}`
}

function refreshSays({ resource, scope }: { resource: boolean; scope: boolean }): string {
  return `${resource ? 'with' : 'without'} \`resource\`, ${scope ? 'with' : 'without'} \`scope\``
}

function say<T>(fact: Fact<T>, format: (value: T) => string = String): string {
  return fact === 'unknown' ? '*unknown*' : format(fact.value)
}

function sourceOf(fact: Fact<unknown>): string {
  return fact === 'unknown' ? '' : link(fact.source)
}

function link({ url, date, quotedAt }: Source): string {
  const read = quotedAt === undefined ? '' : `, read [there](${quotedAt})`
  return `[${new URL(url).hostname}](${url}) ${date}${read}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const code = (text: string) => `\`${text}\``

if (import.meta.main) writeFileSync(PAGE, clientsPage())
