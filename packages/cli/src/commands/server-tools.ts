import { importTools, readCatalogue } from '@permitry/server'
import { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { configuredIssuer } from '../issuer.ts'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { formatTable, printable } from '../table.ts'
import { print, type Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'

export function importCommand(terminal: Terminal): Command {
  return new Command('import')
    .description('connect to an MCP server and take over what its tools say of themselves')
    .argument('<server>', 'id of the MCP server')
    .option('--token <access token>', 'for a server that is protected already; what this token may see is taken over')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action((serverId: string, { token, tenant, json }: CommonOptions & { readonly token?: string }) =>
      withOperator(terminal, { tenant }, async (operator) => {
        const { hostname } = new URL(configuredIssuer(terminal))
        const allowLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
        const options = { allowLoopback, ...(token === undefined ? {} : { accessToken: token }) }
        const done = await importTools(operator, serverId, options)
        if (!done.ok) throw new CliError(printable(done.error))
        const { outcome, tools } = done.value
        const changed = outcome === 'changed'
        if (json) return print(terminal, JSON.stringify({ changed, tools }))
        const told = changed ? `\`permitry server tools ${serverId} --since …\` says what is new` : 'nothing is new'
        print(terminal, `${tools} tools found: ${told}`)
      }),
    )
}

export function toolsCommand(terminal: Terminal): Command {
  return new Command('tools')
    .description('list what an MCP server offers and what it needs, or what has changed')
    .argument('<server>', 'id of the MCP server')
    .option('--since <version>', 'what has changed since this version of its catalogue')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action((serverId: string, { since, tenant, json }: CommonOptions & { readonly since?: string }) =>
      withOperator(terminal, { tenant }, async (operator) => {
        const from = since === undefined ? Number.MAX_SAFE_INTEGER : parseVersion(since)
        const found = await readCatalogue(operator, serverId, from)
        if (!found) throw new CliError(`there is no MCP server \`${printable(serverId)}\``)
        const { version, entries, changes } = found
        if (json)
          return print(terminal, JSON.stringify(since === undefined ? { version, entries } : { version, changes }))
        print(terminal, `version ${version}`)
        if (since === undefined) {
          const rows = entries.map(({ kind, name, title, scopes }) => [
            kind,
            name,
            title,
            scopes?.join(' ') ?? 'not said yet',
          ])
          return print(terminal, formatTable(['kind', 'name', 'title', 'needs'], rows))
        }
        const rows = changes.map((one) => [String(one.version), one.source, one.kind, one.name, changeOf(one)])
        print(terminal, formatTable(['version', 'by', 'kind', 'name', 'change'], rows))
      }),
    )
}

function changeOf({ before, after }: { readonly before: object | null; readonly after: object | null }): string {
  return before === null ? 'added' : after === null ? 'removed' : 'changed'
}

function parseVersion(text: string): number {
  const version = Number(text)
  if (!Number.isSafeInteger(version) || version < 0) throw new CliError('the version must be a whole number')
  return version
}
