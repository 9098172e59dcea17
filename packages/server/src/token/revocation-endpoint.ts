import { err, ok, type Result } from '@permitry/oauth'
import type { JWTPayload } from 'jose'
import type { Http } from '../http/endpoint.ts'
import { newId, sha256 } from '../keys/secrets.ts'
import { verifyOwnToken } from '../keys/verify.ts'
import type { Realm } from '../realm.ts'
import type { InUnit } from '../store/in-tenant.ts'
import type { Client } from '../store/repositories/clients.ts'
import { authenticateClient } from './authenticate-client.ts'
import { refuse } from './endpoint.ts'
import { readForm } from './read-form.ts'
import { endFamily } from './end-family.ts'
import type { TokenFailure } from './failure.ts'

/** `POST /revoke` (RFC 7009): ends the family of a refresh or access token. A token that is not known is no error (§2.2). */
export async function revocationEndpoint(realm: Realm, c: Http): Promise<Response> {
  c.header('Cache-Control', 'no-store')
  const revoked = await revoke(realm, c)
  return revoked.ok ? c.body(null, 200) : refuse(c, revoked.error)
}

async function revoke(realm: Realm, c: Http): Promise<Result<undefined, TokenFailure>> {
  const form = await readForm(c)
  if (!form.ok) return err({ reason: 'malformed_request', detail: form.error })
  const client = await authenticateClient(realm, c, form.value)
  if (!client.ok) return client
  const token = form.value.values['token']
  if (token === undefined) return err({ reason: 'malformed_request', detail: 'token is missing' })
  const accessToken = await verifyOwnToken(realm, token, { expired: 'accepted' })
  if (accessToken && accessToken.typ !== 'at+jwt') return err({ reason: 'token_type_not_revocable' })
  return realm.unit(async (t) => {
    if (accessToken && accessToken.claims['fam'] === undefined)
      return revokeOfAgent(realm, t, client.value, accessToken.claims)
    const familyId = accessToken
      ? String(accessToken.claims['fam'])
      : (await t.refreshTokens.find(sha256(token)))?.familyId
    const family = familyId === undefined ? undefined : await t.families.findLiving(familyId, realm.now())
    if (!family) return ok(undefined)
    // RFC 7009 §2.1: a client can take back its own tokens only.
    if (family.clientId !== client.value.id) return err({ reason: 'token_of_other_client' })
    await endFamily(realm, t, family.id, 'revoked by the client')
    await t.audit({
      type: 'token.revoked',
      outcome: 'changed',
      actor: { kind: 'client', id: client.value.id },
      subjectId: family.subjectId,
      clientId: client.value.id,
      familyId: family.id,
    })
    return ok(undefined)
  })
}

/** A client that acts for itself has no family: all its tokens until now are refused, and its next one is good again. */
async function revokeOfAgent(
  realm: Realm,
  t: InUnit,
  client: Client,
  { sub: subjectId = '', client_id: clientId, exp = 0 }: JWTPayload,
): Promise<Result<undefined, TokenFailure>> {
  const now = realm.now()
  if (exp * 1000 <= now) return ok(undefined)
  if (clientId !== client.id) return err({ reason: 'token_of_other_client' })
  await t.revocations.revoke({ subjectId }, newId('rev'), now)
  const actor = { kind: 'client', id: client.id } as const
  await t.audit({ type: 'token.revoked', outcome: 'changed', actor, subjectId, clientId: client.id })
  return ok(undefined)
}
