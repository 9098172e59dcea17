import type { Realm } from '../realm.ts'
import { POLL } from './streams.ts'

/**
 * The transmitter's metadata (SSF 1.0 §7.1). No endpoints to add or remove subjects: a stream is about all subjects of the MCP
 * servers that its credential guards, and about no others.
 */
export function ssfConfiguration({ issuer }: Realm) {
  return {
    spec_version: '1_0',
    issuer,
    jwks_uri: `${issuer}/guard/jwks`,
    delivery_methods_supported: [POLL],
    configuration_endpoint: `${issuer}/guard/streams`,
    status_endpoint: `${issuer}/guard/status`,
    verification_endpoint: `${issuer}/guard/verify`,
    authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:6749' }],
    default_subjects: 'ALL',
  }
}
