import { about, type Finding } from './finding.ts'
import { textOf, textsOf } from './read-json.ts'

/** What clients of the field need of an authorization server that never heard of them; docs/reference/clients.md has the sources. */
export function checkHabits(issuer: string, metadata: Readonly<Record<string, unknown>>): Finding[] {
  const registers = textOf(metadata['registration_endpoint']) !== undefined
  const documents = metadata['client_id_metadata_document_supported'] === true
  const mayBePublic = textsOf(metadata['token_endpoint_auth_methods_supported']).includes('none')
  return [registration(issuer, registers), document(issuer, documents, mayBePublic), refresh(issuer, metadata)]
}

function registration(issuer: string, registers: boolean): Finding {
  const check = about('client registration', issuer)
  return registers
    ? check.ok('clients may register themselves')
    : check.warn(
        'clients may not register themselves: Cursor, Gemini CLI, MCP Inspector and mcp-remote need it',
        'set `dynamic_clients: { registration: true }`, or register each of them by hand',
      )
}

function document(issuer: string, documents: boolean, mayBePublic: boolean): Finding {
  const check = about('client documents', issuer)
  if (!documents)
    return check.warn(
      'clients are not known by a document: Claude, Claude Code, ChatGPT and Copilot CLI prefer it',
      'set `dynamic_clients: { documents: true }`',
    )
  return mayBePublic
    ? check.ok('clients may be known by a document, public ones too')
    : check.warn(
        'public clients may not come: Claude uses its document only where `none` is a method of the token endpoint',
        'set `dynamic_clients: { public: true }`',
      )
}

function refresh(issuer: string, metadata: Readonly<Record<string, unknown>>): Finding {
  const check = about('staying signed in', issuer)
  const grants = textsOf(metadata['grant_types_supported'])
  // RFC 8414 §2: without the member it is authorization_code and implicit.
  return grants.includes('refresh_token')
    ? check.ok('clients get refresh tokens')
    : check.warn('clients get no refresh token', 'offer `refresh_token`: people are asked to sign in again and again')
}
