/**
 * Where connections are kept: an implementation of your own for a database that you already run. What it is given is
 * sealed (AES-256-GCM), so it never sees a token; what it must do is compare and replace in one step, on which single
 * use, single refresh and every lock of this package rest.
 */
export interface Rows {
  /** The value of a key, undefined when there is none. */
  get(key: string): Promise<string | undefined>
  /**
   * Writes `after` (undefined: deletes) if the value is `before` (undefined: there is none), atomically: of two callers
   * with the same `before` one gets true. A row may be dropped once `expiresAt` (ms) has passed; it need not be.
   */
  replace(
    key: string,
    before: string | undefined,
    after: string | undefined,
    expiresAt: number | undefined,
  ): Promise<boolean>
  /** The keys that start with a text. */
  keys(prefix: string): Promise<string[]>
}
