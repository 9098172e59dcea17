import { err, ok } from '@permitry/oauth'
import { isAllowed } from './allowed.ts'
import { putBuiltIn } from './built-in.ts'
import { defineCommand, type Command } from './command.ts'

/** A tenant's id stands in its issuer (`/t/{id}`), so it is what a URL and a host name could carry, and never changes. */
const TENANT_ID = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

export function isTenantId(text: string): boolean {
  return TENANT_ID.test(text)
}

/** Makes the tenant to which the context is bound. Its signing keys are made when it is first used. */
export const createTenant: Command<{ readonly name: string }> = async (context, { name }) => {
  const { t, actor, now, audit } = context
  if (!isAllowed(actor, 'tenant.create')) return err({ reason: 'forbidden', action: 'tenant.create' })
  if (!isTenantId(t.tenant))
    return err({
      reason: 'invalid',
      message: `\`${t.tenant}\` is no tenant id: use 1 to 63 lower-case letters, digits and \`-\``,
    })
  if (await t.tenants.current()) return err({ reason: 'taken', what: 'tenant', name: t.tenant })
  await t.tenants.ensure(name, now)
  await putBuiltIn(context)
  await audit({ type: 'tenant.created' })
  return ok('changed')
}

/** Says what people read where pages name the organisation. Its id and its issuer stay. */
export const nameTenant = defineCommand<{ readonly id: string; readonly name: string }>(
  'tenant.name',
  async ({ t }, { id, name }) => {
    const tenant = await t.tenants.current()
    if (tenant?.id !== id) return err({ reason: 'unknown', kind: 'tenant', id })
    if (tenant.name === name) return ok('unchanged')
    await t.tenants.rename(name)
    return ok({ type: 'tenant.changed', detail: { fields: ['name'] } })
  },
)
