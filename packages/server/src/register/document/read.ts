import { err, ok, type Result } from '@permitry/oauth'
import { type ClientMetadata, readClientMetadata } from '../metadata.ts'
import { allowedMethods, type DynamicClientPolicy } from '../policy.ts'
import { isRecord } from '../sent.ts'

/** A good document: what it says, and its text as it was published. */
export interface DocumentContent {
  readonly metadata: ClientMetadata & { readonly name: string }
  readonly text: string
}

/** What came when a document was fetched with success. */
interface Fetched {
  readonly url: string
  readonly contentType: string | null
  readonly document: Readonly<Record<string, unknown>>
}

const SHARED_SECRET_METHODS = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt']

/**
 * What a document must be besides client metadata; each row refuses it.
 * @mutated by the conformance suites
 */
export const documentChecks: [name: string, source: string, check: (fetched: Fetched) => string | undefined][] = [
  [
    'json',
    'CIMD §4.1',
    ({ contentType }) =>
      /^application\/(?:json|[\w.+-]+\+json)[\t ]*(?:;|$)/i.test(contentType ?? '')
        ? undefined
        : 'it is not served as application/json',
  ],
  [
    'client-id',
    'CIMD §4.1, RFC 3986 §6.2.1',
    ({ url, document }) =>
      document['client_id'] === url ? undefined : 'its client_id is not exactly the URL that it stands at',
  ],
  [
    'no-secret',
    'CIMD §4.1',
    ({ document }) =>
      ['client_secret', 'client_secret_expires_at'].some((name) => Object.hasOwn(document, name))
        ? 'it has a client_secret, which everybody can read'
        : undefined,
  ],
  [
    'no-shared-secret-method',
    'CIMD §4.1',
    ({ document: { token_endpoint_auth_method: method } }) =>
      typeof method === 'string' && SHARED_SECRET_METHODS.includes(method)
        ? `its token_endpoint_auth_method is ${method}, for which there is no secret`
        : undefined,
  ],
]

/** Reads a document that was served with 200; the failure is a sentence about what is wrong with it. */
export function readDocument(
  url: string,
  contentType: string | null,
  body: Uint8Array,
  policy: DynamicClientPolicy,
): Result<DocumentContent> {
  const text = decode(body)
  const document = text === undefined ? undefined : parse(text)
  if (text === undefined || !isRecord(document)) return err('it is not a JSON object')
  for (const [, , check] of documentChecks) {
    const problem = check({ url, contentType, document })
    if (problem !== undefined) return err(problem)
  }
  const authMethods = allowedMethods(policy, ['none', 'private_key_jwt'])
  const metadata = readClientMetadata(document, { authMethods, defaultAuthMethod: 'none' })
  if (!metadata.ok) return err(metadata.error.description)
  const { name } = metadata.value
  // MCP asks for it (Client Registration, Client ID Metadata Documents): a page has to call the client something.
  if (name === undefined) return err('its client_name is missing')
  return ok({ metadata: { ...metadata.value, name }, text })
}

function decode(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return undefined
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
