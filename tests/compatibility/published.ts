// The hosts of the clients, as the authorization server finds them: their documents, and the keys of those that sign.
import { generateKeyPairSync } from 'node:crypto'
import type { AuthorizationServerOptions } from '@permitry/server'
import { clients } from './clients/index.ts'

type Outbound = NonNullable<AuthorizationServerOptions['outbound']>

export const CLIENT_KEY_ID = 'fixture'
/** In the place of the keys of whoever authenticates by signature: theirs never leave them. */
export const clientKeys = generateKeyPairSync('rsa', { modulusLength: 2048 })

const publicKey = { ...clientKeys.publicKey.export({ format: 'jwk' }), kid: CLIENT_KEY_ID, alg: 'RS256', use: 'sig' }

const published = new Map<string, object>()
for (const { introductions } of clients) {
  for (const one of introductions) {
    if (one.by !== 'document') continue
    published.set(one.url, one.metadata)
    const keys = one.metadata['jwks_uri']
    if (typeof keys === 'string') published.set(keys, { keys: [publicKey] })
  }
}

/** Answers in the place of the internet; what nobody publishes is a 404. */
export const hostsOfClients: Outbound = {
  get: (url) => {
    const document = published.get(url)
    const headers = new Headers({ 'content-type': 'application/json', 'cache-control': 'max-age=300' })
    const body = new TextEncoder().encode(JSON.stringify(document ?? {}))
    return Promise.resolve({ ok: true, value: { status: document === undefined ? 404 : 200, headers, body } })
  },
}
