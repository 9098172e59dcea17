import {
  eraseSubject,
  findSubjectId,
  hashPassword,
  resumeSubject,
  runCommand,
  setPassword,
  suspendSubject,
  type Operator,
} from '@permitry/server'
import { Command } from 'commander'
import { CliError, EXIT } from '../cli-error.ts'
import { confirm } from '../confirm.ts'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { readNewPassword } from '../read-password.ts'
import { report } from '../report.ts'
import type { Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'

export function subjectCommand(terminal: Terminal): Command {
  const subject = new Command('subject').description(
    'suspend people, let them in again, set passwords, erase what is known of them',
  )
  const about = (name: string, description: string) =>
    subject
      .command(name)
      .description(description)
      .argument('<person>', 'id or user name')
      .addOption(tenantOption())
      .addOption(jsonOption())

  about(
    'suspend',
    'keep a person out: sessions end and no token is given; guards with a credential refuse living access tokens at once',
  ).action((person: string, { tenant, json }: CommonOptions) =>
    withOperator(terminal, { tenant }, async (operator) => {
      const id = await requireSubject(operator, person)
      const done = await runCommand(operator, suspendSubject, { id })
      report(terminal, json, done, { id, changed: `suspended ${id}`, unchanged: `${id} is suspended already` })
    }),
  )
  about('resume', 'let a suspended person in again').action((person: string, { tenant, json }: CommonOptions) =>
    withOperator(terminal, { tenant }, async (operator) => {
      const id = await requireSubject(operator, person)
      const done = await runCommand(operator, resumeSubject, { id })
      report(terminal, json, done, { id, changed: `resumed ${id}`, unchanged: `${id} is active already` })
    }),
  )
  about('set-password', 'set a password, read from the keyboard or a pipe; signs the person out everywhere')
    .allowExcessArguments()
    .action((person: string, { tenant, json }: CommonOptions, command: Command) => {
      // Commander would quote what is too much, and a password does not belong on a screen either.
      if (command.args.length > 1)
        return command.error('permitry: the password is read from standard input, never from the command line', {
          exitCode: EXIT.usage,
        })
      return withOperator(terminal, { tenant }, async (operator) => {
        const id = await requireSubject(operator, person)
        const passwordHash = await hashPassword(await readNewPassword(terminal))
        const done = await runCommand(operator, setPassword, { id, passwordHash })
        report(terminal, json, done, { id, changed: `set the password of ${id}`, unchanged: '' })
      })
    })
  about(
    'erase',
    'remove a person with sessions and grants, and destroy what the audit knows of them beyond the id; nothing brings it back',
  )
    .option('--yes', 'do not ask before erasing', false)
    .action((person: string, { tenant, json, yes }: CommonOptions & { yes: boolean }) =>
      withOperator(terminal, { tenant }, async (operator) => {
        // Who was removed before has no name any more, and may still be known to the audit by the id.
        const id = (await findSubjectId(operator, person)) ?? person
        if (!yes) await confirm(terminal, `erase ${id} for good?`, 'repeat with --yes to erase')
        const done = await runCommand(operator, eraseSubject, { id })
        report(terminal, json, done, {
          id,
          changed: `erased ${id}; take it out of the configuration too`,
          unchanged: '',
        })
      }),
    )
  return subject
}

/** The id of the person that is meant, or a failure that says so. */
export async function requireSubject(operator: Operator, person: string): Promise<string> {
  const id = await findSubjectId(operator, person)
  if (id === undefined)
    throw new CliError(`there is no person \`${person}\` in tenant \`${operator.tenant}\`: give an id or a user name`)
  return id
}
