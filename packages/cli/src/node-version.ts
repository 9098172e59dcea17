/** Argon2 of node:crypto came with this release; `engines` in package.json says the same, and a test compares them. */
const OLDEST = [24, 7] as const

/** Why the server cannot run on this Node, as one sentence; undefined where it can. */
export function refusalOfNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined
  return `needs Node ${OLDEST.join('.')} or newer, this is ${version}: install a current Node, or run it with \`npx -p node@26 permitry\``
}
