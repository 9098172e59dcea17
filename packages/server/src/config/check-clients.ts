import { checkRegisteredRedirectUri } from '@permitry/oauth'
import { checkScopesByServer } from './references.ts'
import type { ConfigView, Finding } from './view.ts'

/** RFC 9700 §2.1 and RFC 8252: where a code may be sent is decided here and compared as text at each request. */
export function* checkRedirectUris({ clients, quote }: ConfigView): Iterable<Finding> {
  for (const { path, value } of clients)
    for (const key of ['redirect_uris', 'post_logout_redirect_uris'] as const)
      for (const [index, uri] of value[key].entries()) {
        const at = [...path, key, index]
        const problem = checkRegisteredRedirectUri(uri, value.type)
        if (problem !== undefined) yield { path: at, message: problem }
        else if (value[key].indexOf(uri) < index)
          yield { path: at, message: `${quote(at)} stands twice: keep one of the two` }
      }
}

/** A secret that somebody thought up can be guessed; 256 generated bits cannot, so a fast hash of them is enough. */
export function* checkClientAuthentication({ clients }: ConfigView): Iterable<Finding> {
  for (const { path, value } of clients) {
    const { auth, secret, grant_types: grantTypes } = value
    const at = [...path, 'secret']
    if (auth === 'none' && secret !== undefined)
      yield {
        path: at,
        at: 'key',
        message: 'a client with `auth: none` has no secret: leave it out, or choose client_secret_basic',
      }
    if (auth !== 'none' && secret === undefined)
      yield {
        path,
        message: `a client with \`auth: ${auth}\` needs a \`secret\`: write 256 generated bits, best as \${file:path}`,
      }
    if (auth !== 'none' && secret !== undefined && !isGeneratedSecret(secret))
      yield {
        path: at,
        message:
          'the secret is not 256 generated bits in letters, digits, `-`, `_`, `.` or `~`: make one with `openssl rand -hex 32`',
      }
    if (!grantTypes.includes('authorization_code'))
      yield {
        path: [...path, 'grant_types'],
        message: 'a client needs `authorization_code`: a refresh token begins with a code',
      }
  }
}

/** 43 characters of base64url or 64 of hex hold 256 bits, and chance leaves neither with fewer than ten different ones. */
function isGeneratedSecret(secret: string): boolean {
  const isLongEnough = /^[0-9a-fA-F]*$/.test(secret) ? secret.length >= 64 : secret.length >= 43
  return isLongEnough && /^[A-Za-z0-9._~-]{43,512}$/.test(secret) && new Set(secret).size >= 10
}

export function* checkClientServers(view: ConfigView): Iterable<Finding> {
  for (const { path, value } of view.clients) yield* checkScopesByServer(view, value.servers, [...path, 'servers'])
}
