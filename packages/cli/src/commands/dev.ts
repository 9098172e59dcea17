import { resolve } from 'node:path'
import { Command } from 'commander'
import { dev } from '../dev/dev.ts'
import type { Terminal } from '../terminal.ts'

interface Given {
  readonly server?: readonly string[]
  readonly token?: string
  readonly config: string
}

export function devCommand(terminal: Terminal): Command {
  return new Command('dev')
    .description(
      'try Permitry with an MCP server: runs on this machine with a test person, proposes scopes and prints what to paste',
    )
    .option('--server <url...>', 'URL of an MCP server that runs; its tools are read from it')
    .option('--token <access token>', 'for an MCP server that wants one before it tells its tools')
    .option('--config <file>', 'where the proposal is kept; once edited it is never overwritten', 'permitry.dev.yaml')
    .action(({ server = [], token, config }: Given) =>
      dev(terminal, { servers: server, token, file: resolve(terminal.folder, config) }),
    )
}
