import { resolve } from 'node:path'
import {
  addServerCredential,
  addServerCredentialKey,
  issuerOf,
  listServerCredentialKeys,
  makeCredentialKey,
  retireServerCredentialKey,
  runCommand,
  serverCredentialId,
} from '@permitry/server'
import { Command, Option } from 'commander'
import { configuredIssuer } from '../issuer.ts'
import { keepSecretFile } from '../secret-file.ts'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { report, unwrap } from '../report.ts'
import { print, type Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'

interface CredentialOptions extends CommonOptions {
  readonly rotate?: true
  readonly retire?: string
  readonly list?: true
  readonly out?: string
}

/** `permitry server credential`: makes, rotates, retires and lists the keys of a guard. */
export function credentialCommand(terminal: Terminal): Command {
  return new Command('credential')
    .description('make the credential with which the guard of an MCP server gets signals and reports what it decided')
    .argument('<server>', 'id of the MCP server')
    .addOption(
      new Option('--rotate', 'add a key; the old one counts until it is retired').conflicts(['retire', 'list']),
    )
    .addOption(new Option('--retire <key>', 'take a key away').conflicts(['list', 'out']))
    .addOption(new Option('--list', 'list the ids of its keys').conflicts('out'))
    .option(
      '--out <file>',
      'where the credential is written, for its owner only; <server>.credential.json when left out',
    )
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action((serverId: string, options: CredentialOptions) => {
      if (options.list) return listKeys(terminal, serverId, options)
      if (options.retire !== undefined) return retireKey(terminal, serverId, options.retire, options)
      return makeCredential(terminal, serverId, options)
    })
}

async function makeCredential(terminal: Terminal, serverId: string, options: CredentialOptions): Promise<void> {
  const { tenant, json, rotate = false, out = `${serverId}.credential.json` } = options
  const { kid, publicJwk, privateJwk } = await makeCredentialKey()
  const id = serverCredentialId(serverId)
  const credential = { issuer: issuerOf(configuredIssuer(terminal), tenant), client_id: id, private_key: privateJwk }
  const file = resolve(terminal.folder, out)
  const command = rotate ? addServerCredentialKey : addServerCredential
  await withOperator(terminal, { tenant }, (operator) =>
    // Kept before the key counts, so that no key counts that nobody has.
    keepSecretFile(file, `${JSON.stringify(credential, undefined, 2)}\n`, { replace: rotate }, async () =>
      unwrap(await runCommand(operator, command, { serverId, publicJwk })),
    ),
  )
  const next = rotate ? 'start the guard with it, then retire the old key' : 'the guard of the MCP server reads it'
  print(terminal, json ? JSON.stringify({ id, key: kid, file }) : `${id} has the key ${kid}\nwrote ${out}: ${next}`)
}

function retireKey(terminal: Terminal, serverId: string, kid: string, { tenant, json }: CredentialOptions) {
  return withOperator(terminal, { tenant }, async (operator) => {
    const done = await runCommand(operator, retireServerCredentialKey, { serverId, kid })
    report(terminal, json, done, { id: kid, changed: `retired ${kid}`, unchanged: `${kid} is retired already` })
  })
}

function listKeys(terminal: Terminal, serverId: string, { tenant, json }: CredentialOptions) {
  return withOperator(terminal, { tenant }, async (operator) => {
    const kids = unwrap(await listServerCredentialKeys(operator, serverId))
    print(terminal, json ? JSON.stringify(kids) : kids.join('\n'))
  })
}
