import { err, ok, type Result } from '@permitry/oauth'
import { issuerUnavailable, proofRefused, tokenNeeded, tokenRefused, twoMethods } from './answers.ts'
import { readCredentials } from './credentials.ts'
import type { Caller } from './issuer/claims.ts'
import type { Proofs } from './issuer/proofs.ts'
import { IssuerUnavailable } from './issuer/unavailable.ts'
import type { Verifier } from './issuer/verify.ts'
import type { Settings } from './settings.ts'
import type { Incoming } from './types.ts'

/** What tells who calls. */
export interface AuthenticateOptions {
  readonly settings: Settings
  readonly verify: Verifier['verify']
  readonly proofs: Proofs
  /** Whether enough is known of an issuer to serve its tokens. */
  readonly mayServe: (issuer: string) => boolean
}

/** Makes the first step of every request: who calls, by token and proof alone. The body is not read. */
export function createAuthenticate({
  settings,
  verify,
  proofs,
  mayServe,
}: AuthenticateOptions): (request: Incoming) => Promise<Result<Caller, Response>> {
  return async (request) => {
    const credentials = readCredentials(request, settings)
    if (credentials.kind === 'none') return err(tokenNeeded(settings))
    if (credentials.kind === 'two_methods') return err(twoMethods(settings))
    const { scheme } = credentials
    if (credentials.kind === 'malformed') return err(tokenRefused(scheme, settings))
    const { token } = credentials
    try {
      const caller = await verify(token)
      if (caller === undefined) return err(tokenRefused(scheme, settings))
      const { iss, cnf } = caller.principal
      // A stolen token must not shed its binding by another scheme, nor feign one: RFC 9449 §7.1, §7.2.
      if ((cnf !== undefined) !== (scheme === 'DPoP')) return err(tokenRefused(scheme, settings))
      const failure = cnf && (await proofs.check(request, token, cnf.jkt))
      if (failure !== undefined) return err(proofRefused(failure, settings))
      // The token may have been revoked, and nobody can say so yet, or any more.
      return mayServe(iss) ? ok(caller) : err(issuerUnavailable())
    } catch (error) {
      if (error instanceof IssuerUnavailable) return err(issuerUnavailable())
      throw error
    }
  }
}
