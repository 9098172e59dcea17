import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { apply, planApply, planFirstApply, type Operator, type Plan } from '@permitry/server'
import { Command, Option } from 'commander'
import { readConfigFile } from '../config-file.ts'
import { confirm } from '../confirm.ts'
import { jsonOption, tenantOption, type CommonOptions } from '../options.ts'
import { formatPlan, planToJson } from '../print-plan.ts'
import { unwrap } from '../report.ts'
import { readSettings } from '../settings.ts'
import { print, type Terminal } from '../terminal.ts'
import { withOperator } from '../with-operator.ts'

const UNATTENDED = 'repeat with --yes to apply, or with --dry-run to look only'

type ApplyOptions = CommonOptions & {
  readonly config?: string
  readonly prune: boolean
  readonly yes: boolean
  readonly dryRun: boolean
}

export function applyCommand(terminal: Terminal): Command {
  return new Command('apply')
    .description(
      'bring the configuration into the database: shows the difference first, changes nothing the second time',
    )
    .option('--config <file>', 'the file; PERMITRY_CONFIG or permitry.yaml when left out')
    .option('--prune', 'remove what an earlier apply made and the file no longer names', false)
    .addOption(new Option('--yes', 'do not ask before changing anything').default(false).conflicts('dryRun'))
    .addOption(new Option('--dry-run', 'show the difference and change nothing').default(false))
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (options: ApplyOptions) => {
      const { folder, environment } = terminal
      const file =
        options.config === undefined ? readSettings(environment, folder).configFile : resolve(folder, options.config)
      const config = readConfigFile(file, terminal)
      const { isPostgres, databaseUrl } = readSettings(environment, folder)
      if (options.dryRun && !isPostgres && !existsSync(databaseUrl))
        return printPlan(terminal, options.json, planFirstApply(options.tenant, { config, prune: options.prune }))
      await withOperator(terminal, { tenant: options.tenant, create: true }, async (operator) => {
        const request = { config, prune: options.prune }
        const plan = await planApply(operator, request)
        if (!options.json) print(terminal, formatPlan(plan))
        const isWanted =
          plan.changes.length > 0 &&
          !options.dryRun &&
          (options.yes || (await confirm(terminal, 'apply these changes?', UNATTENDED)))
        if (isWanted) unwrap(await apply(operator, request, plan))
        if (options.json) print(terminal, JSON.stringify({ ...planToJson(plan), applied: isWanted }))
        else if (isWanted) print(terminal, summarize(plan))
      })
    })
}

function printPlan(terminal: Terminal, json: boolean, plan: Plan): void {
  print(terminal, json ? JSON.stringify({ ...planToJson(plan), applied: false }) : formatPlan(plan))
}

/** Applies without asking, for `serve --apply` and `dev`. */
export async function applyUnasked(
  operator: Operator,
  config: Parameters<typeof planApply>[1]['config'],
  prune = false,
): Promise<Plan> {
  const request = { config, prune }
  return unwrap(await apply(operator, request, await planApply(operator, request)))
}

function summarize({ changes }: Plan): string {
  const count = (action: string) => changes.filter((change) => change.action === action).length
  return `applied: ${count('create')} made, ${count('update')} changed, ${count('delete')} removed`
}
