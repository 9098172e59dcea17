/** Characters that are not seen, or that change the order in which others are seen. A card must show what will be sent. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** Text of a model or a stranger as a person must see it: nothing hidden, nothing reordered. Line breaks stay. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, (character) =>
    character === '\n'
      ? character
      : `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  )
}
