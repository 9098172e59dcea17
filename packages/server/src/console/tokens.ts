import type { TokenEndpointResponse } from 'oauth4webapi'
import { open, seal } from '../keys/envelope.ts'
import type { Realm } from '../realm.ts'
import type { ConsoleSession } from '../store/repositories/console-sessions.ts'

/** What the server keeps for a browser that is signed in at the console. */
interface Tokens {
  readonly access: string
  readonly refresh: string
}

/** The columns of a console session that change when its tokens do. */
export function sealTokens(
  realm: Realm,
  id: string,
  response: TokenEndpointResponse,
): Pick<ConsoleSession, 'tokens_sealed' | 'tokens_expire_at' | 'scopes'> {
  const { access_token, refresh_token, expires_in, scope = '' } = response
  if (refresh_token === undefined || expires_in === undefined)
    throw new Error('the token endpoint gave the console no refresh token or no lifetime')
  const tokens: Tokens = { access: access_token, refresh: refresh_token }
  return {
    tokens_sealed: seal(realm.secrets.envelope, JSON.stringify(tokens), sealedAt(realm, id)),
    tokens_expire_at: realm.now() + expires_in * 1000,
    scopes: scope,
  }
}

export function openTokens(realm: Realm, { id, tokens_sealed }: ConsoleSession): Tokens {
  return JSON.parse(open(realm.secrets.envelope, tokens_sealed, sealedAt(realm, id))) as Tokens
}

function sealedAt({ tenant }: Realm, id: string): readonly string[] {
  return [tenant, 'console_sessions', id, 'tokens_sealed']
}
