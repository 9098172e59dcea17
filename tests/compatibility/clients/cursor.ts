import type { ClientFixture } from '../client.ts'

const addresses = { url: 'https://github.com/erp-mafia/accounted/pull/2225', date: '2026-09-03' }
const method = { url: 'https://github.com/different-ai/openwork/pull/3059', date: '2026-07-23' }

export const cursor: ClientFixture = {
  name: 'Cursor',
  introductions: [
    {
      by: 'registration',
      excerpt: true,
      // `web` with an address that no web client can have: some versions say so, others leave it out.
      metadata: {
        redirect_uris: [
          'cursor://anysphere.cursor-mcp/oauth/callback',
          'https://www.cursor.com/agents/mcp/oauth/callback',
          'http://localhost:8787/callback',
        ],
        token_endpoint_auth_method: 'none',
        application_type: 'web',
      },
      sources: [
        { url: 'https://github.com/buildinternet/uploads/pull/886', date: '2026-08-30' },
        { url: 'https://github.com/elie222/inbox-zero/pull/3780', date: '2026-09-17' },
        addresses,
        method,
      ],
    },
    {
      by: 'registration',
      excerpt: true,
      metadata: {
        redirect_uris: [
          'cursor://anysphere.cursor-mcp/oauth/callback',
          'https://www.cursor.com/agents/mcp/oauth/callback',
          'http://localhost:8787/callback',
        ],
        token_endpoint_auth_method: 'none',
      },
      sources: [
        { url: 'https://github.com/better-auth/better-auth/pull/10956', date: '2026-09-01' },
        addresses,
        method,
      ],
    },
  ],
  documentNeeds: 'unknown',
  redirectUri: {
    value: 'http://localhost:8787/callback',
    source: addresses,
  },
  scope: {
    value: 'the authorization server',
    source: {
      url: 'https://cursor.com/docs/context/mcp',
      date: '2026-07-29',
      quotedAt:
        'https://github.com/MCPJam/inspector/blob/a18ed9b3500d9b49fa83f7c6c64c70176fe97a58/sdk/src/host-config/oauth-profiles/catalog.ts',
    },
  },
  offlineAccess: 'unknown',
  prompt: 'unknown',
  resource: 'unknown',
  refresh: 'unknown',
  firstRequest: 'unknown',
  discoveryVersion: 'unknown',
  versionHeader: 'unknown',
  revision: {
    value: 'not published',
    source: { url: 'https://zuplo.com/learn/mcp/compatibility/clients/cursor', date: '2026-07-31' },
  },
  demands: 'unknown',
}
