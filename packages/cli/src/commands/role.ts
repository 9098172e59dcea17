import {
  addRole,
  assignRole,
  changeRole,
  listRoles,
  makeRole,
  type Operator,
  removeRole,
  type Role,
  roleEntry,
  type RoleAssignment,
  runCommand,
  unassignRole,
} from '@permitry/server'
import { Command } from 'commander'
import { EXIT } from '../cli-error.ts'
import {
  addCommand,
  changeCommand,
  type Kind,
  listCommand,
  removeCommand,
  showCommand,
} from '../definition-commands.ts'
import { requireOne, requireSubject } from '../find.ts'
import type { Field } from '../fields.ts'
import { withWork } from '../operator-command.ts'
import { report } from '../report.ts'
import type { Terminal } from '../terminal.ts'

const ROLE: Kind<Role> = {
  noun: 'role',
  plural: 'roles',
  about: 'id of the role',
  list: listRoles,
  find: async (operator, id) => requireOne(await listRoles(operator), 'role', id),
  toJson: roleEntry,
  columns: [
    ['role', ({ id }) => id],
    ['name', ({ name }) => name],
    [
      'scopes',
      ({ scopes }) =>
        Object.entries(scopes)
          .map(([server, names]) => `${server}: ${names.join(' ')}`)
          .join('; '),
    ],
  ],
}

const FIELDS: readonly Field[] = [
  { flags: '--name <name>', description: 'what people read, the id when left out at first', key: 'name' },
  { flags: '--description <text>', description: 'for whom it is meant', key: 'description', clearable: true },
]

export function roleCommand(terminal: Terminal): Command {
  return new Command('role')
    .description('say which scopes roles hold, and who holds them')
    .addCommand(listCommand(terminal, ROLE))
    .addCommand(showCommand(terminal, ROLE))
    .addCommand(
      addCommand(terminal, ROLE, 'add a role, which holds nothing until it is given scopes', FIELDS, makeRole, addRole),
    )
    .addCommand(
      changeCommand(terminal, ROLE, FIELDS, (role, said) => makeRole({ ...roleEntry(role), ...said }), changeRole),
    )
    .addCommand(removeCommand(terminal, ROLE, 'remove a role; whoever holds it loses what it gave', removeRole))
    .addCommand(giveCommand(terminal))
    .addCommand(takeCommand(terminal))
    .addCommand(assignCommand(terminal))
    .addCommand(unassignCommand(terminal))
}

type ScopesOf = readonly [role: string, server: string, scopes: readonly string[]]

function giveCommand(terminal: Terminal): Command {
  const command = aboutScopes('give', 'let a role hold scopes of an MCP server; they count from the next token on')
  return withWork<unknown, ScopesOf>(terminal, command, async ({ operator, args: [id, server, scopes], options }) => {
    const done = await editScopes(operator, id, server, (held) => [...held, ...scopes])
    const told = scopes.join(' ')
    report(terminal, options.json, done, {
      id,
      changed: `${id} holds ${told} at ${server} now`,
      unchanged: `${id} holds ${told} at ${server} already`,
    })
  })
}

function takeCommand(terminal: Terminal): Command {
  const command = aboutScopes(
    'take',
    'let a role no longer hold scopes; guards with a credential refuse living access tokens at once',
  )
  return withWork<unknown, ScopesOf>(terminal, command, async ({ operator, args: [id, server, scopes], options }) => {
    const done = await editScopes(operator, id, server, (held) => held.filter((scope) => !scopes.includes(scope)))
    const told = scopes.join(' ')
    report(terminal, options.json, done, {
      id,
      changed: `${id} no longer holds ${told} at ${server}`,
      unchanged: `${id} does not hold ${told} at ${server}`,
    })
  })
}

function aboutScopes(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<role>', ROLE.about)
    .argument('<server>', 'id of the MCP server')
    .argument('<scopes...>', 'scopes of that MCP server')
}

function editScopes(
  operator: Operator,
  id: string,
  server: string,
  edit: (held: readonly string[]) => readonly string[],
) {
  return runCommand(operator, changeRole, {
    id,
    edit: (role) => {
      const { [server]: held = [], ...others } = role.scopes
      const scopes = [...new Set(edit(held))]
      return makeRole({ ...roleEntry(role), scopes: scopes.length > 0 ? { ...others, [server]: scopes } : others })
    },
  })
}

type Holder = readonly [role: string, person: string | undefined]
type HolderOptions = { readonly group?: string }

function assignCommand(terminal: Terminal): Command {
  const command = aboutHolder('assign', 'give a role to somebody; it counts from the next token on')
  return withWork<HolderOptions, Holder>(terminal, command, async ({ operator, args, options, command: self }) => {
    const assignment = await readAssignment(operator, self, args, options)
    const [id, roleId] = [holderOf(assignment), assignment.roleId]
    const done = await runCommand(operator, assignRole, assignment)
    report(terminal, options.json, done, {
      id,
      changed: `${id} holds ${roleId} now`,
      unchanged: `${id} holds ${roleId} already`,
    })
  })
}

function unassignCommand(terminal: Terminal): Command {
  const command = aboutHolder(
    'unassign',
    'take a role from somebody; it counts from the next token on; guards with a credential refuse living access tokens at once',
  )
  return withWork<HolderOptions, Holder>(terminal, command, async ({ operator, args, options, command: self }) => {
    const assignment = await readAssignment(operator, self, args, options)
    const [id, roleId] = [holderOf(assignment), assignment.roleId]
    const done = await runCommand(operator, unassignRole, assignment)
    report(terminal, options.json, done, {
      id,
      changed: `${id} no longer holds ${roleId}`,
      unchanged: `${id} does not hold ${roleId} directly`,
    })
  })
}

function aboutHolder(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<role>', ROLE.about)
    .argument('[person]', 'id or user name; an agent by its id')
    .option('--group <id>', 'a group in the place of a person')
}

async function readAssignment(
  operator: Operator,
  command: Command,
  [roleId, person]: Holder,
  { group }: HolderOptions,
): Promise<RoleAssignment> {
  if (person !== undefined && group === undefined) return { roleId, subjectId: await requireSubject(operator, person) }
  if (person === undefined && group !== undefined) return { roleId, groupId: group }
  return command.error('permitry: name either a person or, with --group, a group', { exitCode: EXIT.usage })
}

function holderOf(assignment: RoleAssignment): string {
  return 'subjectId' in assignment ? assignment.subjectId : assignment.groupId
}
