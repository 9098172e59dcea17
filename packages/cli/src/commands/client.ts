import {
  listClients,
  type RegisteredClient,
  removeClient,
  resumeClient,
  runCommand,
  suspendClient,
} from '@permitry/server'
import { Command } from 'commander'
import { type Kind, listCommand, removeCommand, showCommand } from '../definition-commands.ts'
import { requireOne } from '../find.ts'
import { withWork } from '../operator-command.ts'
import { clientMetadata } from '../print-client.ts'
import { report } from '../report.ts'
import type { Terminal } from '../terminal.ts'
import { clientAddCommand } from './client-add.ts'
import { clientChangeCommands } from './client-change.ts'
import { statusOf } from './user.ts'

const CLIENT: Kind<RegisteredClient> = {
  noun: 'client',
  plural: 'clients that operators registered',
  about: 'id of the client',
  list: (operator) => listClients(operator),
  find: async (operator, id) => requireOne(await listClients(operator, id), 'client', id),
  toJson: (client) => ({ ...clientMetadata(client), status: statusOf(client) }),
  columns: [
    ['client', ({ id }) => id],
    ['name', ({ name }) => name],
    ['auth', ({ authMethod }) => authMethod],
    ['grant types', ({ grantTypes }) => grantTypes.join(' ')],
    ['servers', ({ servers }) => Object.keys(servers).join(' ')],
    ['status', (client) => statusOf(client)],
  ],
}

export function clientCommand(terminal: Terminal): Command {
  const client = new Command('client')
    .description('register applications, look at them, change them, stop them and let them work again')
    .addCommand(listCommand(terminal, CLIENT))
    .addCommand(showCommand(terminal, CLIENT))
    .addCommand(clientAddCommand(terminal))
  for (const command of clientChangeCommands(terminal)) client.addCommand(command)
  return client
    .addCommand(suspendCommand(terminal))
    .addCommand(resumeCommand(terminal))
    .addCommand(removeCommand(terminal, CLIENT, 'remove a client with all consents for it', removeClient))
}

function suspendCommand(terminal: Terminal): Command {
  const command = new Command('suspend')
    .description(
      'stop a client: it gets no token any more; guards with a credential refuse living access tokens at once',
    )
    .argument('<client>', CLIENT.about)
  return withWork(terminal, command, async ({ operator, args: [id], options }) => {
    const done = await runCommand(operator, suspendClient, { id })
    report(terminal, options.json, done, { id, changed: `suspended ${id}`, unchanged: `${id} is suspended already` })
  })
}

function resumeCommand(terminal: Terminal): Command {
  const command = new Command('resume')
    .description('let a suspended client work again')
    .argument('<client>', CLIENT.about)
  return withWork(terminal, command, async ({ operator, args: [id], options }) => {
    const done = await runCommand(operator, resumeClient, { id })
    report(terminal, options.json, done, { id, changed: `resumed ${id}`, unchanged: `${id} is active already` })
  })
}
