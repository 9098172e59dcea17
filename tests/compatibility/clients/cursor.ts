import type { ClientFixture } from '../client.ts'

export const cursor: ClientFixture = {
  name: 'Cursor',
  introductions: [
    {
      by: 'registration',
      // `web` with an address that no web client can have: older and newer versions say so, some leave it out.
      metadata: {
        client_name: 'Cursor',
        redirect_uris: [
          'cursor://anysphere.cursor-mcp/oauth/callback',
          'https://www.cursor.com/agents/mcp/oauth/callback',
          'http://localhost:8787/callback',
        ],
        token_endpoint_auth_method: 'none',
        application_type: 'web',
      },
      source: { url: 'https://github.com/elie222/inbox-zero/pull/3780', date: '2026-09-17' },
    },
    {
      by: 'registration',
      metadata: {
        client_name: 'Cursor',
        redirect_uris: [
          'cursor://anysphere.cursor-mcp/oauth/callback',
          'https://www.cursor.com/agents/mcp/oauth/callback',
          'http://localhost:8787/callback',
        ],
        token_endpoint_auth_method: 'none',
      },
      source: { url: 'https://github.com/better-auth/better-auth/pull/10956', date: '2026-09-01' },
    },
  ],
  documentNeeds: 'unknown',
  redirectUri: {
    value: 'http://localhost:8787/callback',
    source: { url: 'https://github.com/erp-mafia/accounted/pull/2225', date: '2026-09-03' },
  },
  scope: {
    value: 'the authorization server',
    source: { url: 'https://cursor.com/docs/context/mcp', date: '2026-07-29' },
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
