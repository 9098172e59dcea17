import { parseChallenges, parseScope } from '@permitry/oauth'

/** What a server said when it refused a request, RFC 6750 §3, RFC 9728 §5.1, RFC 9470 §3. */
export interface ServerChallenge {
  readonly error: string | undefined
  /** Text of a stranger. */
  readonly description: string | undefined
  readonly scopes: readonly string[]
  readonly resourceMetadataUrl: string | undefined
  readonly acrValues: string | undefined
  readonly maxAge: string | undefined
}

/** The Bearer challenge of a response; without one, or when it is malformed, nothing is known but the refusal. */
export function readChallenge(headers: Headers): ServerChallenge {
  const parsed = parseChallenges(headers.get('www-authenticate') ?? '')
  const bearer = parsed.ok ? parsed.value.find(({ scheme }) => scheme === 'bearer') : undefined
  const parameter = (name: string): string | undefined => bearer?.parameters.get(name)
  return {
    error: parameter('error'),
    description: parameter('error_description'),
    scopes: scopesOf(parameter('scope')),
    resourceMetadataUrl: parameter('resource_metadata'),
    acrValues: parameter('acr_values'),
    maxAge: parameter('max_age'),
  }
}

/** Scopes of a wire value; what is no scope at all is none. */
export function scopesOf(text: string | undefined): readonly string[] {
  const parsed = parseScope(text ?? '')
  return parsed.ok ? parsed.value : []
}
