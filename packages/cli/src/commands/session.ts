import { endSession, listSessions, runCommand } from '@permitry/server'
import { Command } from 'commander'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { report } from '../report.ts'
import { formatTable } from '../table.ts'
import { print, type Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'
import { requireSubject } from '../find.ts'

export function sessionCommand(terminal: Terminal): Command {
  const session = new Command('session').description('look at where people are signed in and sign them out')
  session
    .command('list')
    .description('list the living sessions of a person: each is one browser that is signed in')
    .argument('<person>', 'id or user name')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action((person: string, { tenant, json }: CommonOptions) =>
      withOperator(terminal, { tenant }, async (operator) => {
        const living = await listSessions(operator, await requireSubject(operator, person))
        const sessions = living.map((one) => ({
          id: one.id,
          signed_in_at: timeOf(one.auth_time),
          ends_without_use_at: timeOf(one.idle_expires_at),
          ends_at: timeOf(one.absolute_expires_at),
        }))
        const rows = sessions.map((one) => [one.id, one.signed_in_at, one.ends_without_use_at, one.ends_at])
        const headings = ['session', 'signed in', 'ends without use', 'ends at the latest']
        print(terminal, json ? JSON.stringify(sessions) : formatTable(headings, rows))
      }),
    )
  session
    .command('end')
    .description('sign one browser out, and end what applications were allowed from it; consents stay')
    .argument('<session>', 'id, as `session list` and the audit show it')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action((id: string, { tenant, json }: CommonOptions) =>
      withOperator(terminal, { tenant }, async (operator) => {
        const done = await runCommand(operator, endSession, { id })
        report(terminal, json, done, { id, changed: `ended ${id}`, unchanged: `${id} has ended already` })
      }),
    )
  return session
}

function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
