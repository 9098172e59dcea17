// Owns which tools a person knows. A server can say anything of its tools, and something else tomorrow: what a tool claims of itself
// (MCP, Tools: "clients MUST consider tool annotations to be untrusted") counts only as long as it stays what the person knows.
import type { DatabaseSync } from 'node:sqlite'
import type { Session } from '../sessions/sessions.ts'

type Person = Pick<Session, 'issuer' | 'subject'>
interface Defined {
  name: string
  definition: string
}

export interface KnownTools {
  /** The first visit of a person is what later ones are compared with; later ones change nothing here. */
  meet: (person: Person, tools: readonly Defined[]) => void
  standingOf: (person: Person, tool: Defined) => 'known' | 'new' | 'changed'
  /** The person said yes to the tool as it is now. */
  accept: (person: Person, tool: Defined) => void
}

export function createKnownTools(db: DatabaseSync): KnownTools {
  const any = db.prepare('select 1 from known_tools where person = ? limit 1')
  const one = db.prepare('select definition from known_tools where person = ? and name = ?')
  const put = db.prepare('insert or replace into known_tools (person, name, definition) values (?, ?, ?)')
  const accept: KnownTools['accept'] = (person, { name, definition }) => void put.run(keyOf(person), name, definition)
  return {
    meet(person, tools) {
      if (any.get(keyOf(person)) === undefined) for (const tool of tools) accept(person, tool)
    },
    standingOf(person, { name, definition }) {
      const known = one.get(keyOf(person), name)?.['definition']
      if (known === undefined) return 'new'
      return known === definition ? 'known' : 'changed'
    },
    accept,
  }
}

function keyOf({ issuer, subject }: Person): string {
  return JSON.stringify([issuer, subject])
}
