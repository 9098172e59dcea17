import { equalInConstantTime, err, ok, type Result } from '@permitry/oauth'
import { sha256 } from '../../keys/secrets.ts'
import type { DynamicClient } from '../../store/repositories/dynamic-clients.ts'
import { isRecord } from '../sent.ts'
import type { RegistrationFailure } from './checks.ts'

/** A replacement as it was sent, and the client as it is. */
export interface ReplacementFacts {
  readonly sent: Readonly<Record<string, unknown>>
  readonly client: DynamicClient
}

type Check = (facts: ReplacementFacts) => string | undefined

/** RFC 7592 §2.2. */
const SERVER_DECIDES = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
]

/**
 * What a client may send when it replaces its registration. Each row refuses.
 * @mutated by the conformance suites
 */
export const registerReplacementChecks: [name: string, source: string, check: Check][] = [
  [
    'client-id',
    'RFC 7592 §2.2',
    ({ sent, client }) => (sent['client_id'] === client.id ? undefined : 'send the client_id of this client'),
  ],
  [
    'server-decides',
    'RFC 7592 §2.2',
    ({ sent }) => {
      const named = SERVER_DECIDES.filter((name) => Object.hasOwn(sent, name))
      return named.length > 0 ? `leave out ${named.join(', ')}: the server decides` : undefined
    },
  ],
  [
    'client-secret',
    'RFC 7592 §2.2',
    ({ sent: { client_secret: secret }, client }) =>
      secret === undefined ||
      (typeof secret === 'string' && equalInConstantTime(sha256(secret), client.secretHash ?? ''))
        ? undefined
        : 'client_secret is not the one of this client, and a client cannot choose its own: leave it out',
  ],
]

/** Checks what only a replacement has; the metadata themselves are read as at a registration. */
export function checkReplacement(sent: unknown, client: DynamicClient): Result<void, RegistrationFailure> {
  const refusal = (description: string) => err({ error: 'invalid_client_metadata', description } as const)
  if (!isRecord(sent)) return refusal('client metadata is a JSON object')
  for (const [, , check] of registerReplacementChecks) {
    const problem = check({ sent, client })
    if (problem !== undefined) return refusal(problem)
  }
  return ok(undefined)
}
