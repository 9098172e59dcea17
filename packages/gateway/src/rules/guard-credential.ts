import type { GuardOptions } from '@permitry/guard'
import { z } from 'zod'
import type { UpstreamRules } from './schema.ts'

/** What `permitry server credential` writes; which keys are good the guard says itself. */
const Credential = z.strictObject({
  issuer: z.string(),
  client_id: z.string().min(1),
  private_key: z.looseObject({ kty: z.string(), kid: z.string(), alg: z.string() }),
})

/** The credential of a guard, or undefined where the rules have none. Throws a TypeError for a text that is none. */
export function parseGuardCredential({
  guard_credential: text,
}: Pick<UpstreamRules, 'guard_credential'>): GuardOptions['credential'] {
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  const parsed = Credential.safeParse(value)
  // The text is not quoted: there is a private key in it.
  if (!parsed.success)
    throw new TypeError('it is no credential: write ${file:…} with what `permitry server credential` wrote')
  const { issuer, client_id, private_key } = parsed.data
  return { issuer, client_id, private_key }
}
