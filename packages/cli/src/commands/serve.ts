import { resolve } from 'node:path'
import { Command } from 'commander'
import { readConfigFile } from '../config-file.ts'
import { serve } from '../serve/serve.ts'
import { readSettings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

interface ServeCommandOptions {
  readonly config?: string
  readonly apply: boolean
  readonly host?: string
}

export function serveCommand(terminal: Terminal): Command {
  return new Command('serve')
    .description('run the authorization server until it is asked to stop; logs are JSON lines')
    .option('--config <file>', 'the file; PERMITRY_CONFIG or permitry.yaml when left out')
    .option('--apply', 'bring the configuration into the database first, without pruning', false)
    .option('--host <address>', 'listen at this address; the loopback address of the issuer when left out')
    .action(async ({ config, apply, host }: ServeCommandOptions) => {
      const { folder, environment } = terminal
      const file = config === undefined ? readSettings(environment, folder).configFile : resolve(folder, config)
      await serve(terminal, { config: readConfigFile(file, terminal), apply, host })
    })
}
