import type { ScopeInWords } from '../wire.ts'

/** The clinic's scopes in words that continue "Vet Assist AI may …". */
const WORDS: Readonly<Record<string, string>> = {
  'pet-profile:read': 'see pet profiles and medical records',
  'pet-profile:write': 'change pet profiles and medical records',
  'appointments:read': 'see appointments and free times',
  'appointments:write': 'book, move and cancel appointments',
  'reminders:read': 'see reminders',
  'reminders:write': 'set reminders and tick them off',
  'knowledge:read': 'read the clinic’s articles, opening hours and prices',
  'support:read': 'read messages to the clinic',
  'support:write': 'send messages to the clinic in your name',
}

/** A scope without words of ours is shown as it is: better strange than wrong. */
export function inWords(name: string): ScopeInWords {
  return { name, words: WORDS[name] ?? `use “${name}”`, writes: !name.endsWith(':read') }
}

export function allInWords(names: readonly string[]): ScopeInWords[] {
  return names.map(inWords)
}

/** Scopes that go on from these: who wants to see appointments often wants to book one, and need not be asked twice. */
export function furtherScopes(names: readonly string[], granted: readonly string[]): string[] {
  return names
    .filter((name) => name.endsWith(':read') && name !== 'pet-profile:read')
    .map((name) => name.replace(/:read$/, ':write'))
    .filter((name) => WORDS[name] !== undefined && !names.includes(name) && !granted.includes(name))
}
