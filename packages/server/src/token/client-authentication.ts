import { equalInConstantTime, err, type Form, ok, type Result } from '@permitry/oauth'
import { sha256 } from '../keys/secrets.ts'
import { type Client, isConfidential } from '../store/repositories/clients.ts'
import type { ClientAuthenticationFailure } from './failure.ts'

/** What a client sent to say who it is (OAuth 2.1 §2.4). */
interface ClientCredentials {
  readonly clientId: string
  readonly secret: string | undefined
}

/** Reads the credentials of a request; sending them in two ways is an error of its own. */
export function readClientCredentials(
  authorization: string | undefined,
  form: Form,
): Result<ClientCredentials, ClientAuthenticationFailure> {
  const { client_id: clientId, client_secret: secret } = form.values
  if (authorization === undefined) return clientId === undefined ? err('malformed') : ok({ clientId, secret })
  const basic = parseBasic(authorization)
  if (!basic) return err('malformed')
  if (secret !== undefined || (clientId !== undefined && clientId !== basic.clientId)) return err('two_methods')
  return ok(basic)
}

/** Facts for the checks: `client` is undefined when nobody is registered under the id. */
export interface ClientFacts {
  readonly client: Client | undefined
  readonly secret: string | undefined
}

/**
 * Each row refuses; what passes all of them is authenticated.
 * @mutated by the conformance suites
 */
export const clientAuthenticationChecks: [
  name: string,
  source: string,
  check: (facts: ClientFacts) => ClientAuthenticationFailure | undefined,
][] = [
  ['known', 'OAuth 2.1 §3.2.1', ({ client }) => (client?.active ? undefined : 'unknown')],
  [
    'secret-sent',
    'OAuth 2.1 §2.4',
    ({ client, secret }) => (client && isConfidential(client) && secret === undefined ? 'secret_missing' : undefined),
  ],
  [
    'secret-right',
    'OAuth 2.1 §2.4.1',
    // a public client has no hash to compare with, so whatever secret it sends is wrong
    ({ client, secret }) =>
      secret !== undefined && !equalInConstantTime(sha256(secret), client?.secretHash ?? '')
        ? 'wrong_secret'
        : undefined,
  ],
]

export function checkClient(facts: ClientFacts): ClientAuthenticationFailure | undefined {
  for (const [, , check] of clientAuthenticationChecks) {
    const failure = check(facts)
    if (failure) return failure
  }
  return undefined
}

/** RFC 7617 with the form-encoding of OAuth (RFC 6749 §2.3.1); NUL is refused as in a form. */
function parseBasic(header: string): { clientId: string; secret: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1]
  const pair =
    encoded === undefined ? undefined : /^([^:]+):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8'))
  try {
    const [clientId, secret] = [formDecode(pair?.[1] ?? ''), formDecode(pair?.[2] ?? '')]
    return pair && !clientId.includes('\0') ? { clientId, secret } : undefined
  } catch {
    return undefined
  }
}

function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}
