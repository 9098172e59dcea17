// Preloaded into a test process by `--import`: changes one place of one module while it is being loaded, where a check is no row
// of a table. Production code has no switch for this; only the loader of a test process can do it.
import { registerHooks } from 'node:module'

const { searchParams } = new URL(import.meta.url)
const module = searchParams.get('module')
const from = searchParams.get('from')
const to = searchParams.get('to')
if (module === null || from === null || to === null) throw new Error('the preload needs a module, from and to')

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (url !== module) return loaded
    if (loaded.source === undefined || loaded.source === null) throw new Error(`${url} came without source`)
    const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source)
    // A place that is not there, or there twice, must not pass for one that nobody missed.
    if (source.split(from).length !== 2) throw new Error(`${url} does not have one ${JSON.stringify(from)}`)
    return { ...loaded, source: source.replace(from, () => to) }
  },
})
