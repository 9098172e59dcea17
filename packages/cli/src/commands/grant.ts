import { listGrants, runCommand, withdrawGrant, withdrawGrantsOfClient } from '@permitry/server'
import { Command } from 'commander'
import { EXIT } from '../cli-error.ts'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { report } from '../report.ts'
import { formatTable } from '../table.ts'
import { print, type Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'
import { requireSubject } from '../find.ts'

export function grantCommand(terminal: Terminal): Command {
  const grant = new Command('grant').description('look at consents and withdraw them')
  grant
    .command('list')
    .description('list the living grants: who consented to what, for which client')
    .option('--user <person>', 'only those of one person, by id or user name')
    .option('--client <id>', 'only those for one client')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(({ user, client, tenant, json }: CommonOptions & { user?: string; client?: string }) =>
      withOperator(terminal, { tenant }, async (operator) => {
        const subjectId = user === undefined ? undefined : await requireSubject(operator, user)
        const living = await listGrants(operator, subjectId)
        const grants = living
          .filter((one) => client === undefined || one.clientId === client)
          .map((one) => ({
            id: one.id,
            subject: one.subjectId,
            client: one.clientId,
            server: one.serverId,
            scopes: [...one.scopes, ...one.identityScopes],
          }))
        const rows = grants.map(({ id, subject: person, client: to, server, scopes }) => [
          id,
          person,
          to,
          server || '(sign-in only)',
          scopes.join(' '),
        ])
        const headings = ['grant', 'person', 'client', 'server', 'scopes']
        print(terminal, json ? JSON.stringify(grants) : formatTable(headings, rows))
      }),
    )
  grant
    .command('withdraw')
    .description(
      'withdraw a consent: its families end and give no token any more; guards with a credential refuse living access tokens at once',
    )
    .argument('[grant]', 'id, as `grant list` shows it')
    .option('--client <id>', 'all consents for a client in the place of one')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action((id: string | undefined, { client, tenant, json }: CommonOptions & { client?: string }, command: Command) =>
      withOperator(terminal, { tenant }, async (operator) => {
        if (id !== undefined && client === undefined) {
          const done = await runCommand(operator, withdrawGrant, { id })
          return report(terminal, json, done, { id, changed: `withdrew ${id}`, unchanged: '' })
        }
        if (id !== undefined || client === undefined)
          return command.error('permitry: name either a grant or, with --client, a client', { exitCode: EXIT.usage })
        const done = await runCommand(operator, withdrawGrantsOfClient, { clientId: client })
        report(terminal, json, done, {
          id: client,
          changed: `withdrew all consents for ${client}`,
          unchanged: `nobody consents to ${client}`,
        })
      }),
    )
  return grant
}
