import { assignRole, runCommand, unassignRole, type Operator, type RoleAssignment } from '@permitry/server'
import { Command } from 'commander'
import { EXIT } from '../cli-error.ts'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { report } from '../report.ts'
import type { Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'
import { requireSubject } from './subject.ts'

type RoleOptions = CommonOptions & { readonly group?: string }

export function roleCommand(terminal: Terminal): Command {
  const role = new Command('role').description('give roles to people and groups, and take them again')
  const about = (name: string, description: string) =>
    role
      .command(name)
      .description(description)
      .argument('<role>', 'id of the role')
      .argument('[person]', 'id or user name')
      .option('--group <id>', 'a group in the place of a person')
      .addOption(tenantOption())
      .addOption(jsonOption())

  about('assign', 'give a role; it counts from the next token on').action(
    (roleId: string, person: string | undefined, { tenant, json, group }: RoleOptions, command: Command) =>
      withOperator(terminal, { tenant }, async (operator) => {
        const assignment = await readAssignment(operator, command, roleId, person, group)
        const done = await runCommand(operator, assignRole, assignment)
        const id = holderOf(assignment)
        report(terminal, json, done, {
          id,
          changed: `${id} holds ${roleId} now`,
          unchanged: `${id} holds ${roleId} already`,
        })
      }),
  )
  about(
    'remove',
    'take a role; it counts from the next token on; guards with a credential refuse living access tokens at once',
  ).action((roleId: string, person: string | undefined, { tenant, json, group }: RoleOptions, command: Command) =>
    withOperator(terminal, { tenant }, async (operator) => {
      const assignment = await readAssignment(operator, command, roleId, person, group)
      const done = await runCommand(operator, unassignRole, assignment)
      const id = holderOf(assignment)
      report(terminal, json, done, {
        id,
        changed: `${id} no longer holds ${roleId}`,
        unchanged: `${id} does not hold ${roleId} directly`,
      })
    }),
  )
  return role
}

async function readAssignment(
  operator: Operator,
  command: Command,
  roleId: string,
  person: string | undefined,
  group: string | undefined,
): Promise<RoleAssignment> {
  if (person !== undefined && group === undefined) return { roleId, subjectId: await requireSubject(operator, person) }
  if (person === undefined && group !== undefined) return { roleId, groupId: group }
  return command.error('permitry: name either a person or, with --group, a group', { exitCode: EXIT.usage })
}

function holderOf(assignment: RoleAssignment): string {
  return 'subjectId' in assignment ? assignment.subjectId : assignment.groupId
}
