import { sha256 } from '../keys/secrets.ts'
import type { Client } from '../store/repositories/clients.ts'

/** What a person saw or relied on of a client when they consented; a change asks again (CIMD §6.3). */
export function clientFingerprint(client: Client): string {
  return sha256(
    JSON.stringify([
      client.name,
      client.registration,
      client.applicationType,
      client.authMethod,
      [...client.redirectUris].sort(),
    ]),
  )
}
