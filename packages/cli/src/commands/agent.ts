import { changeClient, listAgents, remakeClient, resumeSubject, runCommand, suspendSubject } from '@permitry/server'
import { Command } from 'commander'
import { changeCommand, type Kind, listCommand, showCommand } from '../definition-commands.ts'
import { requireOne, requireSubject } from '../find.ts'
import type { Field } from '../fields.ts'
import { withWork } from '../operator-command.ts'
import { report } from '../report.ts'
import type { Terminal } from '../terminal.ts'
import { statusOf } from './user.ts'

type Agent = Awaited<ReturnType<typeof listAgents>>[number]

const AGENT: Kind<Agent> = {
  noun: 'agent',
  plural: 'agents',
  about: 'id of the agent, which is that of its client',
  list: listAgents,
  find: async (operator, id) => requireOne(await listAgents(operator), 'subject', id),
  toJson: (agent) => ({
    id: agent.id,
    name: agent.name,
    owner: agent.owner ?? undefined,
    roles: agent.roles,
    status: statusOf(agent),
  }),
  columns: [
    ['agent', ({ id }) => id],
    ['name', ({ name }) => name],
    ['owner', ({ owner }) => owner ?? ''],
    ['roles', ({ roles }) => roles.join(' ')],
    ['status', (agent) => statusOf(agent)],
  ],
}

const FIELDS: readonly Field[] = [
  {
    flags: '--owner <person>',
    description: 'id or user name of the person who answers for it',
    key: 'owner',
    clearable: true,
    read: (person, { operator }) => requireSubject(operator, String(person)),
  },
  {
    flags: '--role <roles...>',
    description: 'the roles that it holds when it acts for itself',
    key: 'roles',
    clearable: true,
  },
]

export function agentCommand(terminal: Terminal): Command {
  return new Command('agent')
    .description('look after clients that act for themselves; `client add --template agent` registers one')
    .addCommand(listCommand(terminal, AGENT))
    .addCommand(showCommand(terminal, AGENT))
    .addCommand(
      changeCommand(
        terminal,
        AGENT,
        FIELDS,
        (client, said) => {
          const made = remakeClient(client, said)
          return made.ok ? { ok: true, value: made.value.definition } : made
        },
        changeClient,
      ),
    )
    .addCommand(suspendCommand(terminal))
    .addCommand(resumeCommand(terminal))
}

function aboutAgent(name: string, description: string): Command {
  return new Command(name).description(description).argument(`<${AGENT.noun}>`, AGENT.about)
}

function suspendCommand(terminal: Terminal): Command {
  const command = aboutAgent(
    'suspend',
    'let an agent no longer act for itself; guards with a credential refuse its living access tokens at once',
  )
  return withWork(terminal, command, async ({ operator, args: [named], options }) => {
    const { id } = await AGENT.find(operator, named)
    const done = await runCommand(operator, suspendSubject, { id })
    report(terminal, options.json, done, { id, changed: `suspended ${id}`, unchanged: `${id} is suspended already` })
  })
}

function resumeCommand(terminal: Terminal): Command {
  const command = aboutAgent('resume', 'let a suspended agent act again')
  return withWork(terminal, command, async ({ operator, args: [named], options }) => {
    const { id } = await AGENT.find(operator, named)
    const done = await runCommand(operator, resumeSubject, { id })
    report(terminal, options.json, done, { id, changed: `resumed ${id}`, unchanged: `${id} is active already` })
  })
}
