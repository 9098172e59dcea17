import type { ClientFixture } from '../client.ts'

const review =
  'https://github.com/MCPJam/inspector/blob/a18ed9b3500d9b49fa83f7c6c64c70176fe97a58/sdk/src/host-config/oauth-profiles/catalog.ts'
const connectorDocs = 'https://claude.com/docs/connectors/building/authentication'

/** claude.ai, Claude Desktop, the mobile apps and Cowork: one hosted client behind all of them. */
export const claude: ClientFixture = {
  name: 'Claude (web, Desktop, mobile)',
  introductions: [
    {
      by: 'document',
      url: 'https://claude.ai/oauth/mcp-oauth-client-metadata',
      metadata: {
        client_id: 'https://claude.ai/oauth/mcp-oauth-client-metadata',
        client_name: 'Claude',
        client_uri: 'https://claude.ai',
        redirect_uris: ['https://claude.ai/api/mcp/auth_callback'],
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      },
      sources: [{ url: 'https://github.com/sebadob/rauthy/issues/1644', date: '2026-07-16' }],
    },
    {
      by: 'registration',
      metadata: {
        redirect_uris: ['https://claude.ai/api/mcp/auth_callback'],
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        client_name: 'Claude',
      },
      sources: [{ url: 'https://github.com/PostHog/posthog/pull/48397', date: '2026-02-19' }],
    },
  ],
  documentNeeds: {
    value: '`client_id_metadata_document_supported`, and `none` among the methods of the token endpoint',
    source: { url: 'https://github.com/keycloak/keycloak/issues/49730', date: '2026-06-05' },
  },
  redirectUri: {
    value: 'https://claude.ai/api/mcp/auth_callback',
    source: { url: 'https://github.com/sebadob/rauthy/issues/1644', date: '2026-07-16' },
  },
  scope: {
    value: 'the challenge',
    source: {
      url: connectorDocs,
      date: '2026-08-12',
      quotedAt: 'https://github.com/anthropics/claude-ai-mcp/issues/840',
    },
  },
  offlineAccess: {
    value: true,
    source: { url: 'https://github.com/modelcontextprotocol/mcpb/issues/188', date: '2026-02-11' },
  },
  prompt: {
    value: 'consent',
    source: { url: 'https://github.com/modelcontextprotocol/mcpb/issues/188', date: '2026-02-11' },
  },
  resource: {
    value: 'the URL of the MCP server',
    source: {
      url: 'https://claude.com/docs/connectors/building/troubleshooting',
      date: '2026-07-29',
      quotedAt: review,
    },
  },
  refresh: 'unknown',
  firstRequest: 'unknown',
  discoveryVersion: 'unknown',
  versionHeader: 'unknown',
  revision: {
    value: 'not published; it still begins with `initialize`',
    source: { url: 'https://zuplo.com/learn/mcp/compatibility/clients/claude-connectors', date: '2026-07-31' },
  },
  demands: 'unknown',
}
