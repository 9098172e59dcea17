import { isLoopbackHost } from '@permitry/oauth'

/** How one client is told of an MCP server. docs/reference/connect.md says where each format is documented. */
export interface ClientLines {
  readonly client: ClientId
  readonly name: string
  readonly steps: readonly Step[]
  /** What somebody must know before they try. */
  readonly note?: string
}

/** Something to run in a shell, to paste into a file, or to click. */
export type Step =
  | { readonly kind: 'run'; readonly text: string }
  | { readonly kind: 'file'; readonly file: string; readonly text: string }
  | { readonly kind: 'do'; readonly text: string }

/** An MCP server as clients need to know it. */
export interface Target {
  readonly name: string
  readonly url: string
}

const FORMATS = {
  'claude-code': ({ name, url }) => ({
    name: 'Claude Code',
    steps: [run('claude', 'mcp', 'add', '--transport', 'http', name, url), act('in Claude Code: /mcp, and sign in')],
  }),
  claude: ({ name, url }) =>
    isOnLoopback(url)
      ? {
          name: 'Claude Desktop',
          steps: [
            file('claude_desktop_config.json', {
              mcpServers: { [name]: { command: 'npx', args: ['-y', 'mcp-remote', url] } },
            }),
          ],
          note: 'connectors of Claude connect from the internet and do not reach this address, so a bridge on this machine does',
        }
      : {
          name: 'Claude (web, Desktop, mobile)',
          steps: [act(`Settings → Connectors → Add custom connector: name ${name}, URL ${url}`)],
          note: 'connectors of Claude connect from the internet: the address must be reachable from there',
        },
  vscode: ({ name, url }) => ({
    name: 'VS Code',
    steps: [
      run('code', '--add-mcp', JSON.stringify({ name, type: 'http', url })),
      file('.vscode/mcp.json', { servers: { [name]: { type: 'http', url } } }),
    ],
    note: 'one of the two is enough',
  }),
  cursor: ({ name, url }) => ({
    name: 'Cursor',
    steps: [file('.cursor/mcp.json', { mcpServers: { [name]: { url } } })],
  }),
  codex: ({ name, url }) => ({
    name: 'Codex',
    steps: [
      { kind: 'file', file: '~/.codex/config.toml', text: `[mcp_servers.${name}]\nurl = ${JSON.stringify(url)}` },
      run('codex', 'mcp', 'login', name),
    ],
  }),
  'gemini-cli': ({ name, url }) => ({
    name: 'Gemini CLI',
    steps: [
      run('gemini', 'mcp', 'add', '--transport', 'http', name, url),
      file('.gemini/settings.json', { mcpServers: { [name]: { httpUrl: url } } }),
      act(`in Gemini CLI: /mcp auth ${name}`),
    ],
    note: 'one of the first two is enough',
  }),
  inspector: ({ url }) => ({
    name: 'MCP Inspector',
    steps: [run('npx', '@modelcontextprotocol/inspector', '--server-url', url, '--transport', 'http')],
  }),
} as const satisfies Record<string, (target: Target) => Omit<ClientLines, 'client'>>

export type ClientId = keyof typeof FORMATS

/** The clients whose lines are known. */
export const CLIENT_IDS = Object.keys(FORMATS) as readonly ClientId[]

/** What to run, paste and click, for one client or for all. */
export function linesFor({ name, url }: Target, only?: ClientId): ClientLines[] {
  // Codex takes no dot in a name, and one name for all clients is easier to talk about.
  const target = { name: name.replaceAll(/[^A-Za-z0-9_-]/g, '-'), url }
  return CLIENT_IDS.filter((id) => only === undefined || id === only).map((client) => ({
    client,
    ...FORMATS[client](target),
  }))
}

export function formatLines(lines: readonly ClientLines[]): string {
  return lines
    .map(({ name, steps, note }) => [`${name}${note === undefined ? '' : ` (${note})`}`, ...steps.map(formatStep)])
    .map((block) => block.join('\n'))
    .join('\n\n')
}

function formatStep(step: Step): string {
  switch (step.kind) {
    case 'run':
      return `  $ ${step.text}`
    case 'file':
      return `  ${step.file}\n${step.text.replaceAll(/^/gm, '    ')}`
    case 'do':
      return `  ${step.text}`
  }
}

const run = (...words: readonly string[]): Step => ({ kind: 'run', text: words.map(quote).join(' ') })
const act = (text: string): Step => ({ kind: 'do', text })
const file = (name: string, content: object): Step => ({
  kind: 'file',
  file: name,
  text: JSON.stringify(content, null, 2),
})

/** One word for a POSIX shell, whatever it holds. */
function quote(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

function isOnLoopback(url: string): boolean {
  return isLoopbackHost(new URL(url).hostname)
}
