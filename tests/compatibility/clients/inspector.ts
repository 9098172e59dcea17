import type { ClientFixture } from '../client.ts'

const source = { url: 'https://www.npmjs.com/package/@modelcontextprotocol/inspector/v/2.12.0', date: '2026-11-24' }

/** Also run for real, in both eras: tests/real-clients. */
export const inspector: ClientFixture = {
  name: 'MCP Inspector',
  introductions: [
    {
      by: 'registration',
      metadata: {
        redirect_uris: ['http://127.0.0.1:{port}/oauth/callback'],
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        client_name: 'MCP Inspector',
        client_uri: 'https://github.com/modelcontextprotocol/inspector',
        scope: '{scope}',
        application_type: 'native',
      },
      sources: [
        {
          url: 'https://github.com/modelcontextprotocol/inspector/blob/86d5f58ec8c369839b8237455ad8b1c17b15a984/core/auth/providers.ts',
          date: '2026-08-19',
        },
      ],
    },
  ],
  documentNeeds: 'unknown',
  redirectUri: { value: 'http://127.0.0.1:{port}/oauth/callback', source },
  scope: { value: 'the challenge', source },
  offlineAccess: { value: true, source },
  prompt: { value: 'consent', source },
  resource: { value: 'the metadata of the MCP server', source },
  refresh: { value: { resource: true, scope: false }, source },
  firstRequest: { value: 'POST', source },
  discoveryVersion: { value: '2025-11-25', source },
  versionHeader: { value: true, source },
  revision: { value: '2025-11-25, and 2026-07-28 with `--protocol-era modern`', source },
  demands: { value: 'the `iss` and `issuer` of RFC 9207 and RFC 8414', source },
}
