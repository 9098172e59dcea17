// The credential of VetAssist's guard: made at the first start, in the words that an operator would type.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

type Setup = {
  /** The command line of the authorization server. */
  command: string
  /** Where `permitry.yaml` lies. */
  folder: string
  file: string
  variables: Readonly<Record<string, string | undefined>>
}

/** Makes the credential unless it is there. The MCP server must be known before, so the configuration is applied first. */
export function makeServerCredential({ command, folder, file, variables }: Setup): void {
  if (existsSync(file)) return
  const permitry = (...args: string[]): string => {
    const env = { ...variables, PERMITRY_CONFIG: join(folder, 'permitry.yaml') }
    const { status, stderr, error } = spawnSync(command, args, { env, encoding: 'utf8' })
    if (error) throw error
    return status === 0 ? '' : stderr
  }
  const credential = ['server', 'credential', 'vetassist', '--out', file]
  const fault =
    permitry('apply', '--yes') ||
    // Somebody may have lost the file: then the credential that is known gets another key.
    (permitry(...credential) && permitry(...credential, '--rotate'))
  if (fault === '') return
  console.error(fault.trimEnd())
  process.exit(1)
}
