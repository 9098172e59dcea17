import { isLoopbackHost, type OAuthErrorCode } from '@permitry/oauth'
import { displayText } from '../../html/display-text.ts'
import type { ClientMetadata } from '../metadata.ts'

/** Why a client was not registered (RFC 7591 §3.2.2); the sentence says to its developer what to send instead. */
export interface RegistrationFailure {
  readonly error: Extract<
    OAuthErrorCode,
    'invalid_redirect_uri' | 'invalid_client_metadata' | 'invalid_software_statement' | 'unapproved_software_statement'
  >
  readonly description: string
}

/** A registration as it was sent, and what was made of its metadata. */
export interface RegistrationFacts {
  readonly sent: Readonly<Record<string, unknown>>
  readonly metadata: ClientMetadata
}

type Check = (facts: RegistrationFacts) => RegistrationFailure | undefined

const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** What is asked of a registration beyond the rules that documents keep too. Each row refuses. */
export const registerChecks: [name: string, source: string, check: Check][] = [
  [
    'web-on-loopback',
    'MCP Registration, Application Type; OIDC Dynamic Client Registration §2',
    // Only where the client says `web` itself: it can then send `native` instead. Whoever says nothing is what its redirect
    // URIs are, and so is Cursor, which says `web` beside `cursor://…`.
    ({ sent, metadata: { applicationType, redirectUris } }) => {
      const isWeb = sent['application_type'] === 'web' && applicationType === 'web'
      const loopback = isWeb ? redirectUris.find(isOnLoopback) : undefined
      return loopback === undefined
        ? undefined
        : {
            error: 'invalid_redirect_uri',
            description: `\`${displayText(loopback, 100)}\` is on the own machine of a person, where no web client is: send \`application_type\` native`,
          }
    },
  ],
  [
    'software-statement-form',
    'RFC 7591 §2.3',
    ({ sent: { software_statement: statement } }) =>
      statement === undefined || (typeof statement === 'string' && COMPACT_JWS.test(statement))
        ? undefined
        : { error: 'invalid_software_statement', description: 'software_statement is no JWT: leave it out' },
  ],
  [
    'software-statement-issuer',
    'RFC 7591 §3.2.2',
    // To ignore it would register less than the statement says, and the client would not know.
    ({ sent: { software_statement: statement } }) =>
      typeof statement === 'string' && COMPACT_JWS.test(statement)
        ? {
            error: 'unapproved_software_statement',
            description: 'no issuer of software statements is trusted here: leave software_statement out',
          }
        : undefined,
  ],
]

function isOnLoopback(uri: string): boolean {
  return isLoopbackHost(new URL(uri).hostname)
}
