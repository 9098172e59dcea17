// Workers, style sheets and other files that sources load by `new URL('./file', import.meta.url)`: a bundler sees no import there.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import type { Plugin } from 'rolldown'

const BY_URL = /new URL\('(\.{1,2}\/[^']+)', import\.meta\.url\)/g

/** Puts each such file beside the bundle, a source as an entry of its own and a folder with all that is in it, and points the URL at it. */
export function loadedByUrl(): Plugin {
  return {
    name: 'loaded-by-url',
    transform(code, id) {
      if (!id.endsWith('.ts') || id.endsWith('.d.ts')) return null
      const moved = code.replace(BY_URL, (_, path: string) => {
        const file = join(dirname(id), path)
        if (!existsSync(file)) throw new Error(`${id} loads \`${path}\`, which does not exist`)
        if (statSync(file).isDirectory()) {
          const files = readdirSync(file, { recursive: true, encoding: 'utf8' }).map((name) => join(file, name))
          for (const one of files.filter((path) => statSync(path).isFile()))
            this.emitFile({ type: 'asset', source: readFileSync(one), fileName: nameInFolder(file, one) })
          return `new URL('./${basename(dirname(file))}', import.meta.url)`
        }
        const fileName = basename(file).replace(/\.ts$/, '.js')
        if (file.endsWith('.ts')) this.emitFile({ type: 'chunk', id: file, fileName })
        else this.emitFile({ type: 'asset', source: readFileSync(file), fileName })
        return `new URL('./${fileName}', import.meta.url)`
      })
      // A URL that is put together at run time would be missing from the tarball without a word.
      const left = moved.replace(/new URL\('\.\/[\w.-]+', import\.meta\.url\)|import\.meta\.main/g, '')
      if (left.includes('import.meta')) throw new Error(`${id} uses import.meta in a way that cannot be packed`)
      return moved === code ? null : { code: moved }
    },
  }
}

/** `apps/console/dist/assets/a.js` is packed as `console/assets/a.js`: of the folders, `dist` is the one that says nothing. */
function nameInFolder(folder: string, file: string): string {
  return [basename(dirname(folder)), ...relative(folder, file).split(sep)].join('/')
}
