// OAuth 2.1 as pure functions: what the authorization server, the guard and the clients must agree on to the letter.
// No clock, no I/O, nothing but web APIs. Failures are sentences (`Result`); the caller maps them to a wire code.
export {
  authorizationServerMetadata,
  checkIssuer,
  wellKnownUrls,
  type AuthorizationServerMetadata,
} from './authorization-server-metadata.ts'
export { bearerChallenge, type BearerChallenge, dpopChallenge } from './challenge.ts'
export { equalInConstantTime } from './constant-time.ts'
export { errorBody, errorDescription, OAuthError, type OAuthErrorBody, type OAuthErrorCode } from './errors.ts'
export { parseStrictJson } from './json.ts'
export { parseForm, type Form, type FormOptions } from './form.ts'
export { type PublicKey, publicKeyOf, SIGNING_ALGS, type SigningAlg } from './keys/public-key.ts'
export { parseChallenges, type Challenge } from './parse-challenges.ts'
export { isCodeChallenge, isCodeVerifier, s256, verifyS256 } from './pkce.ts'
export {
  protectedResourceMetadata,
  protectedResourceMetadataUrls,
  type ProtectedResourceMetadata,
} from './protected-resource-metadata.ts'
export { checkRegisteredRedirectUri, matchRedirectUri, type ApplicationType } from './redirect-uri.ts'
export { canonicalResource, parseResource, sameResource } from './resource.ts'
export { err, ok, type Result } from './result.ts'
export {
  formatScope,
  intersectScopes,
  isScopeToken,
  missingScopes,
  parseScope,
  scopeClosure,
  unionScopes,
  type ScopeHierarchy,
} from './scope.ts'
export { isLoopbackHost } from './uri.ts'
