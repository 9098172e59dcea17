// `npm run reset`: removes what the example stored, so that the next start begins with fresh dates and nobody signed in.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readEnvironment } from './environment.ts'
import { busyPorts } from './ports.ts'

/** Only what the example writes: PERMITRY_DATA_DIR may name a folder with other things in it. */
const OURS =
  /^((permitry|vet-assist|vet-assist-app|vet-assist-connections)\.(db|log)|vet-assist-ai\.secret$|vet-assist-app\.key$|vetassist\.credential\.json$|master\.key$)/

const { dataDir, shownDataDir, ports } = readEnvironment()
const busy = await busyPorts(ports)
if (busy.length > 0) {
  console.error(`the example seems to run (${busy.join(', ')} in use): end \`npm start\` first`)
  process.exit(1)
}
const found = existsSync(dataDir) ? readdirSync(dataDir).filter((name) => OURS.test(name)) : []
for (const name of found) rmSync(join(dataDir, name))
console.log(`${found.length} files removed from ${shownDataDir}; \`npm start\` begins anew`)
