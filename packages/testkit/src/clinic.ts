import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { apply, type Config, DEFAULT_TENANT, loadConfig, planApply, type Store } from '@permitry/server'

/** The identifier of the clinic's MCP server. */
export const VET_ASSIST = 'mcp://vetassist'

/** People of the example, by user name, with their subject ids. */
export const people = { bob: 'usr_bob', carol: 'usr_carol', dana: 'usr_dana', admin: 'usr_admin' } as const
export type Person = keyof typeof people
export const passwordOf = (person: Person): string => `${person}-vet-demo`

/** The secret of the confidential client `vet-assist-ai`. */
export const appSecret = randomBytes(32).toString('base64url')

const file = new URL('../../../examples/vet-assist/permitry.yaml', import.meta.url)

/** Changes what the example declares. */
export type ClinicChange = (config: Config) => Config

/** Applies the example's own `permitry.yaml`, with the addresses and the secret of the test, to a tenant that exists. */
export async function applyClinic(
  store: Store,
  environment: Readonly<Record<string, string>>,
  tenant = DEFAULT_TENANT,
  change: ClinicChange = (config) => config,
): Promise<void> {
  const config = loadConfig(readFileSync(file, 'utf8'), {
    environment,
    readFile: () => ({ text: appSecret }),
  })
  if (!config.ok) throw new Error(JSON.stringify(config.error))
  const operator = { store, tenant, actor: { kind: 'system', id: 'testkit' }, now: Date.now } as const
  const request = { config: change(config.value), prune: false }
  const applied = await apply(operator, request, await planApply(operator, request))
  if (!applied.ok) throw new Error(JSON.stringify(applied.error))
}
