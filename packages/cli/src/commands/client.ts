import {
  describeFailure,
  listClients,
  type RegisteredClient,
  resumeClient,
  runCommand,
  suspendClient,
} from '@permitry/server'
import { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { clientMetadata, formatClient } from '../print-client.ts'
import { report } from '../report.ts'
import { formatTable } from '../table.ts'
import { print, type Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'
import { clientAddCommand } from './client-add.ts'

export function clientCommand(terminal: Terminal): Command {
  const client = new Command('client').description(
    'register applications, look at them, stop them and let them work again',
  )
  const about = (name: string, description: string) =>
    client
      .command(name)
      .description(description)
      .argument('<client>', 'id of the client')
      .addOption(tenantOption())
      .addOption(jsonOption())

  client.addCommand(clientAddCommand(terminal))
  client
    .command('list')
    .description('list the clients that operators registered')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(({ tenant, json }: CommonOptions) =>
      withOperator(terminal, { tenant }, async (operator) => {
        const clients = await listClients(operator)
        if (json)
          return print(
            terminal,
            JSON.stringify(clients.map((one) => ({ ...clientMetadata(one), status: statusOf(one) }))),
          )
        const rows = clients.map((one) => [
          one.id,
          one.name,
          one.authMethod,
          one.grantTypes.join(' '),
          Object.keys(one.servers).join(' '),
          statusOf(one),
        ])
        print(terminal, formatTable(['client', 'name', 'auth', 'grant types', 'servers', 'status'], rows))
      }),
    )
  about('show', 'show what a client is registered for; no secret is stored that could be shown').action(
    (id: string, { tenant, json }: CommonOptions) =>
      withOperator(terminal, { tenant }, async (operator) => {
        const [found] = await listClients(operator, id)
        if (!found) throw new CliError(describeFailure({ reason: 'unknown', kind: 'client', id }))
        const status = statusOf(found)
        print(
          terminal,
          json ? JSON.stringify({ ...clientMetadata(found), status }) : `${formatClient(found)}\nstatus: ${status}`,
        )
      }),
  )
  about(
    'suspend',
    'stop a client: it gets no token any more; guards with a credential refuse living access tokens at once',
  ).action((id: string, { tenant, json }: CommonOptions) =>
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

function statusOf({ active }: RegisteredClient): 'active' | 'suspended' {
  return active ? 'active' : 'suspended'
}
