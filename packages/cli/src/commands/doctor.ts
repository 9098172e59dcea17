import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Connection, listClients, listConnections, type RegisteredClient } from '@permitry/server'
import { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { readConfigFile } from '../config-file.ts'
import { examine } from '../doctor/doctor.ts'
import type { Finding } from '../doctor/finding.ts'
import { createProbe } from '../doctor/probe.ts'
import { formatTimelines } from '../doctor/timeline.ts'
import { existingMasterKey } from '../master-key.ts'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { readSettings } from '../settings.ts'
import { printable } from '../table.ts'
import { print, type Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'

type DoctorOptions = CommonOptions & {
  readonly config?: string
  readonly ca?: string
  readonly last: string
}

export function doctorCommand(terminal: Terminal): Command {
  return new Command('doctor')
    .description(
      'say what keeps clients from connecting, and the fix: checks this server, or an address, and shows the last clients',
    )
    .argument('[url]', 'an issuer or MCP server, also a foreign one; this server with its MCP servers when left out')
    .option('--config <file>', 'the file; PERMITRY_CONFIG or permitry.yaml when left out')
    .option('--ca <file>', 'certificates in PEM that are trusted beside those of the system')
    .option('--last <number>', 'how many of the last connections are shown', '5')
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (url: string | undefined, options: DoctorOptions) => {
      if (url !== undefined && !/^https?:\/\//i.test(url))
        throw new CliError(`\`${url}\` is no URL: write one with http:// or https://`)
      const settings = readSettings(terminal.environment, terminal.folder)
      const file = options.config === undefined ? settings.configFile : resolve(terminal.folder, options.config)
      // A foreign server can be looked at from a machine that has nothing of ours.
      const config = url !== undefined && !existsSync(file) ? undefined : readConfigFile(file, terminal)
      const own = await readOwn(terminal, options)
      const findings = await examine(url, {
        probe: createProbe([...(config?.extra_ca_certificates ?? []), ...readCertificates(terminal, options.ca)]),
        now: Date.now(),
        config,
        masterKey: existingMasterKey(settings),
        clients: own.clients,
      })
      print(terminal, options.json ? JSON.stringify({ findings, connections: own.connections }) : format(findings, own))
      const failed = findings.filter(({ status }) => status === 'fail').length
      if (failed > 0) throw new CliError(failed === 1 ? 'one check failed' : `${failed} checks failed`)
    })
}

interface Own {
  readonly clients: readonly RegisteredClient[]
  /** Undefined where there is no database. */
  readonly connections: readonly Connection[] | undefined
}

async function readOwn(terminal: Terminal, { tenant, last }: DoctorOptions): Promise<Own> {
  const { isPostgres, databaseUrl } = readSettings(terminal.environment, terminal.folder)
  if (!/^\d{1,3}$/.test(last)) throw new CliError(`\`--last\` is \`${last}\`: write a number up to 999`)
  if (!isPostgres && !existsSync(databaseUrl)) return { clients: [], connections: undefined }
  return await withOperator(terminal, { tenant }, async (operator) => ({
    clients: await listClients(operator),
    connections: await listConnections(operator, Number(last)),
  }))
}

function readCertificates(terminal: Terminal, file: string | undefined): string[] {
  if (file === undefined) return []
  const path = resolve(terminal.folder, file)
  if (!existsSync(path)) throw new CliError(`the file \`${file}\` does not exist: name certificates in PEM form`)
  return [readFileSync(path, 'utf8')]
}

function format(findings: readonly Finding[], { connections }: Own): string {
  const width = Math.max(0, ...findings.map(({ check }) => check.length))
  const targets = [...new Set(findings.map(({ target }) => target))]
  const lines = targets.flatMap((target) => [
    '',
    printable(target),
    ...findings.filter((finding) => finding.target === target).flatMap((finding) => formatFinding(finding, width)),
  ])
  const timelines = connections === undefined ? [] : ['', 'The last connections', '', formatTimelines(connections)]
  return [...lines, ...timelines].join('\n').trimStart()
}

function formatFinding({ check, status, seen, fix }: Finding, width: number): string[] {
  return [
    `  ${status.padEnd(4)}  ${check.padEnd(width)}  ${printable(seen)}`,
    ...(fix === undefined ? [] : [`        ${''.padEnd(width)}  fix: ${printable(fix)}`]),
  ]
}
