import {
  addSubject,
  changeSubject,
  eraseSubject,
  findSubjectId,
  hashPassword,
  listPeople,
  makeUser,
  resumeSubject,
  runCommand,
  setPassword,
  suspendSubject,
  userEntry,
} from '@permitry/server'
import { Command } from 'commander'
import { EXIT } from '../cli-error.ts'
import { confirm } from '../confirm.ts'
import { addCommand, changeCommand, type Kind, listCommand, showCommand } from '../definition-commands.ts'
import { requireOne, requireSubject } from '../find.ts'
import type { Field } from '../fields.ts'
import { withWork } from '../operator-command.ts'
import { readNewPassword } from '../read-password.ts'
import { report } from '../report.ts'
import type { Terminal } from '../terminal.ts'
import { userAccessCommand } from './user-access.ts'

type Person = Awaited<ReturnType<typeof listPeople>>[number]

const USER: Kind<Person> = {
  noun: 'person',
  plural: 'people',
  about: 'id or user name',
  list: (operator) => listPeople(operator),
  find: async (operator, named) => {
    const id = await requireSubject(operator, named)
    return requireOne(await listPeople(operator, id), 'subject', id)
  },
  toJson: (person) => ({ ...userEntry(person), has_password: person.hasPassword, status: statusOf(person) }),
  columns: [
    ['person', ({ id }) => id],
    ['user name', ({ username }) => username ?? ''],
    ['name', ({ name }) => name],
    ['roles', ({ roles }) => roles.join(' ')],
    ['groups', ({ groups }) => groups.join(' ')],
    ['status', (person) => statusOf(person)],
  ],
}

const FIELDS: readonly Field[] = [
  { flags: '--username <name>', description: 'what the person types to sign in', key: 'username', required: true },
  { flags: '--name <name>', description: 'what pages and applications call the person', key: 'name', required: true },
  {
    flags: '--email <address>',
    description: 'given to applications that may ask for it',
    key: 'email',
    clearable: true,
  },
  {
    flags: '--role <roles...>',
    description: 'the roles that the person holds directly',
    key: 'roles',
    clearable: true,
  },
  { flags: '--group <groups...>', description: 'the groups that the person is in', key: 'groups', clearable: true },
]

/** Whoever may work, and whoever is kept out. */
export function statusOf({ active }: { readonly active: boolean }): 'active' | 'suspended' {
  return active ? 'active' : 'suspended'
}

export function userCommand(terminal: Terminal): Command {
  return new Command('user')
    .description('add people, keep them out, let them in again, set passwords, erase what is known of them')
    .addCommand(listCommand(terminal, USER))
    .addCommand(showCommand(terminal, USER))
    .addCommand(
      addCommand(
        terminal,
        USER,
        'add a person, who can sign in once `user password` has set a password',
        FIELDS,
        makeUser,
        addSubject,
      ),
    )
    .addCommand(
      changeCommand(terminal, USER, FIELDS, (user, said) => makeUser({ ...userEntry(user), ...said }), changeSubject),
    )
    .addCommand(userAccessCommand(terminal))
    .addCommand(suspendCommand(terminal))
    .addCommand(resumeCommand(terminal))
    .addCommand(passwordCommand(terminal))
    .addCommand(eraseCommand(terminal))
}

function aboutPerson(name: string, description: string): Command {
  return new Command(name).description(description).argument(`<${USER.noun}>`, USER.about)
}

function suspendCommand(terminal: Terminal): Command {
  const command = aboutPerson(
    'suspend',
    'keep a person out: sessions end and no token is given; guards with a credential refuse living access tokens at once',
  )
  return withWork(terminal, command, async ({ operator, args: [person], options }) => {
    const id = await requireSubject(operator, person)
    const done = await runCommand(operator, suspendSubject, { id })
    report(terminal, options.json, done, { id, changed: `suspended ${id}`, unchanged: `${id} is suspended already` })
  })
}

function resumeCommand(terminal: Terminal): Command {
  const command = aboutPerson('resume', 'let a suspended person in again')
  return withWork(terminal, command, async ({ operator, args: [person], options }) => {
    const id = await requireSubject(operator, person)
    const done = await runCommand(operator, resumeSubject, { id })
    report(terminal, options.json, done, { id, changed: `resumed ${id}`, unchanged: `${id} is active already` })
  })
}

function passwordCommand(terminal: Terminal): Command {
  const command = aboutPerson(
    'password',
    'set a password, read from the keyboard or a pipe; signs the person out everywhere',
  ).allowExcessArguments()
  return withWork(terminal, command, async ({ operator, args: [person], options }) => {
    // Commander would quote what is too much, and a password does not belong on a screen either.
    if (command.args.length > 1)
      command.error('permitry: the password is read from standard input, never from the command line', {
        exitCode: EXIT.usage,
      })
    const id = await requireSubject(operator, person)
    const passwordHash = await hashPassword(await readNewPassword(terminal))
    const done = await runCommand(operator, setPassword, { id, passwordHash })
    report(terminal, options.json, done, { id, changed: `set the password of ${id}`, unchanged: '' })
  })
}

function eraseCommand(terminal: Terminal): Command {
  const command = aboutPerson(
    'erase',
    'remove a person with sessions and grants, and destroy what the audit knows of them beyond the id; nothing brings it back',
  ).option('--yes', 'do not ask before erasing', false)
  return withWork<{ readonly yes: boolean }>(terminal, command, async ({ operator, args: [person], options }) => {
    // Who was removed before has no name any more, and may still be known to the audit by the id.
    const id = (await findSubjectId(operator, person)) ?? person
    if (!options.yes) await confirm(terminal, `erase ${id} for good?`, 'repeat with --yes to erase')
    const done = await runCommand(operator, eraseSubject, { id })
    report(terminal, options.json, done, {
      id,
      changed: `erased ${id}; take it out of the configuration too`,
      unchanged: '',
    })
  })
}
