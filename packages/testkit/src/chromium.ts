import { execFile } from 'node:child_process'
import { lstat, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'

const run = promisify(execFile)

/** The Debian and Ubuntu package of each library that the shipped Chromium takes from the system. */
const PACKAGES: Record<string, string> = {
  'libexpat.so.1': 'libexpat1',
  'libgcc_s.so.1': 'libgcc-s1',
  'libnspr4.so': 'libnspr4',
  'libplc4.so': 'libnspr4',
  'libplds4.so': 'libnspr4',
  'libnss3.so': 'libnss3',
  'libnssutil3.so': 'libnss3',
  'libsmime3.so': 'libnss3',
}

/**
 * Starts the Chromium that comes with the npm package `@sparticuz/chromium` (Linux on x64), or the one that
 * `PERMITRY_TEST_CHROMIUM` names. Where it cannot run, fails with one sentence that says what to do: a browser test is
 * never skipped. The sandbox is off, so it is for our own pages only. The caller closes it.
 */
export async function launchChromium(): Promise<Browser> {
  // Loaded here and not above: most users of the testkit never start a browser.
  const { chromium } = await import('playwright-core')
  const own = process.env['PERMITRY_TEST_CHROMIUM']
  const args = ['--disable-gpu', '--disable-quic', '--disable-sync', '--font-render-hinting=none']
  if (own) return chromium.launch({ executablePath: own, args })

  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      'the browser tests ship a Chromium for Linux on x64 only: set PERMITRY_TEST_CHROMIUM to the path of a Chromium or Chrome',
    )
  }
  const folder = await unpack()
  const executablePath = join(folder, 'chromium')
  const missing = missingLibraries((await run('ldd', [executablePath])).stdout)
  if (missing.length > 0) throw new Error(howToInstall(missing))
  const env = {
    ...process.env,
    FONTCONFIG_FILE: join(import.meta.dirname, 'fonts.conf'),
    XDG_DATA_HOME: folder,
    XDG_CACHE_HOME: folder,
  }
  return chromium.launch({ executablePath, args, env })
}

/** The libraries that `ldd` did not find. */
export function missingLibraries(lddOutput: string): string[] {
  return [...lddOutput.matchAll(/^\s*(\S+) => not found/gmu)].map((match) => match[1] ?? '')
}

/** One sentence with the command that helps. */
export function howToInstall(libraries: string[]): string {
  const unknown = libraries.filter((library) => PACKAGES[library] === undefined)
  if (unknown.length > 0)
    return `Chromium needs ${unknown.join(' and ')}: install the packages of your system that contain them`
  const packages = [...new Set(libraries.map((library) => PACKAGES[library]))]
  return `Chromium needs ${libraries.join(', ')}: run \`apt-get install --yes --no-install-recommends ${packages.join(' ')}\` as root`
}

/** Unpacks once per version and user. Test files that start together each unpack aside, and the first rename wins. */
async function unpack(): Promise<string> {
  const uid = process.getuid?.()
  const folder = join(tmpdir(), `permitry-chromium-${await packageVersion()}-${uid}`)
  const found = await lstat(folder).catch(() => undefined)
  if (found !== undefined) {
    // The name can be guessed by others on this machine, and what lies there gets executed.
    if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0) {
      throw new Error(`\`${folder}\` was not made by this user: remove it`)
    }
    return folder
  }
  const aside = await mkdtemp(`${folder}-`)
  // In a process of its own, because the package unpacks into os.tmpdir() and nowhere else.
  const script = "import chromium from '@sparticuz/chromium'; await chromium.executablePath()"
  await run(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    env: { ...process.env, TMPDIR: aside },
  })
  try {
    await rename(aside, folder)
  } catch (error) {
    await rm(aside, { recursive: true })
    if ((await lstat(folder).catch(() => undefined)) === undefined) throw error
  }
  return folder
}

async function packageVersion(): Promise<string> {
  const path = findPackageJSON('@sparticuz/chromium', import.meta.url)
  if (path === undefined) throw new Error('`@sparticuz/chromium` is not installed: run `npm ci`')
  const manifest = JSON.parse(await readFile(path, 'utf8')) as { version: string }
  return manifest.version
}
