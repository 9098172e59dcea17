import type { ClientFixture } from '../client.ts'

const document = {
  url: 'https://github.com/copilot/cli/client-metadata.json',
  date: '2026-09-18',
  quotedAt: 'https://github.com/github/copilot-cli/issues/4901',
}

export const copilotCli: ClientFixture = {
  name: 'GitHub Copilot CLI',
  introductions: [
    {
      by: 'document',
      url: 'https://github.com/copilot/cli/client-metadata.json',
      excerpt: true,
      metadata: {
        client_id: 'https://github.com/copilot/cli/client-metadata.json',
        client_name: 'GitHub Copilot CLI',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['http://127.0.0.1:33418/'],
      },
      sources: [document],
    },
  ],
  documentNeeds: 'unknown',
  // Another port than the one that its document names.
  redirectUri: {
    value: 'http://127.0.0.1:{port}/',
    source: { url: 'https://github.com/github/copilot-cli/issues/4793', date: '2026-09-09' },
  },
  scope: 'unknown',
  offlineAccess: 'unknown',
  prompt: 'unknown',
  resource: 'unknown',
  refresh: 'unknown',
  firstRequest: 'unknown',
  discoveryVersion: 'unknown',
  versionHeader: 'unknown',
  revision: 'unknown',
  demands: {
    value: 'an `issuer` that is, byte for byte, the URL that led to its metadata',
    source: { url: 'https://github.com/github/copilot-cli/issues/4439', date: '2026-08-11' },
  },
}
