import {
  addGroup,
  changeGroup,
  changeSubject,
  groupEntry,
  type GroupWithMembers,
  listGroups,
  makeGroup,
  makeUser,
  type Operator,
  removeGroup,
  runCommand,
  userEntry,
} from '@permitry/server'
import { Command } from 'commander'
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

const GROUP: Kind<GroupWithMembers> = {
  noun: 'group',
  plural: 'groups',
  about: 'id of the group',
  list: listGroups,
  find: async (operator, id) => requireOne(await listGroups(operator), 'group', id),
  toJson: (group) => ({ ...groupEntry(group), members: group.members }),
  columns: [
    ['group', ({ id }) => id],
    ['name', ({ name }) => name],
    ['roles', ({ roles }) => roles.join(' ')],
    ['members', ({ members }) => String(members.length)],
  ],
}

const FIELDS: readonly Field[] = [
  { flags: '--name <name>', description: 'what people read, the id when left out at first', key: 'name' },
  { flags: '--role <roles...>', description: 'the roles that its members hold', key: 'roles', clearable: true },
]

export function groupCommand(terminal: Terminal): Command {
  return new Command('group')
    .description('let people hold roles together')
    .addCommand(listCommand(terminal, GROUP))
    .addCommand(showCommand(terminal, GROUP))
    .addCommand(addCommand(terminal, GROUP, 'add a group, in which nobody is at first', FIELDS, makeGroup, addGroup))
    .addCommand(
      changeCommand(
        terminal,
        GROUP,
        FIELDS,
        (group, said) => makeGroup({ ...groupEntry(group), ...said }),
        changeGroup,
      ),
    )
    .addCommand(removeCommand(terminal, GROUP, 'remove a group; its members lose what it gave', removeGroup))
    .addCommand(joinCommand(terminal))
    .addCommand(leaveCommand(terminal))
}

type Member = readonly [group: string, person: string]

function joinCommand(terminal: Terminal): Command {
  const command = aboutMember('join', 'put a person into a group')
  return withWork<unknown, Member>(terminal, command, async ({ operator, args: [group, person], options }) => {
    const id = await requireSubject(operator, person)
    const done = await editGroups(operator, id, (groups) => [...groups, group])
    report(terminal, options.json, done, {
      id,
      changed: `${id} is in ${group} now`,
      unchanged: `${id} is in ${group} already`,
    })
  })
}

function leaveCommand(terminal: Terminal): Command {
  const command = aboutMember(
    'leave',
    'take a person out of a group; guards with a credential refuse living access tokens at once',
  )
  return withWork<unknown, Member>(terminal, command, async ({ operator, args: [group, person], options }) => {
    const id = await requireSubject(operator, person)
    const done = await editGroups(operator, id, (groups) => groups.filter((one) => one !== group))
    report(terminal, options.json, done, {
      id,
      changed: `${id} is no longer in ${group}`,
      unchanged: `${id} is not in ${group}`,
    })
  })
}

function aboutMember(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<group>', GROUP.about)
    .argument('<person>', 'id or user name')
}

function editGroups(operator: Operator, id: string, edit: (groups: readonly string[]) => readonly string[]) {
  return runCommand(operator, changeSubject, {
    id,
    edit: (person) => makeUser({ ...userEntry(person), groups: [...new Set(edit(person.groups))] }),
  })
}
