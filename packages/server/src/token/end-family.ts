import { newId } from '../keys/secrets.ts'
import type { Realm } from '../realm.ts'
import type { InUnit } from '../store/in-tenant.ts'

/** Ends a family and revokes its living access tokens. Ending it twice changes nothing. */
export async function endFamily(realm: Realm, t: InUnit, familyId: string, reason: string): Promise<boolean> {
  const now = realm.now()
  const ended = await t.families.end(familyId, reason, now)
  if (ended) {
    await t.revocations.revoke({ familyId }, newId('rev'), now)
    await t.audit({ type: 'family.ended', outcome: 'changed', familyId, reason })
  }
  return ended
}
