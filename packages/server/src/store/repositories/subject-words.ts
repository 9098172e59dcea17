// Under what people and agents stand in lists and are found: by the beginning of a name, of a word within it, of the user
// name or of the address.
import type { SubjectTable, SubjectWordTable } from '../schema.ts'
import type { Db } from './database.ts'

/** What a subject is found by. */
export type Named = Pick<SubjectTable, 'id' | 'kind' | 'name' | 'username' | 'email'>

/** Longer names are found by their beginning, and by their first words. */
const LETTERS = 64
const WORDS = 8

/** Folds a text for search: letter case, accents and Unicode form are what nobody remembers. */
export function fold(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().trim().replaceAll(/\s+/g, ' ')
}

/**
 * As hexadecimal, since collations disagree about letters and agree about digits and `a` to `f`: with it a prefix is a range
 * in the index of any database, and the order of a list is the same in all of them.
 */
export function inHex(folded: string): string {
  return Buffer.from(folded.slice(0, LETTERS)).toString('hex')
}

/** The rows for one subject. */
export function subjectWords({ id, kind, name, username, email }: Named): Omit<SubjectWordTable, 'tenant'>[] {
  const words = fold(name).split(' ')
  // From each word of the name to its end, so that `de wit` finds Anna de Wit.
  const fromEachWord = words.slice(0, WORDS).map((_, start) => words.slice(start).join(' '))
  const found = [...fromEachWord, username ?? '', email ?? ''].map((text) => inHex(fold(text)))
  const searched = [...new Set(found)].filter((word) => word !== '')
  const row = (used_for: SubjectWordTable['used_for'], word: string) => ({ subject_id: id, kind, used_for, word })
  return [row('order', inHex(fold(name))), ...searched.map((word) => row('search', word))]
}

/** Writes the rows for a subject anew. */
export async function putSubjectWords(db: Db, tenant: string, subject: Named): Promise<void> {
  await db.deleteFrom('subject_words').where('tenant', '=', tenant).where('subject_id', '=', subject.id).execute()
  const rows = subjectWords(subject).map((word) => ({ ...word, tenant }))
  await db.insertInto('subject_words').values(rows).execute()
}
