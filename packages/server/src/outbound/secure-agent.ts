import { Agent } from 'node:https'
import { createSecureContext, getCACertificates } from 'node:tls'

/**
 * Makes connections that trust certificates beside those of the system. No connection is used twice, so none outlives the
 * check of its address; and no proxy variable is read: a proxy would resolve the name anew.
 */
export function createSecureAgent(extraCaCertificates: readonly string[]): Agent {
  // Made once: reading all certificates of the system takes longer than a handshake.
  const secureContext = createSecureContext({ ca: [...getCACertificates('default'), ...extraCaCertificates] })
  return new Agent({ keepAlive: false, maxCachedSessions: 0, secureContext })
}
