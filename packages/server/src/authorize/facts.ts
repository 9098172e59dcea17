import { matchRedirectUri, type Result } from '@permitry/oauth'
import type { IdTokenHint } from '../account/id-token-hint.ts'
import { resolveTarget, type Target, type TargetFailure } from '../access/target.ts'
import type { Realm } from '../realm.ts'
import type { InTenant } from '../store/in-tenant.ts'
import type { Client } from '../store/repositories/clients.ts'
import type { AuthorizationRequest } from './request.ts'

/** What the checks of an authorization request look at: the request beside what is known of its client and target. */
export interface Facts {
  readonly request: AuthorizationRequest
  /** What `id_token_hint` says; undefined when none was sent, or one that is not an ID token of ours. */
  readonly hint: IdTokenHint | undefined
  readonly client: Client | undefined
  /** The proved redirect URI: sent and registered, or left out and the client's only one. */
  readonly redirectUri: string | undefined
  readonly target: Result<Target, TargetFailure> | undefined
}

/** `hint` was read before, because verifying a signature has no place in a unit. */
export async function readFacts(
  t: InTenant,
  realm: Realm,
  request: AuthorizationRequest,
  hint: IdTokenHint | undefined,
): Promise<Facts> {
  const client = request.clientId === undefined ? undefined : await t.clients.find(request.clientId)
  if (!client?.active) return { request, hint, client: undefined, redirectUri: undefined, target: undefined }
  return {
    request,
    hint,
    client,
    redirectUri: provedRedirectUri(client, request.redirectUri),
    target: await resolveTarget(t, realm.issuer, client, request),
  }
}

function provedRedirectUri(client: Client, sent: string | undefined): string | undefined {
  if (sent === undefined) return client.redirectUris.length === 1 ? client.redirectUris[0] : undefined
  return matchRedirectUri(client.redirectUris, sent, client.applicationType) ? sent : undefined
}
