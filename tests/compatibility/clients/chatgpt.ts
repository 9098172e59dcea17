import type { ClientFixture } from '../client.ts'

export const chatgpt: ClientFixture = {
  name: 'ChatGPT',
  introductions: [
    {
      by: 'document',
      url: 'https://chatgpt.com/oauth/client.json',
      metadata: {
        client_id: 'https://chatgpt.com/oauth/client.json',
        client_uri: 'https://chatgpt.com/',
        redirect_uris: ['https://chatgpt.com/connector_platform_oauth_redirect'],
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        client_name: 'ChatGPT',
        logo_uri: 'https://persistent.oaistatic.com/sonic/misc/openai-logo.png',
        token_endpoint_auth_signing_alg: 'RS256',
        jwks_uri: 'https://chatgpt.com/oauth/jwks.json',
      },
      sources: [
        {
          url: 'https://chatgpt.com/oauth/client.json',
          date: '2026-08-26',
          quotedAt: 'https://github.com/django-oauth/django-oauth-toolkit/issues/1845',
        },
      ],
    },
  ],
  documentNeeds: {
    value: '`authorization_response_iss_parameter_supported`; without it each connector has a document of its own',
    source: {
      url: 'https://github.com/fruggr/zendesk-mcp-server/blob/main/docs/plans/127-oauth-authorization-server.md',
      date: '2026-09-24',
    },
  },
  redirectUri: {
    value: 'https://chatgpt.com/connector_platform_oauth_redirect',
    source: {
      url: 'https://chatgpt.com/oauth/client.json',
      date: '2026-08-26',
      quotedAt: 'https://github.com/django-oauth/django-oauth-toolkit/issues/1845',
    },
  },
  scope: 'unknown',
  offlineAccess: 'unknown',
  prompt: 'unknown',
  resource: {
    value: 'the URL of the MCP server',
    source: { url: 'https://developers.openai.com/apps-sdk/build/auth', date: '2026-11-24' },
  },
  refresh: 'unknown',
  firstRequest: 'unknown',
  discoveryVersion: 'unknown',
  versionHeader: 'unknown',
  revision: 'unknown',
  demands: {
    value: 'PKCE with S256 in the metadata of the authorization server',
    source: { url: 'https://developers.openai.com/apps-sdk/build/auth', date: '2026-11-24' },
  },
}
