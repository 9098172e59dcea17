import type { ClientFixture } from '../client.ts'

const source = { url: 'https://www.npmjs.com/package/mcp-remote/v/0.15.1', date: '2026-11-24' }

/** Also run for real: tests/real-clients. */
export const mcpRemote: ClientFixture = {
  name: 'mcp-remote',
  introductions: [
    {
      by: 'registration',
      metadata: {
        redirect_uris: ['http://localhost:{port}/oauth/callback'],
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        client_name: 'MCP CLI Client',
        client_uri: 'https://github.com/modelcontextprotocol/mcp-cli',
        software_id: '2e6dc280-f3c3-4e01-99a7-8181dbd1d23d',
        software_version: '0.15.1',
        scope: '{scope}',
      },
      sources: [source],
    },
  ],
  documentNeeds: 'unknown',
  redirectUri: { value: 'http://localhost:{port}/oauth/callback', source },
  scope: { value: 'the challenge', source },
  offlineAccess: { value: true, source },
  prompt: { value: 'consent', source },
  resource: { value: 'the metadata of the MCP server', source },
  refresh: { value: { resource: true, scope: false }, source },
  firstRequest: { value: 'GET', source },
  discoveryVersion: { value: '2025-11-25', source },
  versionHeader: { value: true, source },
  revision: { value: '2025-11-25', source },
  demands: 'unknown',
}
