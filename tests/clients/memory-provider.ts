import { randomBytes } from 'node:crypto'
import type {
  OAuthClientMetadata,
  OAuthClientProvider as ProviderV2,
  OAuthDiscoveryState,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client'
import type { OAuthClientProvider as ProviderV1 } from '@modelcontextprotocol/sdk/client/auth.js'

/**
 * What both SDKs ask of a host application, kept in memory: for the client that is registered as `vet-assist-dev`, or for
 * one that registers itself with its own metadata.
 */
export class MemoryProvider implements ProviderV1, ProviderV2 {
  readonly redirectUrl: string
  readonly #open: (url: URL) => Promise<void>
  readonly #metadata: OAuthClientMetadata | undefined
  #client: { client_id: string } | undefined
  #tokens: StoredOAuthTokens | undefined
  #verifier = ''
  #discovery: OAuthDiscoveryState | undefined

  constructor(redirectUrl: string, open: (url: URL) => Promise<void>, metadata?: OAuthClientMetadata) {
    this.redirectUrl = redirectUrl
    this.#open = open
    this.#metadata = metadata
    this.#client = metadata ? undefined : { client_id: 'vet-assist-dev' }
  }

  get clientMetadata(): OAuthClientMetadata {
    return (
      this.#metadata ?? {
        client_name: 'Vet Assist Dev',
        redirect_uris: [this.redirectUrl],
        token_endpoint_auth_method: 'none',
      }
    )
  }

  clientInformation(): { client_id: string } | undefined {
    return this.#client
  }

  saveClientInformation(client: { client_id: string }): void {
    this.#client = client
  }

  state(): string {
    return randomBytes(16).toString('base64url')
  }

  tokens(): StoredOAuthTokens | undefined {
    return this.#tokens
  }

  saveTokens(tokens: StoredOAuthTokens): void {
    this.#tokens = tokens
  }

  async redirectToAuthorization(url: URL): Promise<void> {
    await this.#open(url)
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier
  }

  codeVerifier(): string {
    return this.#verifier
  }

  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovery = state
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovery
  }
}
