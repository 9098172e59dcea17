import { Command } from 'commander'
import { agentCommand } from './commands/agent.ts'
import { applyCommand } from './commands/apply.ts'
import { auditCommand } from './commands/audit.ts'
import { clientCommand } from './commands/client.ts'
import { connectCommand } from './commands/connect.ts'
import { decisionCommand } from './commands/decision.ts'
import { devCommand } from './commands/dev.ts'
import { doctorCommand } from './commands/doctor.ts'
import { exportCommand } from './commands/export.ts'
import { familyCommand } from './commands/family.ts'
import { grantCommand } from './commands/grant.ts'
import { groupCommand } from './commands/group.ts'
import { keysCommand } from './commands/keys.ts'
import { migrateCommand } from './commands/migrate.ts'
import { protectCommand } from './commands/protect.ts'
import { roleCommand } from './commands/role.ts'
import { schemaCommand } from './commands/schema.ts'
import { serveCommand } from './commands/serve.ts'
import { serverCommand } from './commands/server.ts'
import { sessionCommand } from './commands/session.ts'
import { setupLinkCommand } from './commands/setup-link.ts'
import { tenantCommand } from './commands/tenant.ts'
import { userCommand } from './commands/user.ts'
import type { Terminal } from './terminal.ts'

/** The command line. docs/reference/cli.md is a copy of what is declared here, and a test compares them. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('permitry')
    .description('authorization for MCP servers: who may call which tool, through which application')
    .addCommand(devCommand(terminal))
    .addCommand(serveCommand(terminal))
    .addCommand(protectCommand(terminal))
    .addCommand(applyCommand(terminal))
    .addCommand(exportCommand(terminal))
    .addCommand(connectCommand(terminal))
    .addCommand(doctorCommand(terminal))
    .addCommand(migrateCommand(terminal))
    .addCommand(schemaCommand(terminal))
    .addCommand(tenantCommand(terminal))
    .addCommand(setupLinkCommand(terminal))
    .addCommand(serverCommand(terminal))
    .addCommand(roleCommand(terminal))
    .addCommand(groupCommand(terminal))
    .addCommand(userCommand(terminal))
    .addCommand(agentCommand(terminal))
    .addCommand(clientCommand(terminal))
    .addCommand(grantCommand(terminal))
    .addCommand(familyCommand(terminal))
    .addCommand(sessionCommand(terminal))
    .addCommand(keysCommand(terminal))
    .addCommand(auditCommand(terminal))
    .addCommand(decisionCommand(terminal))
  for (const command of everyCommand(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'permitry: ')),
    })
  }
  return program
}

/** A command with all commands below it. */
export function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap((child) => everyCommand(child))]
}
