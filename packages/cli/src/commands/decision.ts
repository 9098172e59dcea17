import { findDecisions, findSubjectId, listDecisions, type StoredDecision } from '@permitry/server'
import { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { parseLimit, parseTime } from '../filters.ts'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { formatTable, printable } from '../table.ts'
import { print, type Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'

interface ListOptions extends CommonOptions {
  readonly user?: string
  readonly client?: string
  readonly server?: string
  readonly family?: string
  readonly since?: string
  readonly refused: boolean
  readonly limit: string
}

export function decisionCommand(terminal: Terminal): Command {
  const decision = new Command('decision').description('look up what guards decided about calls')
  decision
    .command('show')
    .description('say in words who wanted what, what became of it and why')
    .argument('<id>', 'the id that the answer of a refused call names: dec_…')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action((id: string, { tenant, json }: CommonOptions) =>
      withOperator(terminal, { tenant }, async (operator) => {
        const found = await findDecisions(operator, id)
        if (found.length === 0)
          throw new CliError(`no decision \`${printable(id)}\` was reported: decisions are kept for 90 days`)
        if (json) return print(terminal, JSON.stringify(found))
        for (const one of found) print(terminal, [`${timeOf(one)}  ${one.id}`, ...one.words].map(printable).join('\n'))
      }),
    )
  decision
    .command('list')
    .description('list decisions, the newest first')
    .option('--user <person>', 'by id or user name: about calls in the name of this person')
    .option('--client <id>', 'through this client')
    .option('--server <id>', 'of this MCP server')
    .option('--family <id>', 'by tokens of this family')
    .option('--since <time>', 'from this time on, such as 2026-11-24T08:00Z')
    .option('--refused', 'only what was not allowed', false)
    .option('--limit <n>', 'at most so many', '50')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action((options: ListOptions) =>
      withOperator(terminal, { tenant: options.tenant }, async (operator) => {
        const { user: person, client, server, family, refused, json } = options
        const subjectId = person === undefined ? undefined : await findSubjectId(operator, person)
        if (person !== undefined && subjectId === undefined)
          throw new CliError(`there is no person \`${printable(person)}\``)
        const decisions = await listDecisions(operator, {
          subjectId,
          clientId: client,
          serverId: server,
          familyId: family,
          since: options.since === undefined ? undefined : parseTime(options.since),
          refusedOnly: refused,
          most: parseLimit(options.limit),
        })
        print(terminal, json ? JSON.stringify(decisions) : table(decisions))
      }),
    )
  return decision
}

function table(decisions: readonly StoredDecision[]): string {
  return formatTable(
    ['time', 'person', 'client', 'server', 'what', 'outcome', 'why', 'id'],
    decisions.map((one) => [
      timeOf(one),
      one.subjectId ?? '?',
      one.clientId ?? '?',
      one.serverId,
      one.itemName,
      one.outcome,
      one.reasons.join(' '),
      one.id,
    ]),
  )
}

function timeOf({ at }: StoredDecision): string {
  return new Date(at).toISOString()
}
