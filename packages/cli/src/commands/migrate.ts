import { Command } from 'commander'
import { migrateDatabase } from '../open-database.ts'
import { jsonOption } from '../options.ts'
import { readSettings } from '../settings.ts'
import { print, type Terminal } from '../terminal.ts'
import { prepareDataDir } from '../with-operator.ts'

export function migrateCommand(terminal: Terminal): Command {
  return new Command('migrate')
    .description('bring the database to the schema of this version; SQLite does this by itself at every start')
    .addOption(jsonOption())
    .action(async ({ json }: { json: boolean }) => {
      const settings = readSettings(terminal.environment, terminal.folder)
      prepareDataDir(settings, true)
      const migrations = await migrateDatabase(settings)
      if (json) print(terminal, JSON.stringify({ migrations }))
      else print(terminal, migrations.length === 0 ? 'the schema is up to date' : `ran ${migrations.join(', ')}`)
    })
}
