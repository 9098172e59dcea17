import { listGrants, runCommand, withdrawGrant } from '@permitry/server'
import { Command } from 'commander'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { report } from '../report.ts'
import { formatTable } from '../table.ts'
import { print, type Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'
import { requireSubject } from './subject.ts'

export function grantCommand(terminal: Terminal): Command {
  const grant = new Command('grant').description('look at consents and withdraw them')
  grant
    .command('list')
    .description('list the living grants: who consented to what, for which client')
    .option('--subject <person>', 'only those of one person, by id or user name')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(({ subject, tenant, json }: CommonOptions & { subject?: string }) =>
      withOperator(terminal, { tenant }, async (operator) => {
        const subjectId = subject === undefined ? undefined : await requireSubject(operator, subject)
        const grants = (await listGrants(operator, subjectId)).map((one) => ({
          id: one.id,
          subject: one.subjectId,
          client: one.clientId,
          server: one.serverId,
          scopes: [...one.scopes, ...one.identityScopes],
        }))
        const rows = grants.map(({ id, subject: person, client, server, scopes }) => [
          id,
          person,
          client,
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
    .argument('<grant>', 'id, as `grant list` shows it')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action((id: string, { tenant, json }: CommonOptions) =>
      withOperator(terminal, { tenant }, async (operator) => {
        const done = await runCommand(operator, withdrawGrant, { id })
        report(terminal, json, done, { id, changed: `withdrew ${id}`, unchanged: '' })
      }),
    )
  return grant
}
