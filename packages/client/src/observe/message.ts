/** One message of OAuth or MCP, as an observer is told it: secrets are masked, everything else is as it was sent. */
export interface ObservedMessage {
  readonly at: number
  readonly user: string
  readonly server: string
  /** What the app gave to `connect`, such as the id of a conversation. */
  readonly context: string | undefined
  readonly kind: 'oauth' | 'mcp'
  /** `out` leaves the app, also by way of the browser; `in` comes back. */
  readonly direction: 'out' | 'in'
  /** A line to show, such as `POST /token refresh_token` or `401 asks for pet-profile:read`. */
  readonly summary: string
  readonly method: string
  readonly url: string
  /** Of answers. */
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string>>
  /** Forms and JSON as objects; other text as it is in MCP and hidden in OAuth; undefined when there is none. */
  readonly body: unknown
}
