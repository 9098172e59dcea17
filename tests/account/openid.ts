import { authorize, type Browser, type Person, requestToken, type Stack } from '@permitry/testkit'

export const CALLBACK = 'http://127.0.0.1:5555/callback'

export interface Tokens {
  readonly access: string
  readonly id: string
  readonly refresh: string
}

/** Signs a person in at a public client that asks who they are; `extra` changes the authorization request. */
export async function tokensOf(
  stack: Stack,
  person: Person,
  {
    scope = 'openid',
    resource,
    browser,
    extra,
  }: { scope?: string; resource?: string; browser?: Browser; extra?: Record<string, string> } = {},
): Promise<Tokens> {
  const request = {
    clientId: 'vet-assist-dev',
    redirectUri: CALLBACK,
    scope,
    ...(resource === undefined ? {} : { resource }),
    ...(extra === undefined ? {} : { extra }),
  }
  const { params, verifier } = await authorize(stack.issuer, request, person, browser ? { browser } : {})
  const { body } = await requestToken(stack.issuer, {
    grant_type: 'authorization_code',
    client_id: 'vet-assist-dev',
    code: params.get('code') ?? '',
    redirect_uri: CALLBACK,
    code_verifier: verifier,
  })
  return { access: String(body['access_token']), id: String(body['id_token']), refresh: String(body['refresh_token']) }
}
