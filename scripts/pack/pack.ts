// `npm run pack -- FOLDER`: builds `permitry`, `@permitry/guard` and `@permitry/client` and leaves their tarballs in the folder.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from './build.ts'
import { publishedPackages } from './packages.ts'

const [, , folder] = process.argv
if (folder === undefined) throw new Error('say where the tarballs shall go: npm run pack -- FOLDER')
const target = resolve(folder)
mkdirSync(target, { recursive: true })
const work = mkdtempSync(join(tmpdir(), 'permitry-pack-'))
try {
  await Promise.all(publishedPackages().map((published) => build(published, join(work, published.manifest.name))))
  for (const { manifest } of publishedPackages()) {
    const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', target], {
      cwd: join(work, manifest.name),
      encoding: 'utf8',
    })
    if (packed.status !== 0) throw new Error(packed.stderr)
    const [made] = JSON.parse(packed.stdout) as { filename: string; size: number; unpackedSize: number }[]
    if (made === undefined) throw new Error(`npm packed nothing of ${manifest.name}`)
    console.log(
      `${manifest.name} ${manifest.version}: ${kB(made.size)} kB packed, ${kB(made.unpackedSize)} kB unpacked`,
    )
  }
} finally {
  rmSync(work, { recursive: true })
}

function kB(bytes: number): string {
  return (bytes / 1000).toFixed(0)
}
