import type { ClientFixture, Source } from '../client.ts'

const source = (file: string): Source => ({
  url: `https://github.com/google-gemini/gemini-cli/blob/5411f113cafae26161b4969b0237b8e1e024e2c2/packages/core/src/${file}`,
  date: '2026-08-21',
})

export const geminiCli: ClientFixture = {
  name: 'Gemini CLI',
  introductions: [
    {
      by: 'registration',
      metadata: {
        client_name: 'Gemini CLI MCP Client',
        redirect_uris: ['http://localhost:{port}/oauth/callback'],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
        scope: '{scope}',
      },
      sources: [source('mcp/oauth-provider.ts')],
    },
  ],
  documentNeeds: 'unknown',
  redirectUri: { value: 'http://localhost:{port}/oauth/callback', source: source('utils/oauth-flow.ts') },
  scope: { value: 'the authorization server', source: source('mcp/oauth-utils.ts') },
  offlineAccess: { value: false, source: source('utils/oauth-flow.ts') },
  prompt: { value: 'none', source: source('utils/oauth-flow.ts') },
  resource: { value: 'the URL of the MCP server', source: source('mcp/oauth-utils.ts') },
  refresh: { value: { resource: true, scope: false }, source: source('mcp/oauth-provider.ts') },
  firstRequest: { value: 'HEAD', source: source('mcp/oauth-provider.ts') },
  discoveryVersion: { value: 'none', source: source('mcp/oauth-utils.ts') },
  versionHeader: 'unknown',
  revision: 'unknown',
  demands: {
    value: 'the `resource` of the metadata is the address that was typed, without its query',
    source: source('mcp/oauth-utils.ts'),
  },
}
