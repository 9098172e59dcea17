import {
  all,
  bindCaller,
  type Caller,
  change,
  type Clinic,
  first,
  isUniqueViolation,
  newId,
  REACHABLE,
} from './clinic.ts'
import { refuse, type Result, success } from './result.ts'
import { dateAt } from './time.ts'
import type { Species } from './vaccine-schedule.ts'

export interface Owner {
  sub: string
  name: string
}

export interface PetSummary {
  petId: string
  name: string
  species: Species
  breed: string | null
  owner: Owner
}

export interface PetProfile extends PetSummary {
  sex: 'female' | 'male' | 'unknown'
  neutered: boolean
  bornOn: string | null
  weightKg: number | null
  microchip: string | null
  allergies: string | null
  notes: string | null
}

type Nullable = 'breed' | 'bornOn' | 'weightKg' | 'microchip' | 'allergies' | 'notes'
/** A pet to register: what is not known may be left out. */
export type NewPet = Pick<PetProfile, 'name' | 'species' | 'sex' | 'neutered'> & Optional<Pick<PetProfile, Nullable>>
/** The fields that may change; species and owner stay. `undefined` leaves a field alone, `null` empties it. */
export type PetChanges = Optional<Omit<PetProfile, 'petId' | 'owner' | 'species'>>

type Optional<T> = { [Field in keyof T]?: T[Field] | undefined }

export interface PetFilter {
  name?: string | undefined
  species?: Species | undefined
  ownerName?: string | undefined
  limit: number
}

const FROM_PETS = 'from pets join owners on owners.iss = pets.iss and owners.sub = pets.sub'
const PROFILE = `select pets.id, pets.name, species, breed, sex, neutered, born_on, weight_kg, microchip, allergies, notes,
  owners.sub as owner_sub, owners.name as owner_name ${FROM_PETS}`

interface PetRow {
  id: string
  name: string
  species: Species
  breed: string | null
  sex: PetProfile['sex']
  neutered: number
  born_on: string | null
  weight_kg: number | null
  microchip: string | null
  allergies: string | null
  notes: string | null
  owner_sub: string
  owner_name: string
}

/** The pets that the caller may reach, by name; at most `limit`. */
export function listPets(clinic: Clinic, caller: Caller, filter: PetFilter): PetSummary[] {
  const rows = all<PetRow>(
    clinic.db,
    `${PROFILE} where ${REACHABLE}
      and (:name is null or lower(pets.name) = lower(:name))
      and (:species is null or species = :species)
      and (:ownerName is null or instr(lower(owners.name), lower(:ownerName)) > 0)
      order by lower(pets.name), pets.id limit :limit`,
    {
      ...bindCaller(caller),
      name: filter.name ?? null,
      species: filter.species ?? null,
      ownerName: filter.ownerName ?? null,
      limit: filter.limit,
    },
  )
  return rows.map(toSummary)
}

/** One pet's profile, when the caller may reach it. */
export function getPet(clinic: Clinic, caller: Caller, petId: string): Result<PetProfile> {
  const row = first<PetRow>(clinic.db, `${PROFILE} where pets.id = :petId and ${REACHABLE}`, {
    ...bindCaller(caller),
    petId,
  })
  return row === undefined ? refuse({ reason: 'not_found', what: 'pet' }) : success(toProfile(row))
}

/** Registers a pet with a client of the clinic. Staff names the owner; anybody else is the owner. */
export function addPet(clinic: Clinic, caller: Caller, pet: NewPet, ownerSub: string | undefined): Result<PetProfile> {
  if (isFuture(clinic, pet.bornOn)) return refuse({ reason: 'date_in_future', field: 'bornOn' })
  const petId = newId('pet')
  const owner = caller.staff ? (ownerSub ?? caller.sub) : caller.sub
  try {
    const added = change(
      clinic.db,
      `insert into pets (id, iss, sub, name, species, breed, sex, neutered, born_on, weight_kg, microchip, allergies, notes, updated_at)
        select :id, iss, sub, :name, :species, :breed, :sex, :neutered, :bornOn, :weightKg, :microchip, :allergies, :notes, :now
        from owners where iss = :iss and sub = :owner`,
      {
        id: petId,
        iss: caller.iss,
        owner,
        name: pet.name,
        species: pet.species,
        sex: pet.sex,
        neutered: toColumn(pet.neutered),
        breed: pet.breed ?? null,
        bornOn: pet.bornOn ?? null,
        weightKg: pet.weightKg ?? null,
        microchip: pet.microchip ?? null,
        allergies: pet.allergies ?? null,
        notes: pet.notes ?? null,
        now: clinic.clock(),
      },
    )
    if (added === 0) return refuse({ reason: 'owner_unknown' })
  } catch (error) {
    if (isUniqueViolation(error)) return refuse({ reason: 'microchip_taken' })
    throw error
  }
  return getPet(clinic, caller, petId)
}

const COLUMN_OF: Record<keyof PetChanges, string> = {
  name: 'name',
  breed: 'breed',
  sex: 'sex',
  neutered: 'neutered',
  bornOn: 'born_on',
  weightKg: 'weight_kg',
  microchip: 'microchip',
  allergies: 'allergies',
  notes: 'notes',
}

/** Changes the named fields of a pet. The last writer wins: a profile has no version. */
export function updatePet(clinic: Clinic, caller: Caller, petId: string, changes: PetChanges): Result<PetProfile> {
  const fields = (Object.keys(COLUMN_OF) as (keyof PetChanges)[]).filter((field) => changes[field] !== undefined)
  if (fields.length === 0) return refuse({ reason: 'nothing_to_change' })
  if (isFuture(clinic, changes.bornOn)) return refuse({ reason: 'date_in_future', field: 'bornOn' })
  const values = Object.fromEntries(fields.map((field) => [field, toColumn(changes[field])]))
  try {
    const updated = change(
      clinic.db,
      `update pets set ${fields.map((field) => `${COLUMN_OF[field]} = :${field}`).join(', ')}, updated_at = :now
        where id = :petId and ${REACHABLE}`,
      { ...bindCaller(caller), ...values, petId, now: clinic.clock() },
    )
    if (updated === 0) return refuse({ reason: 'not_found', what: 'pet' })
  } catch (error) {
    if (isUniqueViolation(error)) return refuse({ reason: 'microchip_taken' })
    throw error
  }
  return getPet(clinic, caller, petId)
}

function toColumn(value: PetChanges[keyof PetChanges]): string | number | null {
  if (typeof value === 'boolean') return value ? 1 : 0
  return value ?? null
}

function isFuture(clinic: Clinic, date: string | null | undefined): boolean {
  return typeof date === 'string' && Temporal.PlainDate.compare(date, dateAt(clinic.clock())) > 0
}

function toSummary(row: PetRow): PetSummary {
  return {
    petId: row.id,
    name: row.name,
    species: row.species,
    breed: row.breed,
    owner: { sub: row.owner_sub, name: row.owner_name },
  }
}

function toProfile(row: PetRow): PetProfile {
  return {
    ...toSummary(row),
    sex: row.sex,
    neutered: row.neutered === 1,
    bornOn: row.born_on,
    weightKg: row.weight_kg,
    microchip: row.microchip,
    allergies: row.allergies,
    notes: row.notes,
  }
}
