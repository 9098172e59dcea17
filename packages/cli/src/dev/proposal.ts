import { createHash } from 'node:crypto'
import { type FoundTool, OWNER_ROLE, proposeScopes } from '@permitry/server'
import { parse, stringify } from 'yaml'

/** A registered MCP server as `dev` found it. */
export interface FoundServer {
  readonly url: string
  /** What the server calls itself. */
  readonly name: string | undefined
  readonly tools: readonly FoundTool[]
  /** Scopes that a server which is protected already says it knows; its tools cannot be seen then. */
  readonly scopes?: readonly string[]
}

/** The person who tries things out. */
export const TESTER = { id: 'usr_tester', username: 'tester', name: 'Tester' } as const

const CHECKSUM = /^# checksum: ([0-9a-f]{64}) .*\n/m

/** `permitry.yaml` with what was found, for a person to read and change. */
export function proposeConfig(servers: readonly FoundServer[], passwordHash: string): string {
  const ids = new Map<string, FoundServer>()
  for (const server of servers) ids.set(freeId(idOf(server), ids), server)
  const proposed = [...ids].map(([id, server]) => propose(id, server))
  const scopes = Object.fromEntries(proposed.map((server) => [server.id, server.scopes.map(({ name }) => name)]))
  const body = stringify(
    {
      version: 1,
      issuer: 'http://localhost:${PERMITRY_PORT:-9400}',
      servers: proposed,
      roles: [{ id: 'tester', name: 'Tester', scopes }],
      // Somebody has to own the server, and on this machine that is whoever tries it.
      users: [{ ...TESTER, password_hash: passwordHash, roles: ['tester', OWNER_ROLE] }],
    },
    { lineWidth: 0 },
  )
  const head = [
    '# Proposed by `permitry dev` from what the MCP servers say about their tools: read each scope and each risk before you',
    '# rely on them. `permitry apply --config` takes this file as it is.',
    `# checksum: ${sha256(body)} as long as it fits the text below, dev may write this file anew; once edited it is yours`,
  ]
  return `${head.join('\n')}\n${body}`
}

/** Whether nobody changed a proposal since it was written. */
export function isUnedited(text: string): boolean {
  const found = CHECKSUM.exec(text)
  return found !== null && found[1] === sha256(text.slice(found.index + found[0].length))
}

/** The URLs of the MCP servers in an unedited proposal. */
export function proposedIn(text: string): readonly string[] {
  const { servers } = parse(text) as { readonly servers: readonly { readonly identifier: string }[] }
  return servers.map(({ identifier }) => identifier)
}

/** Names that MCP allows (Tools, Tool Names). Others cannot be named in rules, so they stay refused. */
export function isToolName(name: string): boolean {
  return /^[A-Za-z0-9_./-]{1,128}$/.test(name)
}

function propose(id: string, { url, name, tools, scopes }: FoundServer) {
  const named = tools.filter((tool) => isToolName(tool.name))
  const proposal = proposeScopes(id, named)
  const known = (scopes ?? []).map((scope) => ({ name: scope, title: scope, risk: riskOf(scope) }))
  return {
    id,
    identifier: url,
    name: plain(name ?? '') || id,
    default_scopes: known.length > 0 ? known.slice(0, 1).map((scope) => scope.name) : proposal.defaultScopes,
    scopes: known.length > 0 ? known : proposal.scopes,
    tools: proposal.tools.map((tool) => ({
      ...tool,
      ...(tool.title === undefined ? {} : { title: plain(tool.title) }),
    })),
  }
}

function riskOf(scope: string): 'read' | 'write' {
  return /read|list|view/i.test(scope) ? 'read' : 'write'
}

/** Text of a stranger in our file: an expansion in it would read a variable or a file of ours. */
function plain(text: string): string {
  return text.replaceAll('${', '$ {').trim().slice(0, 200)
}

function idOf({ url, name }: FoundServer): string {
  const id = (text: string) =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 40)
  return id(name ?? '') || id(new URL(url).hostname) || 'server'
}

function freeId(id: string, taken: ReadonlyMap<string, unknown>): string {
  let free = id
  for (let number = 2; taken.has(free); number += 1) free = `${id}-${number}`
  return free
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
