import type { ClientFixture } from '../client.ts'

const scopes = {
  url: 'https://code.claude.com/docs/en/mcp',
  date: '2026-08-19',
  quotedAt: 'https://github.com/basicmachines-co/basic-memory/issues/1283',
}

export const claudeCode: ClientFixture = {
  name: 'Claude Code',
  introductions: [
    {
      by: 'document',
      url: 'https://claude.ai/oauth/claude-code-client-metadata',
      // It says nothing of `application_type`: the redirect URIs have to.
      metadata: {
        client_id: 'https://claude.ai/oauth/claude-code-client-metadata',
        client_name: 'Claude Code',
        client_uri: 'https://claude.ai',
        redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      },
      sources: [
        {
          url: 'https://claude.ai/oauth/claude-code-client-metadata',
          date: '2026-07-29',
          quotedAt:
            'https://github.com/MCPJam/inspector/blob/a18ed9b3500d9b49fa83f7c6c64c70176fe97a58/sdk/src/host-config/oauth-profiles/catalog.ts',
        },
      ],
    },
  ],
  documentNeeds: {
    value: '`client_id_metadata_document_supported`',
    source: { url: 'https://github.com/anthropics/claude-code/issues/37747', date: '2026-03-23' },
  },
  redirectUri: {
    value: 'http://localhost:{port}/callback',
    source: { url: 'https://github.com/anthropics/claude-code/issues/37767', date: '2026-03-23' },
  },
  scope: { value: 'the challenge', source: scopes },
  offlineAccess: { value: true, source: scopes },
  prompt: {
    value: 'consent',
    source: { url: 'https://github.com/anthropics/claude-code/issues/10572', date: '2025-10-29' },
  },
  resource: {
    value: 'the URL of the MCP server',
    source: { url: 'https://github.com/getsentry/sentry-for-ai/issues/334', date: '2026-08-14' },
  },
  refresh: 'unknown',
  firstRequest: 'unknown',
  discoveryVersion: 'unknown',
  versionHeader: 'unknown',
  revision: {
    value: '2025-11-25 (version 2.1)',
    source: { url: 'https://github.com/sickn33/agentic-awesome-skills/releases/tag/v15.5.1', date: '2026-07-27' },
  },
  demands: {
    value: 'the `resource` of the metadata covers the address that was typed',
    source: { url: 'https://github.com/anthropics/claude-code/issues/69917', date: '2026-06-21' },
  },
}
