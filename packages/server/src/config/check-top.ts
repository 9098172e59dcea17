import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { checkIssuer } from '@permitry/oauth'
import { isReserved } from '../access/admin-api.ts'
import type { ConfigView, Finding } from './view.ts'

/** RFC 8414 §2, and an origin without path: cookies and the addresses of other tenants hang on the whole origin. */
export function* checkIssuerRules({ issuer }: ConfigView): Iterable<Finding> {
  if (issuer === undefined) return
  const path = ['issuer']
  const problem = checkIssuer(issuer)
  if (problem !== undefined) yield { path, message: problem }
  else if (new URL(issuer).pathname !== '/')
    yield {
      path,
      message: 'the issuer must not have a path: give the authorization server a host name or a port of its own',
    }
}

/** An address that is not one would trust nobody in silence, or everybody. */
export function* checkTrustedProxies({ trustedProxies, quote }: ConfigView): Iterable<Finding> {
  for (const [index, proxy] of trustedProxies.entries()) {
    const path = ['trusted_proxies', index]
    if (typeof proxy === 'string' && !isAddressRange(proxy))
      yield { path, message: `${quote(path)} is no address: write an IP address or a range such as 10.0.0.0/8` }
  }
}

function isAddressRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  // A prefix of 0 would trust the whole internet to say who is calling.
  return prefix === undefined || (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128))
}

const PEM_BLOCK = /-----BEGIN [^-]*-----.*?-----END [^-]*-----/gs

/** Each entry is one certificate or several, as in the files of authorities. The text is not quoted: it may be a key. */
export function* checkExtraCaCertificates({ extraCaCertificates }: ConfigView): Iterable<Finding> {
  for (const [index, text] of extraCaCertificates.entries()) {
    if (typeof text !== 'string') continue
    const blocks = text.match(PEM_BLOCK) ?? []
    if (blocks.length === 0 || !blocks.every(isAuthority))
      yield {
        path: ['extra_ca_certificates', index],
        message: 'it is no certificate of an authority: write ${file:…} with a file in PEM form',
      }
  }
}

function isAuthority(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca
  } catch {
    return false
  }
}

export function* checkUniqueIds(view: ConfigView): Iterable<Finding> {
  const { servers, roles, groups, users, clients, quote } = view
  for (const entries of [servers, roles, groups, users, clients]) {
    const seen = new Set<string>()
    for (const { path, value } of entries) {
      const idPath = [...path, 'id']
      if (seen.has(value.id))
        yield { path: idPath, message: `the id ${quote(idPath)} is taken: give each entry its own` }
      seen.add(value.id)
    }
  }
}

/** What is built in is the same in every file, so none defines it; people hold its roles, and roles its scopes. */
export function* checkReservedIds({ servers, roles, clients, quote }: ConfigView): Iterable<Finding> {
  for (const { path, value } of [...servers, ...roles, ...clients]) {
    const idPath = [...path, 'id']
    if (isReserved(value.id))
      yield { path: idPath, message: `the id ${quote(idPath)} is kept for what is built in: choose another one` }
  }
}
