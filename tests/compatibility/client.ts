// What is known of the MCP clients of the field, in a form that a test can replay and a page can show.

/** A public page that says it, and the day on which it did. */
export interface Source {
  readonly url: string
  /** ISO date of the statement, or of the reading where the page has no date of its own. */
  readonly date: string
  /** Where the words were read, when the page itself was not: issues and reviews quote documents in full. */
  readonly quotedAt?: string
}

/** What a client does, and who says so. Where no public source says it, it is `unknown`, and no test claims it. */
export type Fact<T> = { readonly value: T; readonly source: Source } | 'unknown'

/** A client that says of itself what it is: by the document that its `client_id` leads to, or by registering. */
export type Introduction = {
  readonly metadata: Readonly<Record<string, unknown>>
  /** The sources quote a part: there is more in it, which nobody here knows. */
  readonly excerpt?: true
  readonly sources: readonly Source[]
} & ({ readonly by: 'document'; readonly url: string } | { readonly by: 'registration' })

/** Where `scope` of the authorization request comes from. */
export type ScopeHabit =
  /** The 401 challenge, else the metadata of the MCP server, else nothing (MCP 2025-11-25, scope selection strategy). */
  | 'the challenge'
  /** Everything that the authorization server lists, which here is about the person and not about the MCP server. */
  | 'the authorization server'

/** What `resource` is made of. */
export type ResourceHabit =
  /** The address that the person typed, parsed and printed again. */
  | 'the URL of the MCP server'
  /** What the protected resource metadata says, byte for byte. */
  | 'the metadata of the MCP server'

export interface ClientFixture {
  /** As people call it. */
  readonly name: string
  /** In its order of preference. */
  readonly introductions: readonly Introduction[]
  /** What it needs besides to introduce itself by its document, else it registers. */
  readonly documentNeeds: Fact<string>
  /** As sent; `{port}` is a port of the moment. */
  readonly redirectUri: Fact<string>
  readonly scope: Fact<ScopeHabit>
  /** Asks for `offline_access` when the authorization server lists it. */
  readonly offlineAccess: Fact<boolean>
  readonly prompt: Fact<'consent' | 'none'>
  /** In the authorization request and when it redeems the code. */
  readonly resource: Fact<ResourceHabit>
  readonly refresh: Fact<{ readonly resource: boolean; readonly scope: boolean }>
  /** Its first request, before it knows that it must sign in. */
  readonly firstRequest: Fact<'POST' | 'GET' | 'HEAD'>
  /** `MCP-Protocol-Version` while it looks for metadata, when it is another than that of its calls. */
  readonly discoveryVersion: Fact<string>
  /** Repeats the version that was agreed on in the header of each later request (MCP 2025-06-18). */
  readonly versionHeader: Fact<boolean>
  /** The revision that it speaks, in the words of the source. */
  readonly revision: Fact<string>
  /** What it refuses to go on without. */
  readonly demands: Fact<string>
}

/** The value of a fact, or what MCP says where nobody knows: the replay must send something, and claims nothing by it. */
export function knownOr<T>(fact: Fact<T>, asMcpSays: T): T {
  return fact === 'unknown' ? asMcpSays : fact.value
}
