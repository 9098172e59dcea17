import { all, bindCaller, type Caller, change, type Clinic, isUniqueViolation, newId, REACHABLE } from './clinic.ts'
import { getPet, type PetProfile } from './pets.ts'
import { refuse, type Result, success } from './result.ts'
import { dateAt } from './time.ts'
import { type DueVaccine, dueVaccines, VACCINES } from './vaccine-schedule.ts'

export interface Shot {
  vaccinationId: string
  vaccine: string
  title: string
  givenOn: string
  batch: string | null
  givenBy: string
}

export interface NewShot {
  petId: string
  vaccine: string
  givenOn: string
  batch?: string | undefined
}

/** A pet's shots, the latest first. */
export function listVaccinations(
  clinic: Clinic,
  caller: Caller,
  petId: string,
): Result<{ pet: PetProfile; shots: Shot[] }> {
  const pet = getPet(clinic, caller, petId)
  return pet.ok ? success({ pet: pet.value, shots: shotsOf(clinic, caller, petId) }) : pet
}

/** What a pet is due for next, and everything after it. */
export function nextVaccinations(
  clinic: Clinic,
  caller: Caller,
  petId: string,
): Result<{ pet: PetProfile; due: DueVaccine[] }> {
  const pet = getPet(clinic, caller, petId)
  if (!pet.ok) return pet
  const due = dueVaccines(pet.value, shotsOf(clinic, caller, petId), dateAt(clinic.clock()))
  return success({ pet: pet.value, due })
}

/** Writes a shot into the record; the same vaccine on the same day counts once. */
export function recordVaccination(
  clinic: Clinic,
  caller: Caller,
  shot: NewShot,
): Result<{ vaccinationId: string; pet: PetProfile; due: DueVaccine[] }> {
  const pet = getPet(clinic, caller, shot.petId)
  if (!pet.ok) return pet
  const { species } = pet.value
  const vaccines = VACCINES.filter((vaccine) => vaccine.species === species).map((vaccine) => vaccine.id)
  if (!vaccines.includes(shot.vaccine)) return refuse({ reason: 'vaccine_not_for_species', species, vaccines })
  const today = dateAt(clinic.clock())
  if (Temporal.PlainDate.compare(shot.givenOn, today) > 0) return refuse({ reason: 'date_in_future', field: 'givenOn' })
  const vaccinationId = newId('vac')
  try {
    const added = change(
      clinic.db,
      `insert into vaccinations (id, pet_id, vaccine, given_on, batch, given_by)
        select :id, pets.id, :vaccine, :givenOn, :batch, :givenBy from pets where pets.id = :petId and ${REACHABLE}`,
      { ...bindCaller(caller), ...shot, batch: shot.batch ?? null, id: vaccinationId, givenBy: caller.sub },
    )
    if (added === 0) return refuse({ reason: 'not_found', what: 'pet' })
  } catch (error) {
    if (isUniqueViolation(error)) return refuse({ reason: 'already_recorded', givenOn: shot.givenOn })
    throw error
  }
  const due = dueVaccines(pet.value, shotsOf(clinic, caller, shot.petId), today)
  return success({ vaccinationId, pet: pet.value, due })
}

function shotsOf(clinic: Clinic, caller: Caller, petId: string): Shot[] {
  const rows = all<Omit<Shot, 'title'>>(
    clinic.db,
    `select vaccinations.id as "vaccinationId", vaccine, given_on as "givenOn", batch, given_by as "givenBy"
      from vaccinations join pets on pets.id = pet_id where pet_id = :petId and ${REACHABLE}
      order by given_on desc, vaccine`,
    { ...bindCaller(caller), petId },
  )
  return rows.map((row) => ({
    vaccinationId: row.vaccinationId,
    vaccine: row.vaccine,
    title: VACCINES.find((vaccine) => vaccine.id === row.vaccine)?.title ?? row.vaccine,
    givenOn: row.givenOn,
    batch: row.batch,
    givenBy: row.givenBy,
  }))
}
