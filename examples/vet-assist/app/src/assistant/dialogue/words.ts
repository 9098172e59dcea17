/// <reference lib="esnext.temporal" />
// Owns how the assistant says dates, times and lists.

/** `2026-12-01T09:15:00+00:00` as `Tuesday 1 December at 09:15`, on the clock that it was written for. */
export function instantInWords(text: string): string {
  return isDate(text.slice(0, 10)) ? `${dayInWords(text.slice(0, 10))} at ${text.slice(11, 16)}` : text
}

export function dayInWords(text: string): string {
  return isDate(text) ? withoutComma(text, { weekday: 'long', day: 'numeric', month: 'long' }) : text
}

/** With the year, for dates that may lie far away. */
export function dateInWords(text: string): string {
  return isDate(text) ? withoutComma(text, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }) : text
}

function withoutComma(text: string, form: Intl.DateTimeFormatOptions): string {
  return Temporal.PlainDate.from(text).toLocaleString('en-GB', form).replace(',', '')
}

function isDate(text: string): boolean {
  return /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/.test(text)
}

/** `Fido, Bella or Max`. */
export function listInWords(words: readonly string[], joiner: 'and' | 'or'): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} ${joiner} ${words.at(-1)}`
}

/** Each on its line, to be chosen by its number. */
export function numbered(words: readonly string[]): string {
  return words.map((line, at) => `${at + 1}. ${line}`).join('\n')
}

export function sentence(text: string): string {
  const trimmed = text.trim()
  return trimmed === '' ? '' : trimmed.charAt(0).toUpperCase() + trimmed.slice(1) + (/[.!?…]$/.test(trimmed) ? '' : '.')
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
