import { checkRegisteredRedirectUri, isLoopbackHost } from '@permitry/oauth'
import { parseClientKeys } from '../keys/client-keys.ts'
import { checkTemplate, type ClientFault, type ResolvedClient } from './client-templates.ts'

/** What a client says that does not go together, each with what to do: the same for `permitry.yaml` and `permitry client add`. */
export function* clientFaults(client: ResolvedClient): Iterable<ClientFault> {
  yield* checkTemplate(client)
  yield* checkSecret(client)
  yield* checkKeys(client)
  yield* checkGrantTypes(client)
  yield* checkAlone(client)
}

/** A secret that somebody thought up can be guessed; 256 generated bits cannot, so a fast hash of them is enough. */
function* checkSecret({ auth, secret }: ResolvedClient): Iterable<ClientFault> {
  const hasSecret = auth === 'client_secret_basic' || auth === 'client_secret_post'
  if (auth === undefined)
    yield { key: 'id', message: 'a client needs `auth`, how it authenticates: write it, or a `template` that says it' }
  else if (!hasSecret && secret !== undefined)
    yield {
      key: 'secret',
      at: 'key',
      message: `a client with \`auth: ${auth}\` has no secret: leave it out, or choose client_secret_basic`,
    }
  if (hasSecret && secret === undefined)
    yield {
      key: 'id',
      message: `a client with \`auth: ${auth}\` needs a \`secret\`: write 256 generated bits, best as \${file:path}`,
    }
  if (hasSecret && secret !== undefined && !isGeneratedSecret(secret))
    yield {
      key: 'secret',
      message:
        'the secret is not 256 generated bits in letters, digits, `-`, `_`, `.` or `~`: make one with `openssl rand -hex 32`',
    }
}

/** 43 characters of base64url or 64 of hex hold 256 bits, and chance leaves neither with fewer than ten different ones. */
function isGeneratedSecret(secret: string): boolean {
  const isLongEnough = /^[0-9a-fA-F]*$/.test(secret) ? secret.length >= 64 : secret.length >= 43
  return isLongEnough && /^[A-Za-z0-9._~-]{43,512}$/.test(secret) && new Set(secret).size >= 10
}

/** OIDC Registration §2: keys by value or by reference, never both, and only where they are what authenticates. */
function* checkKeys({ auth, jwks, jwks_uri: uri }: ResolvedClient): Iterable<ClientFault> {
  if (auth !== 'private_key_jwt') {
    const key = jwks === undefined ? 'jwks_uri' : 'jwks'
    if (jwks !== undefined || uri !== undefined)
      yield {
        key,
        at: 'key',
        message: `only a client with \`auth: private_key_jwt\` has \`${key}\`: leave it out, or change \`auth\``,
      }
    return
  }
  if ((jwks === undefined) === (uri === undefined))
    yield {
      key: jwks === undefined ? 'id' : 'jwks_uri',
      message:
        'a client with `auth: private_key_jwt` needs its public keys: write `jwks` or `jwks_uri`, one of the two',
    }
  const keys = jwks === undefined ? undefined : parseClientKeys(JSON.stringify(jwks))
  if (keys?.ok === false) yield { key: 'jwks', message: keys.error }
  if (uri !== undefined && !isFetchable(uri))
    yield { key: 'jwks_uri', message: 'keys are fetched by https: write an https URL without user name and fragment' }
}

function isFetchable(uri: string): boolean {
  const url = URL.canParse(uri) ? new URL(uri) : undefined
  if (!url || url.username !== '' || url.password !== '' || uri.includes('#')) return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname))
}

function* checkGrantTypes({ grant_types: grantTypes, ...client }: ResolvedClient): Iterable<ClientFault> {
  const usesCodes = grantTypes.includes('authorization_code')
  if (grantTypes.includes('refresh_token') && !usesCodes)
    yield {
      key: 'grant_types',
      message: 'a client needs `authorization_code`: a refresh token begins with a code',
    }
  if (grantTypes.length === 0 && client.guards.length === 0)
    yield {
      key: 'grant_types',
      message: 'a client without grant types can only be the credential of an MCP server: write `guards`',
    }
  if (usesCodes && client.redirect_uris.length === 0)
    yield { key: 'redirect_uris', message: 'write at least one redirect URI: codes are sent nowhere else' }
  if (!usesCodes && !grantTypes.includes('refresh_token') && client.redirect_uris.length > 0)
    yield {
      key: 'redirect_uris',
      message:
        'codes are sent to redirect URIs, and this client gets none: leave them out, or add `authorization_code`',
    }
}

/** What only a client may have that proves who it is and acts without a person (docs/adr/0008). */
function* checkAlone(client: ResolvedClient): Iterable<ClientFault> {
  const actsForItself = client.grant_types.includes('client_credentials')
  if (client.auth === 'none' && actsForItself)
    yield {
      key: 'grant_types',
      message: '`client_credentials` is for clients that authenticate: choose another `auth` than none',
    }
  if (client.auth === 'none' && client.guards.length > 0)
    yield { key: 'guards', message: 'whoever guards an MCP server authenticates: choose another `auth` than none' }
  for (const key of ['roles', 'owner'] as const)
    if (!actsForItself && client[key] !== undefined)
      yield {
        key,
        at: 'key',
        message: `only a client with \`client_credentials\` has \`${key}\`: people bring their own roles`,
      }
}

/** RFC 9700 §2.1 and RFC 8252: where a code may be sent is decided here and compared as text at each request. One without `problem` stands twice. */
export function* redirectUriFaults(
  client: ResolvedClient,
): Iterable<{ readonly key: 'redirect_uris' | 'post_logout_redirect_uris'; index: number; problem?: string }> {
  for (const key of ['redirect_uris', 'post_logout_redirect_uris'] as const)
    for (const [index, uri] of client[key].entries()) {
      const problem = checkRegisteredRedirectUri(uri, client.type)
      if (problem !== undefined) yield { key, index, problem }
      else if (client[key].indexOf(uri) < index) yield { key, index }
    }
}
