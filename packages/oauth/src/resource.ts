import { err, ok, type Result } from './result.ts'
import { comparableHost, hasDotSegments, splitUri } from './uri.ts'

/**
 * Parses a `resource` parameter or a registered resource name, RFC 8707 §2: an absolute URI without fragment; custom
 * schemes such as `mcp://vetassist` are welcome. The value comes back as it was written, since `aud` and metadata must
 * repeat it byte for byte.
 */
export function parseResource(text: string): Result<string> {
  const uri = splitUri(text)
  if (uri === undefined) return err('resource must be an absolute URI, such as `https://mcp.example.com/mcp`')
  if (uri.fragment !== undefined) return err('resource must not have a fragment: leave out `#` and what follows')
  if (uri.authority?.userinfo !== undefined)
    return err('resource must not have a user name: leave out what stands before `@`')
  if (uri.authority === undefined && uri.path === '') return err('resource must name something after its scheme')
  if (uri.authority?.host === '') return err('resource must have a host')
  if (isHttp(uri.scheme) && uri.authority === undefined) return err('resource must have a host')
  if (hasDotSegments(uri.path)) return err('resource must not have `.` or `..` segments in its path')
  return ok(text)
}

/**
 * The form in which two spellings of one resource are equal: letter case of scheme and host, the slash of a bare origin
 * and a default port are ignored, everything else counts. Throws a TypeError for what `parseResource` refuses.
 */
export function canonicalResource(text: string): string {
  const parsed = parseResource(text)
  if (!parsed.ok) throw new TypeError(parsed.error)
  const uri = splitUri(text)!
  const query = uri.query === undefined ? '' : `?${uri.query}`
  if (uri.authority === undefined) return `${uri.scheme}:${uri.path}${query}`
  const path = uri.path === '/' && uri.query === undefined ? '' : uri.path
  return `${uri.scheme}://${comparableHost(uri.scheme, uri.authority)}${path}${query}`
}

/** Says whether two texts name the same resource; a text that is no resource equals nothing, itself included. */
export function sameResource(a: string, b: string): boolean {
  return parseResource(a).ok && parseResource(b).ok && canonicalResource(a) === canonicalResource(b)
}

function isHttp(scheme: string): boolean {
  return scheme === 'http' || scheme === 'https'
}
