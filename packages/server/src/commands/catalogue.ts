import { err, ok } from '@permitry/oauth'
import { afterImport, afterPublication, type PublishedItem } from '../catalogue/publication.ts'
import { recordChanges, snapshotOf } from '../catalogue/record.ts'
import { defineCommand } from './command.ts'
import { checkOwnId } from './references.ts'

/** So many changes are named in the audit row; the catalogue has them all. */
const NAMED = 50

interface Publication {
  readonly serverId: string
  /** `guard`: by the rules that it enforces; `import`: by what a caller was shown. */
  readonly source: 'guard' | 'import'
  readonly items: readonly PublishedItem[]
}

/** Takes over what an MCP server offers, and keeps what became different. Nobody is given or refused anything by it. */
export const publishCatalogue = defineCommand<Publication>(
  'catalogue.publish',
  async ({ t, now }, { serverId, source, items }) => {
    const failure = checkOwnId('server', serverId)
    if (failure) return err(failure)
    if (!(await t.serverDefinitions.find(serverId))) return err({ reason: 'unknown', kind: 'server', id: serverId })
    const before = await snapshotOf(t, serverId)
    const known = await t.catalogue.items(serverId)
    const next = source === 'guard' ? afterPublication(known, items) : afterImport(known, items)
    await t.catalogue.replaceItems(serverId, next)
    const changes = await recordChanges(t, serverId, before, { source, now })
    const [first] = changes
    if (first === undefined) return ok('unchanged')
    return ok({
      type: 'catalogue.changed',
      serverId,
      detail: {
        source,
        version: first.version,
        changes: changes.length,
        items: changes.slice(0, NAMED).map(({ kind, name, before: old, after }) => ({
          kind,
          name,
          change: old === null ? 'added' : after === null ? 'removed' : 'changed',
        })),
      },
    })
  },
)
