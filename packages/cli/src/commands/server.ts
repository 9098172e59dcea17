import {
  addServer,
  changeServer,
  listServers,
  makeServer,
  removeServer,
  type ServerDefinition,
  serverEntry,
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
import { requireOne } from '../find.ts'
import type { Field } from '../fields.ts'
import { configuredIssuer } from '../issuer.ts'
import type { Terminal } from '../terminal.ts'
import { credentialCommand } from './server-credential.ts'
import { scopeCommand, toolCommand } from './server-parts.ts'
import { importCommand, toolsCommand } from './server-tools.ts'

const SERVER: Kind<ServerDefinition> = {
  noun: 'server',
  plural: 'MCP servers',
  about: 'id of the MCP server',
  list: listServers,
  find: async (operator, id) => requireOne(await listServers(operator), 'server', id),
  toJson: serverEntry,
  columns: [
    ['server', ({ id }) => id],
    ['name', ({ name }) => name],
    ['resource', ({ urls, identifier }) => urls[0] ?? identifier],
    ['scopes', ({ scopes }) => String(scopes.length)],
    ['tools', ({ tools }) => String(tools.length)],
  ],
}

const FIELDS: readonly Field[] = [
  {
    flags: '--identifier <uri>',
    description: 'the resource of RFC 8707, such as its URL or mcp://name',
    key: 'identifier',
    required: true,
  },
  { flags: '--name <name>', description: 'what people read, the id when left out at first', key: 'name' },
  { flags: '--url <urls...>', description: 'further names of the resource', key: 'urls', clearable: true },
  {
    flags: '--claim <claims...>',
    description: 'what its tokens say beside the usual: roles',
    key: 'claims',
    clearable: true,
  },
  {
    flags: '--access-token-minutes <n>',
    description: 'how long its access tokens live',
    key: 'access_token_minutes',
    clearable: true,
    read: Number,
  },
  {
    flags: '--dynamic-client-scopes <scopes...>',
    description: 'what clients that registered themselves may ask for: all, none, or scopes',
    key: 'dynamic_client_scopes',
    read: readDynamicScopes,
  },
]

export function serverCommand(terminal: Terminal): Command {
  return new Command('server')
    .description('look after the MCP servers that are protected')
    .addCommand(listCommand(terminal, SERVER))
    .addCommand(showCommand(terminal, SERVER))
    .addCommand(
      addCommand(
        terminal,
        SERVER,
        'register an MCP server; its scopes and tools are added to it',
        FIELDS,
        (said) => makeServer(said, configuredIssuer(terminal)),
        addServer,
      ),
    )
    .addCommand(
      changeCommand(
        terminal,
        SERVER,
        FIELDS,
        (server, said) => makeServer({ ...serverEntry(server), ...said }, configuredIssuer(terminal)),
        changeServer,
      ),
    )
    .addCommand(removeCommand(terminal, SERVER, 'remove an MCP server; what was granted for it ends', removeServer))
    .addCommand(scopeCommand(terminal))
    .addCommand(toolCommand(terminal))
    .addCommand(importCommand(terminal))
    .addCommand(toolsCommand(terminal))
    .addCommand(credentialCommand(terminal))
}

function readDynamicScopes(said: string | readonly string[]): unknown {
  const words = [said].flat()
  if (words.length !== 1) return words
  return words[0] === 'all' ? 'all' : words[0] === 'none' ? [] : words
}
