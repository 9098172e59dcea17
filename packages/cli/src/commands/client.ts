import { resumeClient, runCommand, suspendClient } from '@permitry/server'
import { Command } from 'commander'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { report } from '../report.ts'
import type { Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'

export function clientCommand(terminal: Terminal): Command {
  const client = new Command('client').description('stop applications and let them work again')
  const about = (name: string, description: string) =>
    client
      .command(name)
      .description(description)
      .argument('<client>', 'id of the client')
      .addOption(tenantOption())
      .addOption(jsonOption())

  about('suspend', 'stop a client: it gets no token any more; access tokens that are out last to their end').action(
    (id: string, { tenant, json }: CommonOptions) =>
      withOperator(terminal, { tenant }, async (operator) => {
        const done = await runCommand(operator, suspendClient, { id })
        report(terminal, json, done, { id, changed: `suspended ${id}`, unchanged: `${id} is suspended already` })
      }),
  )
  about('resume', 'let a suspended client work again').action((id: string, { tenant, json }: CommonOptions) =>
    withOperator(terminal, { tenant }, async (operator) => {
      const done = await runCommand(operator, resumeClient, { id })
      report(terminal, json, done, { id, changed: `resumed ${id}`, unchanged: `${id} is active already` })
    }),
  )
  return client
}
