/** How many requests and streams go on at once, in all and for each person. */
export interface Slots {
  /** Takes a place; false when there is none. */
  take(person: string): boolean
  give(person: string): void
}

/** Makes places, of which one person can have only some: whoever calls without end leaves the others theirs. */
export function createSlots(all: number, perPerson: number): Slots {
  const taken = new Map<string, number>()
  let total = 0
  return {
    take(person) {
      const own = taken.get(person) ?? 0
      if (total >= all || own >= perPerson) return false
      total++
      taken.set(person, own + 1)
      return true
    },
    give(person) {
      const own = taken.get(person) ?? 0
      total--
      if (own <= 1) taken.delete(person)
      else taken.set(person, own - 1)
    },
  }
}
