import { err, intersectScopes, ok, type Result } from '@permitry/oauth'
import type { JWTPayload } from 'jose'
import { readProvedKey } from '../dpop/request.ts'
import type { Http } from '../http/endpoint.ts'
import { verifyOwnToken } from '../keys/verify.ts'
import type { Realm } from '../realm.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { Client } from '../store/repositories/clients.ts'
import type { Subject } from '../store/repositories/subjects.ts'
import { identityClaims } from '../token/id-token.ts'
import { type BearerFailure, readToken, refuseBearer } from './bearer.ts'

/** What the checks look at: a living access token of ours, with what it stands on as the database has it now. */
interface UserinfoFacts {
  readonly issuer: string
  readonly audience: JWTPayload['aud']
  /** Scopes of the token that the person's grant still has. */
  readonly scopes: readonly string[]
  readonly subject: Subject
  readonly client: Client
  /** Thumbprint of the key that the token is bound to; undefined for a bearer token. */
  readonly boundKey: string | undefined
}

interface ProvedFacts extends UserinfoFacts {
  /** Thumbprint of the key that the request proved to hold. */
  readonly provedKey: string | undefined
}

/**
 * Each row refuses; what passes all of them is told who the person is.
 * @mutated by the conformance suites
 */
export const userinfoChecks: [
  name: string,
  source: string,
  check: (facts: ProvedFacts) => BearerFailure | undefined,
][] = [
  ['audience', 'RFC 9068 §4', ({ audience, issuer }) => (audience === issuer ? undefined : 'invalid_token')],
  ['subject', 'OAuth 2.1 §5.2', ({ subject }) => (subject.status === 'active' ? undefined : 'invalid_token')],
  ['client', 'OAuth 2.1 §5.2', ({ client }) => (client.active ? undefined : 'invalid_token')],
  // A bound token that comes as a bearer token proves no key, and one that is not bound has none to be proved.
  [
    'bound-key',
    'RFC 9449 §7.1, §7.2',
    ({ boundKey, provedKey }) => (boundKey === provedKey ? undefined : 'invalid_token'),
  ],
  ['scope', 'OIDC Core §5.3', ({ scopes }) => (scopes.includes('openid') ? undefined : 'insufficient_scope')],
]

/** `GET|POST /userinfo` (OIDC Core §5.3): who the person is, for a client that holds an access token for the issuer, and the key that it is bound to. */
export async function userinfoEndpoint(realm: Realm, c: Http): Promise<Response> {
  c.header('Cache-Control', 'no-store')
  const claims = await readClaims(realm, c)
  return claims.ok ? c.json(claims.value) : refuseBearer(c, claims.error)
}

async function readClaims(realm: Realm, c: Http): Promise<Result<JWTPayload, BearerFailure>> {
  const sent = readToken(c)
  if (!sent.ok) return sent
  const { scheme, token: accessToken } = sent.value
  const token = await verifyOwnToken(realm, accessToken)
  // An ID token is signed by us too, and is no key to anything (RFC 9068 §5).
  if (token?.typ !== 'at+jwt') return err('invalid_token')
  const facts = await realm.read((t) => readFacts(realm, t, token.claims))
  if (!facts) return err('invalid_token')
  const proved =
    scheme === 'DPoP'
      ? await readProvedKey(realm, c, { path: '/userinfo', client: facts.client, accessToken })
      : ok(undefined)
  if (!proved.ok) return err({ proof: proved.error })
  for (const [, , check] of userinfoChecks) {
    const failure = check({ ...facts, provedKey: proved.value })
    if (failure) return err(failure)
  }
  return ok({ sub: facts.subject.id, ...identityClaims(facts.subject, facts.scopes) })
}

/** Read from the database each time: a token is worth what its family and grant are worth now. */
async function readFacts(realm: Realm, t: InTenant, claims: JWTPayload): Promise<UserinfoFacts | undefined> {
  const family = await t.families.findLiving(String(claims['fam']), realm.now())
  const grant = family && (await t.grants.findLivingById(family.grantId))
  const subject = family && (await t.subjects.find(family.subjectId))
  const client = family && (await t.clients.find(family.clientId))
  if (!grant || !subject || !client) return undefined
  const scopes = intersectScopes(String(claims['scope']).split(' '), grant.identityScopes)
  const boundKey = (claims['cnf'] as { jkt?: string } | undefined)?.jkt
  return { issuer: realm.issuer, audience: claims.aud, scopes, subject, client, boundKey }
}
