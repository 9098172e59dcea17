import { newId, newSecret, sha256 } from '../keys/secrets.ts'
import type { SignedIn } from '../login/session.ts'
import type { Realm } from '../realm.ts'
import type { InTenant } from '../store/in-tenant.ts'
import { list } from '../store/repositories/database.ts'
import type { Grant } from '../store/repositories/grants.ts'
import type { Asked } from './next-step.ts'
import type { Flow } from './stored-request.ts'

const CODE_LIFETIME_MS = 60_000
const FAMILY_IDLE_MS = 14 * 24 * 3_600_000
const FAMILY_ABSOLUTE_MS = 90 * 24 * 3_600_000

/** Begins a family for a request that is being answered, with its authorization code (OAuth 2.1 §4.1.2). */
export async function issueCode(
  realm: Realm,
  t: InTenant,
  flow: Flow,
  signedIn: SignedIn,
  asked: Asked,
  grant: Grant,
): Promise<string> {
  const now = realm.now()
  const familyId = newId('fam')
  await t.families.add(
    {
      id: familyId,
      grantId: grant.id,
      subjectId: signedIn.subject.id,
      clientId: asked.client.id,
      serverId: asked.target.server?.id ?? '',
      audience: asked.target.audience,
      scopes: asked.scopes.filter((scope) => grant.scopes.includes(scope)),
      identityScopes: asked.identityScopes.filter((scope) => grant.identityScopes.includes(scope)),
      sessionId: signedIn.session.id,
      nonce: flow.request.nonce ?? null,
      authTime: signedIn.session.auth_time,
      acr: signedIn.session.acr,
      amr: list(signedIn.session.amr),
      boundKey: null,
      idleExpiresAt: now + FAMILY_IDLE_MS,
      absoluteExpiresAt: now + FAMILY_ABSOLUTE_MS,
    },
    now,
  )
  const code = newSecret()
  await t.codes.add(
    {
      hash: sha256(code),
      familyId,
      clientId: asked.client.id,
      redirectUri: asked.redirectUri,
      challenge: flow.request.codeChallenge ?? '',
      resource: asked.target.audience,
      boundKey: flow.request.dpopJkt ?? null,
      expiresAt: now + CODE_LIFETIME_MS,
    },
    now,
  )
  return code
}
