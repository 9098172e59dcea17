// Plans for pets, their profiles and vaccinations.
import { type Fields, fieldsOf, rowsIn, textIn } from '../dialogue/conversation.ts'
import { explain } from '../dialogue/explain.ts'
import type { Request } from '../dialogue/request.ts'
import { dateInWords, listInWords, plural, sentence } from '../dialogue/words.ts'
import { today } from '../entities/moments.ts'
import type { Pet } from '../entities/pets.ts'
import { plain } from '../language/mask.ts'
import { attempt, get, type Known, onePet, type Plan, petsIn, type Reply, somePets, unknownPet } from './plan.ts'

/** Calls for each pet, one after the other; with more pets than this the person is asked to name some. */
const MOST_PETS = 4

/** The pets that were left out are named, so that nobody takes the answer for all of them. */
function restOf(pets: readonly Pet[]): string[] {
  const names = pets.slice(MOST_PETS).map(({ name }) => name)
  if (names.length === 0) return []
  return [`I look up ${MOST_PETS} pets at a time. Not among these: ${listInWords(names, 'and')}. Ask for them by name.`]
}

export const listPets: Plan = function* (request, known) {
  // "Which of my pets is the heaviest" looks like the list, and asks for more.
  if (FACTS.some(({ asked }) => asked.test(plain(request.text)))) return yield* petProfile(request, known)
  const value = yield* get('list_pets')
  const pets = petsIn(value)
  if (request.stranger !== undefined) return { text: unknownPet(request.stranger, pets) }
  if (pets.length === 0) return { text: 'The clinic has no pets registered for you.' }
  const breeds = rowsIn(value, 'pets', ['petId', 'breed'])
  const lines = pets.map((pet) => {
    const breed = breeds.find(({ petId }) => petId === pet.petId)?.breed
    return `• ${pet.name}, ${pet.species}${breed === undefined ? '' : ` (${breed})`}`
  })
  const more = value['more'] === true ? '\nThere are more than I can list here.' : ''
  return {
    text: `${pets.length === 1 ? 'One pet is' : `${pets.length} pets are`} registered:\n${lines.join('\n')}${more}`,
  }
}

export const petProfile: Plan = function* (request, known) {
  const found = yield* somePets(request, known, 'I can look that up.')
  if ('reply' in found) return found.reply
  const texts: string[] = []
  for (const { petId } of found.pets.slice(0, MOST_PETS))
    texts.push(profileInWords(yield* get('get_pet_profile', { petId }), plain(request.text), known))
  return { text: [...texts, ...restOf(found.pets)].join('\n\n') }
}

const FACTS: readonly { asked: RegExp; say: (pet: Fields, known: Known) => string }[] = [
  {
    asked: /weigh|wieght|heav[iy]|kilo|kg\b/,
    say: (pet) =>
      fact(pet['weightKg'], (weight) => `The last weight on record is ${weight} kg.`, 'There is no weight on record.'),
  },
  {
    asked: /\bchip|microchip/,
    say: (pet) =>
      fact(pet['microchip'], (chip) => `The microchip number is ${chip}.`, 'There is no microchip number on record.'),
  },
  {
    asked: /allerg|can't have/,
    say: (pet) => fact(pet['allergies'], (what) => `Allergies on record: ${what}.`, 'No allergies are on record.'),
  },
  {
    asked: /\bold\b|\bage\b|born|birth|dob\b|\byear/,
    say: (pet, known) =>
      fact(
        pet['bornOn'],
        (date) => `Born on ${dateInWords(date)}${ageInWords(date, known)}.`,
        'There is no date of birth on record.',
      ),
  },
  {
    asked: /neuter|spay|castrat|sex\b|\bmale|female|\bboy|\bgirl/,
    say: (pet) =>
      sentence(
        `${textIn(pet, 'sex') === 'unknown' ? 'sex not recorded' : textIn(pet, 'sex')}, ${pet['neutered'] === true ? 'neutered' : 'not neutered'}`,
      ),
  },
  {
    asked: /\bbreed/,
    say: (pet) => fact(pet['breed'], (breed) => `The breed on record is ${breed}.`, 'There is no breed on record.'),
  },
  {
    asked: /\bnote|remark|comment|kidney|condition|nervous/,
    say: (pet) => fact(pet['notes'], (notes) => `Notes of the clinic: ${notes}`, 'The clinic has no notes.'),
  },
]

function fact(value: unknown, say: (text: string) => string, absent: string): string {
  return typeof value === 'string' || typeof value === 'number' ? say(String(value)) : absent
}

/** What was asked for, or everything. */
function profileInWords(pet: Fields, asked: string, known: Known): string {
  const wanted = FACTS.filter((one) => one.asked.test(asked))
  const head = `${textIn(pet, 'name')} (${textIn(pet, 'species')}${textIn(pet, 'breed') === '' ? '' : `, ${textIn(pet, 'breed')}`})`
  return `${head}: ${(wanted.length > 0 ? wanted : FACTS).map(({ say }) => say(pet, known)).join(' ')}`
}

function ageInWords(bornOn: string, { clock }: Known): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(bornOn)) return ''
  const { years, months } = Temporal.PlainDate.from(bornOn).until(today(clock), { largestUnit: 'year' })
  return `, which makes ${years > 0 ? plural(years, 'year') : plural(months, 'month')}`
}

export const vaccinationHistory: Plan = function* (request, known) {
  const found = yield* somePets(request, known, 'I can show the vaccinations that were given.')
  if ('reply' in found) return found.reply
  const texts: string[] = []
  for (const { petId, name } of found.pets.slice(0, MOST_PETS)) {
    const shots = rowsIn(yield* get('list_vaccinations', { petId }), 'vaccinations', ['title', 'givenOn'])
    const lines = shots.map(
      ({ title, givenOn, batch }) =>
        `• ${dateInWords(givenOn)}: ${title}${typeof batch === 'string' ? ` (batch ${batch})` : ''}`,
    )
    texts.push(
      lines.length === 0
        ? `No vaccination of ${name} is on record.`
        : `Vaccinations of ${name}, the latest first:\n${lines.join('\n')}`,
    )
  }
  return { text: [...texts, ...restOf(found.pets)].join('\n\n') }
}

export const nextVaccination: Plan = function* (request, known) {
  const found = yield* somePets(request, known, 'I can look up what is due.')
  if ('reply' in found) return found.reply
  const texts: string[] = []
  for (const { petId, name } of found.pets.slice(0, MOST_PETS)) {
    const value = yield* get('next_vaccination', { petId })
    const later = rowsIn(value, 'later', ['title', 'dueOn']).map(
      ({ title, dueOn }) => `${title} on ${dateInWords(dueOn)}`,
    )
    texts.push(
      `${dueInWords(name, fieldsOf(value['next']))}${later.length === 0 ? '' : ` After that: ${listInWords(later, 'and')}.`}`,
    )
  }
  const [pet, another] = found.pets
  if (!pet || another) return { text: [...texts, ...restOf(found.pets)].join('\n') }
  const { slot: _, ...rest } = request
  const booking: Request = { ...rest, intent: 'book', kind: 'vaccination', pets: [pet], moments: [] }
  return {
    text: `${texts.join('\n')} Shall I look for an appointment?`,
    question: { request: booking, wants: 'offer' },
  }
}

function dueInWords(name: string, due: Fields): string {
  const date = dateInWords(textIn(due, 'dueOn'))
  const days = typeof due['daysUntilDue'] === 'number' ? due['daysUntilDue'] : 0
  if (days < 0) return `${name} is overdue: ${textIn(due, 'title')} was due on ${date}, ${plural(-days, 'day')} ago.`
  return `${name}’s next vaccination is ${textIn(due, 'title')}, due on ${date} (${days === 0 ? 'today' : `in ${plural(days, 'day')}`}).`
}

export const updatePet: Plan = function* (request, known) {
  const found = yield* onePet(request, known, 'I can put in a change.')
  if ('reply' in found) return found.reply
  const { pet } = found
  const wanted = changesIn(request)
  if (wanted === undefined)
    return {
      text: `What should be changed in ${pet.name}’s profile? Write it like “weight 20 kg”, “allergic to beef” or “microchip 977200009100451”.`,
      question: { request: { ...request, pets: [pet] }, wants: 'change' },
    }
  const before = yield* get('get_pet_profile', { petId: pet.petId })
  const outcome = yield* attempt('update_pet', { petId: pet.petId, ...addTo(before, wanted) })
  if (outcome.status === 'done')
    return {
      text: `Saved. ${profileInWords(outcome.value, Object.keys(wanted).join(' ').replace('weightKg', 'weight'), known)}`,
    }
  return offerMessage(outcome, `Please change ${pet.name}’s profile`, request, [pet])
}

/** Allergies are one text at the clinic: what is added must not replace what stands there. */
function addTo(before: Fields, changes: Fields): Fields {
  const [old, added] = [textIn(before, 'allergies'), textIn(changes, 'allergies')]
  return old === '' || added === '' || old.includes(added) ? changes : { ...changes, allergies: `${old}; ${added}` }
}

function changesIn({ text, weightKg }: Request): Fields | undefined {
  const chip = /\b\d{15}\b/.exec(text)?.[0]
  const allergies = /\ballerg(?:ic to|y(?: for \w+)?:?(?: to)?) (?:an? |the )?([a-z ]{3,40})/i.exec(text)?.[1]?.trim()
  const name = /\b(?:rename \w+ to|name (?:to|is)) ([A-Z][\w-]{1,30})/.exec(text)?.[1]
  const breed = /\bbreed (?:to|is) (?:an? )?([a-z -]{3,40})/i.exec(text)?.[1]?.trim()
  const isGone = /\b(?:isn't|not|no longer|remove|delete|take)\b/i.test(text)
  const changes = {
    ...(weightKg !== undefined && { weightKg }),
    ...(chip !== undefined && { microchip: chip }),
    ...(allergies !== undefined && !isGone && { allergies }),
    ...(name !== undefined && { name }),
    ...(breed !== undefined && { breed }),
    ...(/\b(?:neutered|spayed|castrated)\b/i.test(text) && !isGone && { neutered: true }),
  }
  return Object.keys(changes).length === 0 ? undefined : changes
}

export const addPet: Plan = function* (request) {
  const name = /\b(?:called|named|name is|register|add) ([A-Z][\w-]{1,30})/.exec(request.text)?.[1]
  const species = ['dog', 'cat', 'rabbit'].find((kind) => findSpecies(request.text) === kind)
  if (name === undefined || species === undefined)
    return {
      text: 'What is the name of the new pet, and is it a dog, a cat or a rabbit? Write it like “a cat called Nala”.',
      question: { request, wants: 'change' },
    }
  const outcome = yield* attempt('add_pet', {
    name,
    species,
    ...(request.weightKg !== undefined && { weightKg: request.weightKg }),
  })
  if (outcome.status === 'done')
    return { text: `Registered: ${textIn(outcome.value, 'name')}, ${textIn(outcome.value, 'species')}.` }
  return offerMessage(outcome, `Please register a new pet, ${species} ${name}`, request, [])
}

function findSpecies(text: string): string | undefined {
  if (/\b(?:dog|doggy|pup|puppy|spaniel|labrador|hound|collie|terrier)\b/i.test(text)) return 'dog'
  if (/\b(?:cat|kitten|kitty|tabby|tortoiseshell|siamese)\b/i.test(text)) return 'cat'
  return /\b(?:rabbit|bunny)\b/i.test(text) ? 'rabbit' : undefined
}

const VACCINES: readonly [RegExp, Readonly<Record<string, string>>][] = [
  [/lepto/, { dog: 'dog-leptospirosis' }],
  [/kennel cough/, { dog: 'dog-kennel-cough' }],
  [/parvo|distemper|hepatitis|dhp/, { dog: 'dog-dhp' }],
  [/rabies/, { dog: 'dog-rabies', cat: 'cat-rabies' }],
  [/flu\b/, { cat: 'cat-flu' }],
  [/enteritis/, { cat: 'cat-enteritis' }],
  [/leuk/, { cat: 'cat-leukaemia' }],
  [/myxi|myxo|rhd/, { rabbit: 'rabbit-myxo-rhd' }],
]

export const recordVaccination: Plan = function* (request, known) {
  const found = yield* onePet(request, known, 'I can put a vaccination in for the record.')
  if ('reply' in found) return found.reply
  const { pet } = found
  const vaccine = VACCINES.find(([pattern]) => pattern.test(plain(request.text)))?.[1][pet.species]
  if (vaccine === undefined)
    return {
      text: `Which vaccine was it, and when was it given to ${pet.name}? Write it like “lepto, yesterday”.`,
      question: { request: { ...request, pets: [pet] }, wants: 'change' },
    }
  const givenOn =
    request.moments.find(({ from }) => from !== undefined)?.from ??
    (/\b(?:today|just|now|this morning)\b/i.test(request.text) ? today(known.clock).toString() : undefined)
  if (givenOn === undefined)
    return {
      text: `On which day was it given to ${pet.name}?`,
      question: { request: { ...request, pets: [pet] }, wants: 'change' },
    }
  const batch = /\bbatch (?:number )?([A-Z0-9-]{2,40})\b/i.exec(request.text)?.[1]
  yield* get('list_vaccinations', { petId: pet.petId })
  const outcome = yield* attempt('record_vaccination', {
    petId: pet.petId,
    vaccine,
    givenOn,
    ...(batch !== undefined && { batch }),
  })
  if (outcome.status === 'done') {
    const next = fieldsOf(outcome.value['nextOfThisVaccine'])
    return {
      text: `Recorded for ${pet.name}. ${textIn(next, 'title')} is due again on ${dateInWords(textIn(next, 'dueOn'))}.`,
    }
  }
  return offerMessage(outcome, `Please put a vaccination on ${pet.name}’s record`, request, [pet])
}

/** What an owner may not write, the clinic can: a message is the way, if the person wants one. */
function offerMessage(
  outcome: Parameters<typeof explain>[0],
  subject: string,
  request: Request,
  pets: readonly Pet[],
): Reply {
  const why = explain(outcome)
  if (outcome.status === 'declined' || !/staff/.test(why)) return { text: why }
  const message: Request = {
    ...request,
    intent: 'message_clinic',
    pets,
    body: `${subject}: ${request.text}`,
    drafted: true,
  }
  return {
    text: `${why} Shall I leave the clinic a message that asks for it?`,
    question: { request: message, wants: 'offer' },
  }
}
