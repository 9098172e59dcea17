import {
  type AddClientAuthentication,
  type OAuthClientInformationMixed,
  selectClientAuthMethod,
} from '@modelcontextprotocol/client'

/**
 * Authenticates a client at the token endpoint, by the method that the SDK selects. RFC 6749 §2.3.1 wants id and secret
 * form-encoded in the Basic header; the SDK writes them raw, which breaks secrets with `:`, `+` or `%`.
 */
export function clientAuthentication(client: OAuthClientInformationMixed): AddClientAuthentication {
  return (headers, params, _url, metadata) => {
    const method = selectClientAuthMethod(client, metadata?.token_endpoint_auth_methods_supported ?? [])
    if (method === 'client_secret_basic') {
      headers.set('authorization', `Basic ${btoa(`${encode(client.client_id)}:${encode(client.client_secret ?? '')}`)}`)
      return
    }
    params.set('client_id', client.client_id)
    if (method === 'client_secret_post') params.set('client_secret', client.client_secret ?? '')
  }
}

const encode = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)
