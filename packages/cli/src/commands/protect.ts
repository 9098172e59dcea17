import { resolve } from 'node:path'
import { Command } from 'commander'
import { protect } from '../protect/protect.ts'
import type { Terminal } from '../terminal.ts'

interface ProtectCommandOptions {
  readonly config: string
  readonly upstream?: string
  readonly host: string
}

export function protectCommand(terminal: Terminal): Command {
  return new Command('protect')
    .description('run the gateway in front of MCP servers until it is asked to stop; logs are JSON lines')
    .option('--upstream <url>', 'where the MCP server is, when the rules name one')
    .option('--config <file>', 'the rules', 'rules.yaml')
    .option('--host <address>', 'listen at this address', '127.0.0.1')
    .action(({ config, upstream, host }: ProtectCommandOptions) =>
      protect(terminal, { file: resolve(terminal.folder, config), upstream, host }),
    )
}
