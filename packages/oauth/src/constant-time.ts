/**
 * Compares two strings without an early exit at the first difference, so that the time does not tell how much of a
 * guess was right. The lengths are not hidden: compare digests or values of one fixed length.
 */
export function equalInConstantTime(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}
