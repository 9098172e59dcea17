// Owns what a plan is: a generator that yields the calls it needs and returns what is said. It is run anew for each prompt over the
// calls that were made already, so a plan reads from top to bottom, and keeps no state of its own.
import { type Fields, type Outcome, rowsIn } from '../dialogue/conversation.ts'
import type { Memory, Question, Request } from '../dialogue/request.ts'
import { listInWords } from '../dialogue/words.ts'
import type { ClinicClock } from '../entities/moments.ts'
import type { Pet } from '../entities/pets.ts'

/** A call that a plan needs. */
export interface Step {
  tool: string
  input: Fields
  /** Said together with the call, such as what a card is about to ask. */
  before?: string
  /** The plan has something to say when it fails; otherwise the refusal is explained and the plan ends. */
  mayFail?: true
}

export interface Reply {
  text: string
  question?: Question
}

export interface Known {
  clock: ClinicClock
  memory: Memory
}

export type Planning<T> = Generator<Step, T, Outcome>
export type Plan = (request: Request, known: Known) => Planning<Reply>

/** Makes a call and gives its result. The runner has ended the plan when it failed. */
export function* get(tool: string, input: Fields = {}, before?: string): Planning<Fields> {
  const outcome = yield { tool, input, ...(before !== undefined && { before }) }
  return outcome.status === 'done' ? outcome.value : {}
}

/** A call after which the plan goes on in either case. */
export function* attempt(tool: string, input: Fields, before?: string): Planning<Outcome> {
  return yield { tool, input, mayFail: true, ...(before !== undefined && { before }) }
}

export function petsIn(value: Fields): Pet[] {
  return rowsIn(value, 'pets', ['petId', 'name', 'species']).map(({ petId, name, species }) => ({
    petId,
    name,
    species,
  }))
}

/** The pets that the person has: from the conversation, else from the clinic. The message is understood anew once they are known. */
export function* ownPets({ memory }: Known): Planning<readonly Pet[]> {
  return memory.pets ?? petsIn(yield* get('list_pets'))
}

/** The one pet that a request is about, or what to say when there is none. */
export function* onePet(request: Request, known: Known, doing: string): Planning<{ pet: Pet } | { reply: Reply }> {
  const found = yield* somePets(request, known, doing)
  if ('reply' in found) return found
  const [pet, another] = found.pets
  if (pet && !another) return { pet }
  return { reply: askWhichPet(request, found.pets, `${doing} One pet at a time, please.`) }
}

/** One or more pets, or what to say when there is none. */
export function* somePets(
  request: Request,
  known: Known,
  doing: string,
): Planning<{ pets: readonly Pet[] } | { reply: Reply }> {
  const own = yield* ownPets(known)
  if (own.length === 0)
    return { reply: { text: 'The clinic has no pets registered for you, so there is nothing that I could look up.' } }
  if (request.stranger !== undefined) return { reply: { text: unknownPet(request.stranger, own) } }
  if (request.pets.length > 0) return { pets: request.pets }
  return own.length === 1 ? { pets: own } : { reply: askWhichPet(request, own, doing) }
}

export function unknownPet(name: string, own: readonly Pet[]): string {
  const names = listInWords(
    own.map((pet) => pet.name),
    'and',
  )
  return `I can only see pets that the clinic has registered for you, and ${name} is not among them. ${own.length === 1 ? `Your pet is ${names}.` : `Your pets are ${names}.`}`
}

function askWhichPet(request: Request, pets: readonly Pet[], doing: string): Reply {
  const names = listInWords(
    pets.map((pet) => pet.name),
    'or',
  )
  return { text: `${doing} Which pet do you mean: ${names}?`, question: { request, wants: 'pet' } }
}
