import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { randomInt } from 'node:crypto'
import { DEFAULT_TENANT, hashPassword, runCommand, setPassword, type Config } from '@permitry/server'
import { isLoopbackHost } from '@permitry/oauth'
import { CliError } from '../cli-error.ts'
import { applyUnasked } from '../commands/apply.ts'
import { readConfigFile } from '../config-file.ts'
import { unwrap } from '../report.ts'
import { serve } from '../serve/serve.ts'
import { readSettings } from '../settings.ts'
import { print, type Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'
import { look, type Looking, mustSee } from './look.ts'
import { isToolName, isUnedited, proposeConfig, proposedIn, TESTER, type FoundServer } from './proposal.ts'
import { formatSummary } from './summary.ts'

const DATA_DIR = '.permitry-dev'

export interface DevOptions {
  /** URLs of MCP servers. */
  readonly servers: readonly string[]
  /** The file of the proposal. */
  readonly file: string
  /** What the one MCP server wants to be shown before it tells its tools. */
  readonly token: string | undefined
}

/**
 * Runs an authorization server on loopback with one test person, for MCP servers that need not know of it yet. Everything
 * it keeps is in a folder of its own, so it never touches the data of a real server beside it.
 */
export async function dev(terminal: Terminal, { servers, file, token }: DevOptions): Promise<void> {
  // One server's token is not shown to another.
  if (token !== undefined && servers.length !== 1)
    throw new CliError('a token is for one MCP server: give one --server')
  const own = ownTerminal(terminal, file)
  const { dataDir, port } = readSettings(own.environment, own.folder)
  const issuer = `http://localhost:${port ?? 9400}`
  const password = existsSync(file) ? undefined : newPassword()
  const notes = await propose(file, { servers, issuer, password, token })

  const config = readConfigFile(file, own)
  if (!isLoopbackHost(new URL(config.issuer).hostname))
    throw new CliError(
      `dev runs on this machine only, and the issuer in \`${shown(terminal, file)}\` is \`${config.issuer}\`: use \`permitry serve\``,
    )
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  await prepare(own, config, password)
  const log = createWriteStream(join(dataDir, 'serve.log'), { flags: 'a', mode: 0o600 })
  const ready = (at: string) =>
    print(terminal, formatSummary({ issuer: at, config, password, notes, file: shown(terminal, file) }))
  try {
    await serve({ ...own, stdout: log }, { config, apply: false, host: undefined, ready })
  } finally {
    log.end()
  }
}

/** The terminal of the person with an environment of dev's own: nothing of a real server's data, database or keys. */
function ownTerminal(terminal: Terminal, file: string): Terminal {
  const foreign = new Set(['DATABASE_URL', 'PERMITRY_MASTER_KEY', 'PERMITRY_MASTER_KEY_FILE'])
  const rest = Object.entries(terminal.environment).filter(([name]) => !foreign.has(name))
  const environment = { ...Object.fromEntries(rest), PERMITRY_DATA_DIR: DATA_DIR, PERMITRY_CONFIG: file }
  return { ...terminal, environment }
}

interface Proposing {
  readonly servers: readonly string[]
  readonly issuer: string
  readonly token: string | undefined
  /** The password of a person whom the file does not know yet. */
  readonly password: string | undefined
}

/** Writes the file, or leaves it alone. Returns what a person should know about that. */
async function propose(file: string, { servers, issuer, token, password }: Proposing): Promise<string[]> {
  const looking = { issuer, token }
  if (password !== undefined) {
    const found: FoundServer[] = []
    for (const url of servers) found.push(await mustSee(url, looking))
    writeFileSync(file, proposeConfig(found, await hashPassword(password)), { flag: 'wx', mode: 0o600 })
    return found.flatMap(remarksOn)
  }
  const text = readFileSync(file, 'utf8')
  if (!isUnedited(text)) return await remarksOnEdited(text, servers, looking)
  if (servers.length === 0) return []
  // Whoever tries another server has not given up the one before.
  const known = proposedIn(text)
  const found: FoundServer[] = []
  for (const url of new Set([...known, ...servers])) {
    const seen = await look(url, servers.includes(url) ? looking : { issuer })
    // What was proposed once stays good when the server is down or protected now.
    if ('problem' in seen || seen.scopes !== undefined) return 'problem' in seen ? [seen.problem] : []
    found.push(seen)
  }
  const hash = /password_hash: (\S+)/.exec(text)?.[1]
  if (hash !== undefined) writeFileSync(file, proposeConfig(found, hash), { mode: 0o600 })
  return found.flatMap(remarksOn)
}

function remarksOn({ url, tools }: FoundServer): string[] {
  const odd = tools.filter(({ name }) => !isToolName(name))
  return [
    ...(tools.length === 0 ? [`${url} shows no tools: start dev again when it has some`] : []),
    ...(odd.length > 0 ? [`${odd.length} tools of ${url} have names that MCP does not allow and were left out`] : []),
  ]
}

/** A file that somebody edited stays as it is; what it does not know is only told. */
async function remarksOnEdited(text: string, servers: readonly string[], looking: Looking): Promise<string[]> {
  const remarks: string[] = []
  for (const url of servers) {
    if (!text.includes(url)) remarks.push(`the file was edited and is left alone: add ${url} to it by hand`)
    const seen = await look(url, looking)
    const unknown = 'problem' in seen ? [] : seen.tools.map(({ name }) => name).filter((name) => !text.includes(name))
    if (unknown.length > 0) remarks.push(`the file was edited and does not name these tools: ${unknown.join(', ')}`)
    if ('problem' in seen) remarks.push(seen.problem)
  }
  return remarks
}

/** The declared state is all that there is here, so what vanished from the file goes. */
async function prepare(own: Terminal, config: Config, password: string | undefined): Promise<void> {
  await withOperator(own, { tenant: DEFAULT_TENANT, create: true }, async (operator) => {
    await applyUnasked(operator, config, true)
    // A person of an earlier file keeps an earlier password, and the one that is printed must be the one that works.
    if (password !== undefined)
      unwrap(await runCommand(operator, setPassword, { id: TESTER.id, passwordHash: await hashPassword(password) }))
  })
}

/** Fifteen letters and digits that cannot be mistaken for each other: 75 bits. */
function newPassword(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789'
  const group = () => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('')
  return `${group()}-${group()}-${group()}`
}

function shown({ folder }: Terminal, file: string): string {
  return relative(folder, file) || file
}
