import { DEFAULT_TENANT } from '@permitry/server'
import { Option } from 'commander'

/** Which tenant a command is about. */
export const tenantOption = (): Option => new Option('--tenant <id>', 'the tenant').default(DEFAULT_TENANT)

/** Output for programs. */
export const jsonOption = (): Option => new Option('--json', 'print JSON for programs').default(false)

export interface CommonOptions {
  readonly tenant: string
  readonly json: boolean
}
