/**
 * Says whether a whole text matches a pattern: `*` stands for any characters but `/`, `**` for any, `?` for one that is
 * no `/`. Not a regular expression: those of JavaScript can take for ever on a text that an attacker chose, and this
 * takes at most length of text times length of pattern. A text with `.` or `..` between slashes matches nothing, since it
 * may mean another place than the one that was looked at.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  if (/(?:^|[/\\])\.{1,2}(?:[/\\]|$)/.test(text)) return false
  /** Positions in the pattern that can be reached with the text so far. */
  let reached = withEmptyStars(pattern, new Set([0]))
  for (const character of text) {
    const next = new Set<number>()
    for (const at of reached) {
      const symbol = pattern.charAt(at)
      if (symbol === '*') {
        if (isDouble(pattern, at) || character !== '/') next.add(at)
      } else if (symbol === '?') {
        if (character !== '/') next.add(at + 1)
      } else if (at < pattern.length && pattern.startsWith(character, at)) next.add(at + character.length)
    }
    if (next.size === 0) return false
    reached = withEmptyStars(pattern, next)
  }
  return reached.has(pattern.length)
}

/** Stars may stand for nothing. */
function withEmptyStars(pattern: string, positions: Set<number>): Set<number> {
  // A Set yields members that are added while it is walked.
  for (const at of positions) if (pattern.charAt(at) === '*') positions.add(at + (isDouble(pattern, at) ? 2 : 1))
  return positions
}

function isDouble(pattern: string, at: number): boolean {
  return pattern.startsWith('**', at)
}
