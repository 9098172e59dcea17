import { describeFailure, findReach } from '@permitry/server'
import { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { requireSubject } from '../find.ts'
import { withWork } from '../operator-command.ts'
import { formatTable } from '../table.ts'
import { print, type Terminal } from '../terminal.ts'

/** `permitry user access`: what a person could do, before any application asked for it. */
export function userAccessCommand(terminal: Terminal): Command {
  const command = new Command('access')
    .description('say what a person can do: scopes and tools at each MCP server, and through which clients')
    .argument('<person>', 'id or user name; an agent by its id')
  return withWork(terminal, command, async ({ operator, args: [person], options: { json } }) => {
    const id = await requireSubject(operator, person)
    const reach = await findReach(operator, id)
    if (!reach) throw new CliError(describeFailure({ reason: 'unknown', kind: 'subject', id }))
    if (json) return print(terminal, JSON.stringify({ id, ...reach }))
    if (!reach.active)
      print(terminal, `${id} is suspended: nothing of this counts until \`permitry user resume ${id}\``)
    const rows = reach.servers.map(({ serverId, scopes, tools, clients }) => [
      serverId,
      scopes.join(' '),
      tools.map(({ name }) => name).join(' '),
      clients.map(({ clientId }) => clientId).join(' '),
    ])
    print(terminal, formatTable(['server', 'scopes', 'tools', 'through'], rows))
  })
}
