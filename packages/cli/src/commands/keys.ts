import { envelopeKey, type ListedKey, listKeys, revokeSigningKey, rotateKeys, WrongMasterKey } from '@permitry/server'
import { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { requireMasterKey } from '../master-key.ts'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { report } from '../report.ts'
import { readSettings } from '../settings.ts'
import { formatTable } from '../table.ts'
import { print, type Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'

export function keysCommand(terminal: Terminal): Command {
  const keys = new Command('keys').description('look at the keys that sign tokens, replace them and take them back')
  keys
    .command('list')
    .description('list the signing keys: next, signing, retired and revoked ones')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(({ tenant, json }: CommonOptions) =>
      withOperator(terminal, { tenant }, async (operator) => {
        const listed = await listKeys(operator)
        print(terminal, json ? JSON.stringify(listed.map(toJson)) : formatKeys(listed))
      }),
    )
  keys
    .command('rotate')
    .description('publish the next key of each kind, which signs in an hour; nobody is signed out')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(({ tenant, json }: CommonOptions) =>
      withOperator(terminal, { tenant }, async (operator) => {
        const value = await withMasterKey(terminal, (envelope) => rotateKeys(operator, envelope, 0))
        const told = { id: tenant, changed: 'the next keys are published and sign in an hour' }
        report(terminal, json, { ok: true, value }, { ...told, unchanged: 'the next keys are waiting already' })
      }),
    )
  keys
    .command('revoke')
    .description(
      'take a key back: another one signs at once, and MCP servers refuse what this one signed within ten minutes',
    )
    .argument('<key>', 'id of the key, as `keys list` and the header of a token show it')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action((id: string, { tenant, json }: CommonOptions) =>
      withOperator(terminal, { tenant }, async (operator) => {
        const done = await withMasterKey(terminal, (envelope) => revokeSigningKey(operator, envelope, id))
        report(terminal, json, done, { id, changed: `revoked ${id}`, unchanged: `${id} is revoked already` })
      }),
    )
  return keys
}

/** New private keys are sealed as those of the server are, so the command needs the same master key. */
async function withMasterKey<T>(terminal: Terminal, work: (envelope: Buffer) => Promise<T>): Promise<T> {
  const masterKey = requireMasterKey(readSettings(terminal.environment, terminal.folder))
  try {
    return await work(envelopeKey(masterKey))
  } catch (error) {
    throw error instanceof WrongMasterKey ? new CliError(error.message, { cause: error }) : error
  }
}

function toJson({ kid, purpose, alg, state, signsFrom, retiredAt, revokedAt }: ListedKey) {
  const at = (time: number | null) => (time === null ? null : new Date(time).toISOString())
  return {
    id: kid,
    purpose,
    alg,
    state,
    signs_from: at(signsFrom),
    retired_at: at(retiredAt),
    revoked_at: at(revokedAt),
  }
}

function formatKeys(keys: readonly ListedKey[]): string {
  const rows = keys.map(toJson).map((key) => [key.id, key.purpose, key.alg, key.state, key.signs_from, key.retired_at])
  const headings = ['key', 'for', 'algorithm', 'state', 'signs from', 'until']
  return formatTable(
    headings,
    rows.map((row) => row.map((cell) => cell ?? '')),
  )
}
