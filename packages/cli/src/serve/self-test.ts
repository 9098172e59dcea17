/** How long the own address may take to answer; a name that does not resolve or a proxy that hangs is found by then. */
const TIMEOUT_MS = 5_000

/**
 * Fetches the metadata of this server through its public address, as every client will (RFC 8414 §3.3): undefined when the
 * right server answers, otherwise a sentence that says what is wrong.
 */
export async function selfTest(issuer: string): Promise<string | undefined> {
  const url = `${issuer}/.well-known/oauth-authorization-server`
  const found = await fetchIssuer(url)
  if ('problem' in found) return `${url} ${found.problem}`
  if (found.issuer === issuer) return undefined
  return `${url} says that its issuer is \`${found.issuer}\`: another server answers at the address \`${issuer}\``
}

async function fetchIssuer(url: string): Promise<{ issuer: string } | { problem: string }> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (response.status >= 300 && response.status < 400)
      return { problem: 'redirects: let the issuer be the address to which it leads' }
    if (!response.ok) return { problem: `answers ${response.status}: let the proxy pass /.well-known on unchanged` }
    const body: unknown = await response.json()
    const issuer = typeof body === 'object' && body !== null && 'issuer' in body ? body.issuer : undefined
    return typeof issuer === 'string' ? { issuer } : { problem: 'is not the metadata of an authorization server' }
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: 'is not JSON: something else answers there' }
    if (error instanceof DOMException) return { problem: `gave no answer within ${TIMEOUT_MS / 1000} seconds` }
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    return { problem: `cannot be reached (${cause}): check the name, the proxy and the port` }
  }
}
