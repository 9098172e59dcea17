// Reads the repository as data, so that every check of the architecture is a function over files and can be given a bad one.
import { globSync, readFileSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'

export type RepositoryFile = { path: string; text: string }

const root = join(import.meta.dirname, '../..')
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', '.git', '.data', '.tmp', 'screenshots'])
const TEXT_FILES = /(^|\/)(run|LICENSE|\.npmrc|\.gitignore)$|\.(ts|mjs|json|md|yaml|yml|sh|sql|css|html|svg|txt|conf)$/
/** Known to exist, so that links can be checked; their bytes say nothing. */
const PICTURES = /\.png$/

/** Every text file and picture of the working tree outside of what is installed, built or written by a run. Paths use `/`. */
export function readRepository(): RepositoryFile[] {
  return globSync('**/*', { cwd: root, exclude: (name) => SKIPPED_FOLDERS.has(name.split(sep).at(-1) ?? name) })
    .filter((path) => (TEXT_FILES.test(path) || PICTURES.test(path)) && statSync(join(root, path)).isFile())
    .map((path) => ({
      path: path.split(sep).join('/'),
      text: PICTURES.test(path) ? '' : readFileSync(join(root, path), 'utf8'),
    }))
}
