import { issuerOf, makeSetupLink } from '@permitry/server'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { readConfigFile } from '../config-file.ts'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { unwrap } from '../report.ts'
import { readSettings } from '../settings.ts'
import { print, type Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'

export function setupLinkCommand(terminal: Terminal): Command {
  return new Command('setup-link')
    .description('print a link with which the first owner is made: once, within an hour, while there is none')
    .option('--config <file>', 'the file that says the issuer; PERMITRY_CONFIG or permitry.yaml when left out')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async ({ config, tenant, json }: CommonOptions & { readonly config?: string }) => {
      const { folder, environment } = terminal
      const file = config === undefined ? readSettings(environment, folder).configFile : resolve(folder, config)
      const issuer = issuerOf(readConfigFile(file, terminal).issuer, tenant)
      await withOperator(terminal, { tenant }, async (operator) => {
        const url = unwrap(await makeSetupLink(operator, issuer))
        print(terminal, json ? JSON.stringify({ url }) : url)
      })
    })
}
