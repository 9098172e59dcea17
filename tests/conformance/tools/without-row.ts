// Preloaded into a test process by `--import`: takes one row out of one checks table while its module is being loaded.
// Production code has no switch for this; only the loader of a test process can do it.
import { registerHooks } from 'node:module'

const { searchParams } = new URL(import.meta.url)
const module = searchParams.get('module')
const table = searchParams.get('table')
const row = searchParams.get('row')
if (module === null || table === null || row === null) throw new Error('the preload needs a module, a table and a row')

// Runs at the end of the module itself. A row that is not there must not pass for one that nobody missed.
const removal = `
{
  const at = ${table}.findIndex(([name]) => name === ${JSON.stringify(row)})
  if (at < 0) throw new Error(${JSON.stringify(`${table} has no row ${row}`)})
  ${table}.splice(at, 1)
}
`

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (url !== module) return loaded
    if (loaded.source === undefined || loaded.source === null) throw new Error(`${url} came without source`)
    const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source)
    return { ...loaded, source: source + removal }
  },
})
