import { once } from 'node:events'
import { open, type FileHandle } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  createCheckpointSigner,
  exportAudit,
  verifyAudit,
  type AuditKey,
  type AuditVerdict,
  type Store,
} from '@permitry/server'
import { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { requireMasterKey } from '../master-key.ts'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { readSettings } from '../settings.ts'
import { print, type Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'
import { auditListCommand } from './audit-list.ts'

type VerifyOptions = CommonOptions & { readonly key?: string; readonly database: boolean }

export function auditCommand(terminal: Terminal): Command {
  const audit = new Command('audit')
    .description('list what happened, export it, and prove that nobody changed it')
    .addCommand(auditListCommand(terminal))
  audit
    .command('export')
    .description(
      'write the audit as JSON lines behind a fresh signed checkpoint; keep the files where the database is not',
    )
    .addOption(tenantOption())
    .action(({ tenant }: { tenant: string }) =>
      withOperator(terminal, { tenant }, async ({ store, now }) => {
        for await (const line of exportAudit(store, requireSigner(terminal, tenant), now()))
          if (!terminal.stdout.write(`${line}\n`)) await once(terminal.stdout, 'drain')
      }),
    )
  audit
    .command('verify')
    .description('find changed, missing and reordered events in an exported file, and in the database against it')
    .argument('<file>', 'what `audit export` wrote')
    .option('--key <x>', 'the public audit key from an earlier export; derived from the master key when left out')
    .option('--no-database', 'look at the file alone')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (file: string, { key, database, tenant, json }: VerifyOptions) => {
      const publicKey = key === undefined ? requireSigner(terminal, tenant).publicKey : parseKey(key)
      const exported = await openExport(resolve(terminal.folder, file))
      // Lines are read from here on only: what nobody waits for yet would be lost.
      const verify = (store?: Store) => verifyAudit({ lines: exported.readLines(), publicKey, store })
      const verdict = database ? await withOperator(terminal, { tenant }, ({ store }) => verify(store)) : await verify()
      print(terminal, json ? JSON.stringify(verdict) : formatVerdict(verdict))
      if (verdict.findings.length > 0)
        throw new CliError('the audit is not what was written: keep both copies and find out why')
    })
  return audit
}

function parseKey(x: string): AuditKey {
  if (!/^[A-Za-z0-9_-]{43}$/.test(x))
    throw new CliError('the audit key is not one: give the `x` of `key` in the first line of an export that you trust')
  return { kty: 'OKP', crv: 'Ed25519', x }
}

function openExport(file: string): Promise<FileHandle> {
  return open(file).catch((error: unknown) => {
    throw new CliError(`the file \`${file}\` cannot be read: name a file that \`permitry audit export\` wrote`, {
      cause: error,
    })
  })
}

function requireSigner(terminal: Terminal, tenant: string): ReturnType<typeof createCheckpointSigner> {
  return createCheckpointSigner(requireMasterKey(readSettings(terminal.environment, terminal.folder)), tenant)
}

function formatVerdict({ findings, events, uncovered, checkpoints }: AuditVerdict): string {
  const told = findings.map(({ line, kind, message }) => `line ${line}: ${kind}: ${message}`)
  return [...told, `${events} events, ${checkpoints} checkpoints, ${uncovered} events after the last checkpoint`].join(
    '\n',
  )
}
