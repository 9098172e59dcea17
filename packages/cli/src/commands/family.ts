import { endFamily, listFamilies, runCommand } from '@permitry/server'
import { Command } from 'commander'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { report } from '../report.ts'
import { formatTable } from '../table.ts'
import { print, type Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'
import { requireSubject } from '../find.ts'

export function familyCommand(terminal: Terminal): Command {
  const family = new Command('family').description('look at answered authorizations and end them')
  family
    .command('list')
    .description('list the living families of a person: each is one authorization with all its tokens')
    .argument('<person>', 'id or user name')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action((person: string, { tenant, json }: CommonOptions) =>
      withOperator(terminal, { tenant }, async (operator) => {
        const living = await listFamilies(operator, await requireSubject(operator, person))
        const families = living.map(({ id, grantId, clientId, serverId, scopes }) => ({
          id,
          grant: grantId,
          client: clientId,
          server: serverId,
          scopes,
        }))
        const rows = families.map(({ id, grant, client, server, scopes }) => [
          id,
          grant,
          client,
          server,
          scopes.join(' '),
        ])
        const headings = ['family', 'grant', 'client', 'server', 'scopes']
        print(terminal, json ? JSON.stringify(families) : formatTable(headings, rows))
      }),
    )
  family
    .command('end')
    .description(
      'end one authorization: it gives no token any more, the consent stays; guards with a credential refuse living access tokens at once',
    )
    .argument('<family>', 'id, as `family list` and the audit show it')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action((id: string, { tenant, json }: CommonOptions) =>
      withOperator(terminal, { tenant }, async (operator) => {
        const done = await runCommand(operator, endFamily, { id })
        report(terminal, json, done, { id, changed: `ended ${id}`, unchanged: '' })
      }),
    )
  return family
}
