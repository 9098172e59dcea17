import type { UpstreamRules } from '../rules/schema.ts'
import { createClientCredentials, type Credential, type Requests } from './client-credentials.ts'

/** Makes the credential that the rules name. */
export function createCredential(
  { header, client_credentials }: UpstreamRules['credential'],
  requests: Requests,
): Credential {
  if (client_credentials) return createClientCredentials(client_credentials, requests)
  const headers = header ? [header.name.toLowerCase(), header.value] : []
  return { headers: () => headers, refused() {} }
}
