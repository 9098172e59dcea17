// Habits of real clients that a server has to live with: what they send, who showed it, and what happens here.
import type { Source } from './client.ts'

export interface Habit {
  readonly clients: string
  /** What happens here; a refusal says why it is the right answer. */
  readonly here: string
  readonly source: Source
}

/** By the sentence that its test is named after. */
export const habits: Readonly<Record<string, Habit>> = {
  'the slash that URL parsers add to a bare origin changes nothing': {
    clients: 'Claude Code, and whoever prints a parsed URL',
    here: '`https://mcp.example.com/` names `https://mcp.example.com`',
    source: { url: 'https://github.com/anthropics/claude-code/issues/52871', date: '2026-09-01' },
  },
  'the letter case of scheme and host changes nothing': {
    clients: 'whoever sends the address as it was typed',
    here: 'compared without it; what the token is for is written as it was registered',
    source: {
      url: 'https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization#canonical-server-uri',
      date: '2025-11-25',
    },
  },
  'a slash after a path is another resource': {
    clients: 'whoever was given an address with a slash too many',
    here: 'refused as `invalid_target`, which names the resource: two servers may differ in that slash. Registered as a further URL it is accepted',
    source: { url: 'https://github.com/anthropics/claude-ai-mcp/issues/247', date: '2026-05-01' },
  },
  'a query in the address is another resource': {
    clients: 'Claude Code with an address that carries a campaign',
    here: 'refused as `invalid_target`, which names the resource: give people the address without it',
    source: { url: 'https://github.com/getsentry/sentry-for-ai/issues/334', date: '2026-08-14' },
  },
  'a request without resource is for the one server that owns its scopes': {
    clients: 'earlier versions of Codex and Claude Code',
    here: 'accepted; where scopes and client point to no single server it is `invalid_target`',
    source: { url: 'https://github.com/openai/codex/issues/24890', date: '2026-05-28' },
  },
  'a request without resource and without scope is for the only server of the client': {
    clients: 'the same, at a server that asks for no scope',
    here: 'accepted, with the default scopes of that server',
    source: { url: 'https://github.com/anthropics/claude-code/issues/10572', date: '2025-10-29' },
  },
  'one resource that is sent twice is one resource': {
    clients: 'Codex with `oauth_resource`',
    here: 'accepted when both name one resource; two different ones are `invalid_target`',
    source: { url: 'https://github.com/openai/codex/issues/28830', date: '2026-06-18' },
  },
  'a request without scope gets what the challenge would have named': {
    clients: 'Copilot CLI with a client id of its own',
    here: 'the default scopes of the MCP server',
    source: { url: 'https://github.com/github/copilot-cli/issues/4582', date: '2026-08-24' },
  },
  'offline_access alone, with a space before it, is a request without scope': {
    clients: 'Claude Desktop',
    here: 'the default scopes of the MCP server, and a refresh token',
    source: { url: 'https://github.com/modelcontextprotocol/mcpb/issues/188', date: '2026-02-11' },
  },
  'a refresh token needs no offline_access': {
    clients: 'Claude',
    here: 'given to every client that is registered for `refresh_token`',
    source: { url: 'https://github.com/anthropics/claude-ai-mcp/issues/840', date: '2026-08-12' },
  },
  'openid beside a resource yields an ID token, and the token for the MCP server knows nothing of it': {
    clients: 'Codex, Cursor, Gemini CLI: they ask for all that the authorization server lists',
    here: 'the default scopes of the MCP server, and an ID token beside them',
    source: { url: 'https://github.com/openai/codex/issues/17265', date: '2026-11-24' },
  },
  'a refresh without resource and without scope keeps everything': {
    clients: 'Codex (no `resource`), Claude (no `scope`)',
    here: 'the same audience and the same scopes',
    source: { url: 'https://github.com/openai/codex/issues/33403', date: '2026-07-15' },
  },
  'a HEAD request is challenged like any other': {
    clients: 'Gemini CLI',
    here: '401 with the address of the metadata',
    source: {
      url: 'https://github.com/google-gemini/gemini-cli/blob/5411f113cafae26161b4969b0237b8e1e024e2c2/packages/core/src/mcp/oauth-provider.ts',
      date: '2026-08-21',
    },
  },
  'metadata is found by a client that speaks an older revision there': {
    clients: 'Codex: `MCP-Protocol-Version: 2024-11-05` while it looks for metadata',
    here: 'the header means nothing there',
    source: {
      url: 'https://github.com/MCPJam/inspector/blob/a18ed9b3500d9b49fa83f7c6c64c70176fe97a58/sdk/src/host-config/oauth-profiles/catalog.ts',
      date: '2026-07-29',
    },
  },
  'select_account asks who it is, though somebody is signed in': {
    clients: 'Copilot CLI when a person signs in again',
    here: 'the login page',
    source: { url: 'https://github.com/github/copilot-cli/issues/4526', date: '2026-08-19' },
  },
  'a native client is answered at any port of its loopback address, also where it registered one': {
    clients: 'Copilot CLI, whose document names port 33418; Claude Code and Codex, whose documents name none',
    here: 'accepted: scheme, host and path must be those of the document (RFC 8252 §7.3)',
    source: { url: 'https://github.com/github/copilot-cli/issues/4793', date: '2026-09-09' },
  },
  'an address that a document does not have is shown to the person, and nothing is sent there': {
    clients: 'Claude Desktop, when it signs in for Claude Code with a `claude:` address',
    here: 'refused: anybody could claim that address, and the document of the client does not',
    source: {
      url: 'https://github.com/anthropics/claude-code/issues/93671',
      date: '2026-09-21',
      quotedAt: 'https://github.com/RevenueCat/ai-toolkit/issues/58',
    },
  },
  'a client with a scheme of its own is native, though it says web': {
    clients: 'Cursor',
    here: 'registered as native, and answered at `cursor://…`',
    source: { url: 'https://github.com/elie222/inbox-zero/pull/3780', date: '2026-09-17' },
  },
  'a client that registered the scope of its first challenge may ask for more later': {
    clients: 'all on the official SDKs: they register once, with the scope of the challenge',
    here: 'roles and consent decide, and not what was registered',
    source: { url: 'https://www.npmjs.com/package/@modelcontextprotocol/client/v/2.4.0', date: '2026-11-24' },
  },
}
