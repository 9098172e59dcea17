import type { ClientFixture, Source } from '../client.ts'

const commit = '05f882b02c51633f2e1e8252722f8c3b626d74a9'
const source = (file: string): Source => ({
  url: `https://github.com/microsoft/vscode/blob/${commit}/src/vs/${file}`,
  date: '2026-11-24',
})

/** A review of its source by others, which names the lines. */
const review: Source = {
  url: 'https://github.com/MCPJam/inspector/blob/a18ed9b3500d9b49fa83f7c6c64c70176fe97a58/sdk/src/host-config/oauth-profiles/catalog.ts',
  date: '2026-07-29',
}

export const vscode: ClientFixture = {
  name: 'VS Code',
  introductions: [
    {
      by: 'document',
      url: 'https://vscode.dev/oauth/client-metadata.json',
      metadata: {
        client_name: 'Visual Studio Code',
        logo_uri: 'https://code.visualstudio.com/assets/branding/code-stable.png',
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        client_id: 'https://vscode.dev/oauth/client-metadata.json',
        client_uri: 'https://vscode.dev/product',
        redirect_uris: ['http://127.0.0.1:33418/', 'https://vscode.dev/redirect'],
      },
      sources: [
        {
          url: 'https://vscode.dev/oauth/client-metadata.json',
          date: '2026-09-24',
          quotedAt:
            'https://github.com/fruggr/zendesk-mcp-server/blob/main/docs/plans/127-oauth-authorization-server.md',
        },
      ],
    },
    {
      by: 'registration',
      metadata: {
        client_name: 'Visual Studio Code',
        client_uri: 'https://code.visualstudio.com',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: [
          'https://insiders.vscode.dev/redirect',
          'https://vscode.dev/redirect',
          'http://127.0.0.1/',
          'http://127.0.0.1:33418/',
        ],
        scope: '{scope}',
        token_endpoint_auth_method: 'none',
        application_type: 'native',
      },
      sources: [source('base/common/oauth.ts')],
    },
  ],
  documentNeeds: 'unknown',
  redirectUri: { value: 'http://127.0.0.1:{port}/', source: source('base/common/oauth.ts') },
  scope: {
    value: 'the challenge',
    source: {
      url: 'https://github.com/microsoft/vscode/blob/main/src/vs/workbench/api/common/extHostMcp.ts',
      date: '2026-11-24',
    },
  },
  offlineAccess: 'unknown',
  prompt: 'unknown',
  resource: {
    value: 'the metadata of the MCP server',
    source: review,
  },
  refresh: { value: { resource: true, scope: false }, source: review },
  firstRequest: 'unknown',
  discoveryVersion: 'unknown',
  versionHeader: { value: false, source: review },
  revision: {
    value: '2025-11-25',
    source: { url: 'https://zuplo.com/learn/mcp/compatibility/clients/vs-code', date: '2026-07-31' },
  },
  demands: {
    value: 'the `resource` of the metadata is the address that was typed, apart from letter case and a final slash',
    source: source('base/common/oauth.ts'),
  },
}
