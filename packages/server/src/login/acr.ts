/** The authentication context class of a login by password (RFC 9470 §3, OIDC Core §2). */
export const ACR_PASSWORD = 'urn:permitry:acr:password'
