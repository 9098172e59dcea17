import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { once } from 'node:events'
import { createCheckpointSigner, exportAudit, verifyAudit, type AuditKey, type AuditVerdict } from '@permitry/server'
import { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { existingMasterKey } from '../master-key.ts'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { readSettings } from '../settings.ts'
import { print, type Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'

type VerifyOptions = CommonOptions & { readonly key?: string; readonly database: boolean }

export function auditCommand(terminal: Terminal): Command {
  const audit = new Command('audit').description('export the audit and prove that nobody changed it')
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
      const publicKey: AuditKey =
        key === undefined ? requireSigner(terminal, tenant).publicKey : { kty: 'OKP', crv: 'Ed25519', x: key }
      const input = createReadStream(resolve(terminal.folder, file), 'utf8')
      await once(input, 'open').catch(() => {
        throw new CliError(`the file \`${file}\` cannot be read: name a file that \`permitry audit export\` wrote`)
      })
      const lines = createInterface({ input, crlfDelay: Infinity })
      const verdict = database
        ? await withOperator(terminal, { tenant }, ({ store }) => verifyAudit({ lines, publicKey, store }))
        : await verifyAudit({ lines, publicKey })
      print(terminal, json ? JSON.stringify(verdict) : formatVerdict(verdict))
      if (verdict.findings.length > 0)
        throw new CliError('the audit is not what was written: keep both copies and find out why')
    })
  return audit
}

function requireSigner(terminal: Terminal, tenant: string): ReturnType<typeof createCheckpointSigner> {
  const masterKey = existingMasterKey(readSettings(terminal.environment, terminal.folder))
  if (masterKey === undefined)
    throw new CliError('the master key is missing: set PERMITRY_MASTER_KEY or PERMITRY_MASTER_KEY_FILE as for `serve`')
  return createCheckpointSigner(masterKey, tenant)
}

function formatVerdict({ findings, events, uncovered, checkpoints }: AuditVerdict): string {
  const told = findings.map(({ line, kind, message }) => `line ${line}: ${kind}: ${message}`)
  return [...told, `${events} events, ${checkpoints} checkpoints, ${uncovered} events after the last checkpoint`].join(
    '\n',
  )
}
