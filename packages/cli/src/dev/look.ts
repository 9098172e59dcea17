import { inspectServer, type Inspection } from '@permitry/server'
import { CliError } from '../cli-error.ts'
import type { FoundServer } from './proposal.ts'

/** Where dev's own tokens come from, and one of somebody else for a server that wants it. */
export interface Looking {
  readonly issuer: string
  readonly token?: string | undefined
}

/** What `dev` could see of a server, or a sentence why it could not. */
export async function look(
  url: string,
  { issuer, token }: Looking,
): Promise<FoundServer | { readonly problem: string }> {
  const seen = await inspectServer(url, { allowLoopback: true, ...(token === undefined ? {} : { accessToken: token }) })
  if (seen.state === 'open') return { url, name: seen.name, tools: seen.tools }
  if (seen.state === 'protected' && seen.authorizationServers.includes(issuer) && seen.scopes.length > 0)
    return { url, name: undefined, tools: [], scopes: seen.scopes }
  if (seen.state === 'protected' && token !== undefined)
    return { problem: `${url} does not take the token that it is shown: give one that it takes, or none` }
  return { problem: explain(url, issuer, seen) }
}

/** As `look`, for a server without which there is nothing to propose. */
export async function mustSee(url: string, looking: Looking): Promise<FoundServer> {
  const seen = await look(url, looking)
  if ('problem' in seen) throw new CliError(seen.problem)
  return seen
}

function explain(url: string, issuer: string, seen: Exclude<Inspection, { state: 'open' }>): string {
  switch (seen.state) {
    case 'protected': {
      const [first] = seen.authorizationServers
      if (first === undefined)
        return `${url} answers 401 and has no metadata that says where to sign in (RFC 9728), so its tools cannot be seen: give a token for it by --token, or start it without its own protection while dev looks`
      if (seen.authorizationServers.includes(issuer))
        return `${url} sends people here to sign in already and names no scopes, so its tools cannot be seen: start it without the guard while dev looks`
      return `${url} sends people to \`${first}\` to sign in, so its tools cannot be seen: give a token for it by --token, or start it without that protection while dev looks, then put the guard in its place`
    }
    case 'not_mcp':
      return `${url} answers${seen.status === undefined ? '' : ` ${seen.status}`}, but not as an MCP server over HTTP does: check the path, which is often /mcp (${seen.detail})`
    case 'unreachable':
      return `${url} ${REASONS[seen.reason]} (${seen.detail})`
  }
}

const REASONS: Readonly<Record<Extract<Inspection, { state: 'unreachable' }>['reason'], string>> = {
  address_refused:
    'is no address that dev connects to: use https on the public internet, or http on localhost, 127.0.0.1 or [::1]',
  redirected: 'sends to another address: name that one',
  too_large: 'describes more than dev reads: name its tools in the file by hand',
  timed_out: 'gave no answer within 10 seconds: look whether it hangs',
  unreachable: 'does not answer: start it first, and check host and port',
  busy: 'is being asked too often: try again',
}
