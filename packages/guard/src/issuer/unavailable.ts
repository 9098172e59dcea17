/** An authorization server could not be asked: no verdict about the token, so no 401. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable'
}
