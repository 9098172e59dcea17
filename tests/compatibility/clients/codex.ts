import type { ClientFixture } from '../client.ts'

const login = {
  url: 'https://github.com/openai/codex/blob/18b3cfcb60746d54e5d90bb105d363d7ace1d254/codex-rs/rmcp-client/src/perform_oauth_login.rs',
  date: '2026-11-24',
}
const review = {
  url: 'https://github.com/MCPJam/inspector/blob/a18ed9b3500d9b49fa83f7c6c64c70176fe97a58/sdk/src/host-config/oauth-profiles/catalog.ts',
  date: '2026-07-29',
}

export const codex: ClientFixture = {
  name: 'Codex',
  introductions: [
    {
      by: 'document',
      url: 'https://chatgpt.com/oauth/codex/client.json',
      excerpt: true,
      metadata: {
        client_id: 'https://chatgpt.com/oauth/codex/client.json',
        client_name: 'Codex',
        redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
        token_endpoint_auth_method: 'none',
      },
      sources: [
        {
          url: 'https://chatgpt.com/oauth/codex/client.json',
          date: '2026-09-24',
          quotedAt:
            'https://github.com/fruggr/zendesk-mcp-server/blob/main/docs/plans/127-oauth-authorization-server.md',
        },
      ],
    },
    {
      by: 'registration',
      // The last segment is made of the address of the MCP server.
      metadata: {
        client_name: 'Codex',
        redirect_uris: ['http://127.0.0.1:{port}/callback/6MFBM1In3Ey-'],
        token_endpoint_auth_method: 'none',
        application_type: 'native',
      },
      sources: [review],
    },
  ],
  documentNeeds: 'unknown',
  redirectUri: { value: 'http://127.0.0.1:{port}/callback', source: login },
  scope: {
    value: 'the authorization server',
    source: { url: 'https://github.com/openai/codex/issues/17265', date: '2026-11-24' },
  },
  offlineAccess: 'unknown',
  prompt: 'unknown',
  resource: { value: 'the URL of the MCP server', source: review },
  refresh: {
    value: { resource: false, scope: false },
    source: { url: 'https://github.com/openai/codex/issues/33403', date: '2026-07-15' },
  },
  firstRequest: 'unknown',
  discoveryVersion: { value: '2024-11-05', source: review },
  versionHeader: 'unknown',
  revision: { value: '2025-06-18; 2026-07-28 behind a setting', source: review },
  demands: {
    value: '`iss` in the authorization response, when the metadata promises it',
    source: { url: 'https://github.com/openai/codex/issues/41836', date: '2026-08-31' },
  },
}
