import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { CliError } from './cli-error.ts'

/**
 * Writes a secret that only its owner may read, and gives it its name when `work` is done: after a failure there is what was
 * there before. A file that exists is kept unless it is there to be replaced.
 */
export async function keepSecretFile(
  path: string,
  text: string,
  { replace }: { readonly replace: boolean },
  work: () => Promise<unknown>,
): Promise<void> {
  if (!replace && existsSync(path)) throw new CliError(`\`${path}\` exists already: name another file with --out`)
  const partial = `${path}.${process.pid}.partial`
  try {
    writeFileSync(partial, text, { flag: 'wx', mode: 0o600, flush: true })
    await work()
    renameSync(partial, path)
  } finally {
    rmSync(partial, { force: true })
  }
}
