import {
  CLIENT_IDS,
  type ClientId,
  formatLines,
  linesFor,
  listServers,
  type Operator,
  type ServerDefinition,
} from '@permitry/server'
import { sameResource } from '@permitry/oauth'
import { Command, Option } from 'commander'
import { CliError } from '../cli-error.ts'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { print, type Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'

export function connectCommand(terminal: Terminal): Command {
  return new Command('connect')
    .description('print what to paste into clients, so that they find a registered MCP server')
    .argument('<server>', 'URL or id of the MCP server')
    .addOption(new Option('--client <name>', `only for one of ${CLIENT_IDS.join(', ')}`).choices(CLIENT_IDS))
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action((server: string, { tenant, json, client }: CommonOptions & { readonly client?: ClientId }) =>
      withOperator(terminal, { tenant }, async (operator) => {
        const { id, url } = await findServer(operator, server)
        const lines = linesFor({ name: id, url }, client)
        print(terminal, json ? JSON.stringify({ server: id, url, clients: lines }) : formatLines(lines))
      }),
    )
}

/** The registered server that is meant, and the URL at which clients reach it. */
async function findServer(operator: Operator, named: string): Promise<{ id: string; url: string }> {
  const servers = await listServers(operator)
  const isNamed = ({ id, identifier, urls }: ServerDefinition) =>
    id === named || [identifier, ...urls].some((name) => sameResource(name, named))
  const server = servers.find(isNamed)
  if (!server) {
    const known = servers.map(({ id, urls, identifier }) => `${id} (${urls[0] ?? identifier})`).join(', ')
    throw new CliError(
      `no MCP server is registered as \`${named}\`: ${known === '' ? 'register it in permitry.yaml' : `registered are ${known}`}`,
    )
  }
  const urls = [...server.urls, server.identifier].filter((name) => /^https?:/i.test(name))
  // As it was given when that is one of its names: clients compare it with the metadata byte for byte.
  const url = urls.find((one) => sameResource(one, named)) ?? urls[0]
  if (url === undefined)
    throw new CliError(`the MCP server \`${server.id}\` has no URL: write one under \`urls\` in permitry.yaml`)
  return { id: server.id, url }
}
