import { existsSync } from 'node:fs'
import { exportState, formatConfig } from '@permitry/server'
import { Command } from 'commander'
import { configuredIssuer } from '../issuer.ts'
import { withWork } from '../operator-command.ts'
import { readSettings } from '../settings.ts'
import { print, type Terminal } from '../terminal.ts'

const LEFT_OUT =
  'Passwords, sessions and consents are not in it; settings of the server stay in the file that it runs with.'

/** `permitry export`: what was done by commands and in the console, as a file that `apply` takes. */
export function exportCommand(terminal: Terminal): Command {
  const command = new Command('export')
    .description('print what is registered as a permitry.yaml; apply finds no difference to it')
    .option('--users', 'people too; without it only those who answer for an agent', false)
  return withWork<{ readonly users: boolean }>(terminal, command, async ({ operator, options: { users, json } }) => {
    const { config, secrets } = await exportState(operator, { issuer: issuerFor(terminal), users })
    if (json) return print(terminal, JSON.stringify(config))
    const asked = [...secrets].map(([id, variable]) => `\`${variable}\` must hold the secret of ${id}.`)
    print(terminal, formatConfig(config, ['Written by `permitry export`.', LEFT_OUT, ...asked].join('\n')))
  })
}

/** No database has the address; who exports without a configuration is asked for it by the file. */
function issuerFor(terminal: Terminal): string {
  const { configFile } = readSettings(terminal.environment, terminal.folder)
  return existsSync(configFile) ? configuredIssuer(terminal) : '${PERMITRY_ISSUER}'
}
