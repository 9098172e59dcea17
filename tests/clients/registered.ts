// Clients of the suites beside those of the example, and the person who uses them.
import { generateKeyPairSync } from 'node:crypto'
import { Browser, signIn, type StackOptions } from '@permitry/testkit'
import type { CryptoKey } from 'oauth4webapi'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** What the client `signing-app` signs with. */
export const signingKey: { readonly key: CryptoKey; readonly kid: string } = {
  key: privateKey.toCryptoKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']),
  kid: 'the key of the app',
}

export const SIGNING_APP_CALLBACK = 'https://app.example.com/callback'

/** `signing-app` authenticates by a signature, for people and for itself. */
export const withSigningApp: StackOptions = {
  change: (config) => ({
    ...config,
    clients: [
      ...config.clients,
      {
        id: 'signing-app',
        name: 'Signing App',
        type: 'web',
        auth: 'private_key_jwt',
        jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: signingKey.kid }] },
        redirect_uris: [SIGNING_APP_CALLBACK],
        post_logout_redirect_uris: ['https://app.example.com/bye'],
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
        id_token_alg: 'ES256',
        servers: { vetassist: 'all' },
        guards: [],
        dpop: 'optional',
        roles: ['vet-staff'],
      },
    ],
  }),
}

/** Bob signs in, reads and allows; the address at which the client gets its answer. */
export async function bobAllows(url: string, browser = new Browser()): Promise<string> {
  let page = await browser.open(url)
  if (page.url.includes('/login?')) page = await signIn(browser, page, 'bob')
  if (page.url.includes('/consent?')) page = await browser.submit(page, { decision: 'allow' })
  return page.url
}
