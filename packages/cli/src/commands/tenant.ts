import { createTenant, runCommand } from '@permitry/server'
import { Command } from 'commander'
import { jsonOption } from '../options.ts'
import { report } from '../report.ts'
import type { Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'

export function tenantCommand(terminal: Terminal): Command {
  const tenant = new Command('tenant').description('make tenants')
  tenant
    .command('create')
    .description('make a tenant; its issuer is the issuer of the default tenant with /t/<id> behind it')
    .argument('<id>', '1 to 63 lower-case letters, digits and -; it never changes')
    .option('--name <name>', 'what people read; the id when left out')
    .addOption(jsonOption())
    .action((id: string, { name = id, json }: { name?: string; json: boolean }) =>
      withOperator(terminal, { tenant: id, create: true }, async (operator) => {
        const done = await runCommand(operator, createTenant, { name })
        report(terminal, json, done, { id, changed: `made tenant ${id}`, unchanged: `tenant ${id} is there already` })
      }),
    )
  return tenant
}
