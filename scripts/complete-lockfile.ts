// `npm run lockfile`: names in package-lock.json the optional packages of every platform, not only those that npm could see.
// npm leaves out a platform package that its registry did not answer for, and `npm ci` then refuses the lockfile.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

type Entry = {
  version?: string
  dev?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}
export type Lockfile = { packages: Record<string, Entry> }

const PLATFORM = /(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|ia32|ppc64|riscv64|s390x|x64)(?:-(\w+))?$/

/** What npm needs to know to skip the package on other platforms; the name of a platform package says it all. */
function entryFor(name: string, version: string, parent: Entry): Entry | undefined {
  const [, os, cpu, abi] = PLATFORM.exec(name) ?? []
  if (os === undefined || cpu === undefined) return undefined
  const libc = os !== 'linux' || abi === undefined ? undefined : abi.startsWith('musl') ? 'musl' : 'glibc'
  return {
    version,
    cpu: [cpu],
    ...(parent.dev === true && { dev: true }),
    ...(libc !== undefined && { libc: [libc] }),
    optional: true,
    os: [os],
  }
}

/** Optional packages that some entry asks for and the lockfile does not have, with what to write for each. */
export function missingPlatforms(lockfile: Lockfile): { name: string; entry: Entry | undefined }[] {
  const locked = new Set(Object.keys(lockfile.packages).map((path) => path.split('node_modules/').at(-1)))
  return Object.values(lockfile.packages).flatMap((parent) =>
    Object.entries(parent.optionalDependencies ?? {})
      .filter(([name]) => !locked.has(name))
      .map(([name, version]) => ({ name, entry: entryFor(name, version, parent) })),
  )
}

if (import.meta.main) {
  const path = join(import.meta.dirname, '../package-lock.json')
  const lockfile = JSON.parse(readFileSync(path, 'utf8')) as Lockfile
  const missing = missingPlatforms(lockfile)
  for (const { name, entry } of missing) {
    if (entry === undefined) throw new Error(`\`${name}\` does not say its platform: add it to the lockfile by hand`)
    lockfile.packages[`node_modules/${name}`] = entry
  }
  const sorted = Object.entries(lockfile.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en'))
  writeFileSync(path, `${JSON.stringify({ ...lockfile, packages: Object.fromEntries(sorted) }, null, 2)}\n`)
  console.log(`${missing.length} platform packages added to package-lock.json`)
}
