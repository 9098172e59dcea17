import { html, type Html } from './markup.ts'

const MAX_NAME = 80
const MAX_SENTENCE = 300

// Controls, bidi overrides and isolates, zero-width characters, private-use glyphs, blank Hangul and Braille cells. The
// joiners of emoji and of some scripts go too: a family falls apart into its members, which is honest and cannot spoof.
const INVISIBLE = /\ufeff|(?!\s)[\p{Cc}\p{Cf}\p{Co}\p{Default_Ignorable_Code_Point}\u2800]/gu
const MARK_FLOOD = /(\p{M}{2})\p{M}+/gu
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * Makes text that a stranger chose fit for one line of a page: no character that hides, reorders or stacks, one space
 * between words, at most `max` visible characters. Does not escape HTML (the template does) and does not detect
 * look-alike letters: what identifies a client is its host, not its name.
 */
export function displayText(value: string, max = MAX_NAME): string {
  const visible = value
    .toWellFormed()
    .normalize('NFC')
    .replace(INVISIBLE, '')
    .replace(MARK_FLOOD, '$1')
    .replace(/\s+/gu, ' ')
    .trim()
  return visible.length <= max ? visible : cap(visible, max)
}

/** A name inside a sentence, isolated so that its writing direction stays its own. A blank one is called so. */
export function name(value: string): Html {
  return html`<bdi>${displayText(value) || '(no name)'}</bdi>`
}

/** A description of a sentence or two, isolated like a name. */
export function sentence(value: string): Html {
  return html`<bdi>${displayText(value, MAX_SENTENCE)}</bdi>`
}

/**
 * A host, URI or identifier, complete and left to right. It is never shortened: whoever chooses the first 200 characters
 * of a host must not be able to push the last ones out of sight. What is not printable ASCII is percent-encoded.
 */
export function address(value: string): Html {
  const ascii = value.toWellFormed().replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character))
  return html`<bdi class="address" dir="ltr">${ascii}</bdi>`
}

function cap(text: string, max: number): string {
  const shown: string[] = []
  for (const { segment } of graphemes.segment(text)) {
    if (shown.length === max)
      return `${shown
        .slice(0, max - 1)
        .join('')
        .trimEnd()}…`
    shown.push(segment)
  }
  return text
}
