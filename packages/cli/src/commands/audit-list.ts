import { listAudit } from '@permitry/server'
import { Command } from 'commander'
import { requireSubject } from '../find.ts'
import { parseLimit, parseTime } from '../filters.ts'
import { withWork } from '../operator-command.ts'
import { formatTable } from '../table.ts'
import { print, type Terminal } from '../terminal.ts'

interface Filters {
  readonly type?: string
  readonly outcome?: string
  readonly user?: string
  readonly client?: string
  readonly since?: string
  readonly until?: string
  readonly limit: string
}

/** `permitry audit list`: what happened, for people; `audit export` is for proof. */
export function auditListCommand(terminal: Terminal): Command {
  const command = new Command('list')
    .description('list what happened, the newest first')
    .option('--type <type>', 'only of this type, such as role.changed')
    .option('--outcome <outcome>', 'only what was allowed, refused or changed')
    .option('--user <person>', 'only about this person, by id or user name; an agent by its id')
    .option('--client <id>', 'only about this client')
    .option('--since <time>', 'from this time on, such as 2026-11-24T08:00Z')
    .option('--until <time>', 'before this time')
    .option('--limit <n>', 'at most so many', '50')
  return withWork<Filters>(terminal, command, async ({ operator, options }) => {
    const { type, outcome, user, client, since, until, limit, json } = options
    const events = await listAudit(operator, {
      type,
      outcome,
      subjectId: user === undefined ? undefined : await requireSubject(operator, user),
      clientId: client,
      since: since === undefined ? undefined : parseTime(since),
      until: until === undefined ? undefined : parseTime(until),
      most: parseLimit(limit),
    })
    if (json) return print(terminal, JSON.stringify(events))
    const rows = events.map((one) => [
      new Date(one.at).toISOString(),
      one.type,
      one.outcome,
      one.actor === null ? '' : `${one.actor.kind}:${one.actor.id}`,
      one.subjectId ?? '',
      one.clientId ?? '',
      one.serverId ?? '',
      one.reason ?? JSON.stringify(one.detail),
    ])
    print(terminal, formatTable(['time', 'type', 'outcome', 'by', 'person', 'client', 'server', 'detail'], rows))
  })
}
