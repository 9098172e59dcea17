import { sha256 } from '../keys/secrets.ts'
import type { Client } from '../store/repositories/clients.ts'

/**
 * What a person saw or relied on of a client when they consented; a change asks again (CIMD §6.3). Two digests: who can
 * get codes and tokens, and what the person was shown beside that.
 */
export function clientFingerprint(client: Client): string {
  return `${digestOfParty(client)}.${sha256(JSON.stringify([client.name, client.registration]))}`
}

/**
 * Whether codes and tokens still go to whom a person consented: the same redirect URIs and keys. A new name is for the
 * next consent to show, and stops nothing that goes on.
 */
export function isSameParty(fingerprint: string, client: Client): boolean {
  return fingerprint.split('.')[0] === digestOfParty(client)
}

/** Who can get codes and tokens. */
export function digestOfParty({ applicationType, authMethod, redirectUris, jwks, jwksUri }: Party): string {
  return sha256(JSON.stringify([applicationType, authMethod, redirectUris.toSorted(), jwks, jwksUri]))
}

type Party = Pick<Client, 'applicationType' | 'authMethod' | 'redirectUris' | 'jwks' | 'jwksUri'>
