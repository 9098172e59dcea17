import { z } from 'zod'
import { success } from '../clinic/result.ts'
import { dateInWords } from '../clinic/time.ts'
import { listVaccinations as list, nextVaccinations, recordVaccination as record } from '../clinic/vaccinations.ts'
import { dueInWords, VACCINES } from '../clinic/vaccine-schedule.ts'
import { ADDS, date, petId, READS } from './fields.ts'
import { petOf } from './objects.ts'
import { defineTool } from './tool.ts'

const pet = { petId: z.string(), petName: z.string() }

const due = z.object({
  vaccine: z.string(),
  title: z.string(),
  dueOn: z.string().describe('Date on which it is due, YYYY-MM-DD'),
  status: z.enum(['overdue', 'due_soon', 'up_to_date']).describe('due_soon: within 28 days'),
  daysUntilDue: z.int().describe('Negative when overdue'),
  lastGivenOn: z.string().nullable().describe('YYYY-MM-DD, null when never given'),
})

export const listVaccinations = defineTool({
  name: 'list_vaccinations',
  title: 'List vaccinations given',
  description:
    'Gives the history of vaccinations of one pet, the latest first. For the next due date call next_vaccination instead. Call list_pets first for the petId.',
  annotations: READS,
  scope: 'pet-profile:read',
  object: petOf('$.petId'),
  input: z.strictObject({ petId }),
  output: z.object({
    ...pet,
    vaccinations: z.array(
      z.object({
        vaccinationId: z.string(),
        vaccine: z.string(),
        title: z.string(),
        givenOn: z.string().describe('YYYY-MM-DD'),
        batch: z.string().nullable(),
        givenBy: z.string().describe('Subject id of the member of staff'),
      }),
    ),
  }),
  run(clinic, caller, input) {
    const found = list(clinic, caller, input.petId)
    if (!found.ok) return found
    return success({ petId: input.petId, petName: found.value.pet.name, vaccinations: found.value.shots })
  },
  say({ petName, vaccinations }) {
    if (vaccinations.length === 0) return `No vaccination of ${petName} is on record.`
    return vaccinations.map((shot) => `${dateInWords(shot.givenOn)}: ${shot.title}`).join('\n')
  },
})

export const nextVaccination = defineTool({
  name: 'next_vaccination',
  title: 'Next vaccination due',
  description:
    'Computes which vaccination a pet is due for next and when, from the clinic’s schedule for its species and its last shots. Call list_pets first for the petId, and find_free_slots with kind "vaccination" to book.',
  annotations: READS,
  scope: 'pet-profile:read',
  object: petOf('$.petId'),
  input: z.strictObject({ petId }),
  output: z.object({ ...pet, next: due, later: z.array(due).describe('What is due after that, soonest first') }),
  run(clinic, caller, input) {
    const found = nextVaccinations(clinic, caller, input.petId)
    if (!found.ok) return found
    const [next, ...later] = found.value.due
    // Each species of the schedule has a core vaccine, so there always is a next one.
    if (next === undefined) throw new Error(`the schedule has no core vaccine for a ${found.value.pet.species}`)
    return success({ petId: input.petId, petName: found.value.pet.name, next, later })
  },
  say: ({ petName, next, later }) =>
    [`Next for ${petName}: ${dueInWords(next)}.`, ...later.map((vaccine) => `Later: ${dueInWords(vaccine)}.`)].join(
      '\n',
    ),
})

export const recordVaccination = defineTool({
  name: 'record_vaccination',
  title: 'Record a vaccination',
  description:
    'Writes a vaccination that was given into a pet’s medical record, and answers with the next due date. Call list_vaccinations first, and ask the person to confirm vaccine, date and batch.',
  annotations: ADDS,
  scope: 'pet-profile:write',
  object: petOf('$.petId'),
  whenNever: 'explain',
  input: z.strictObject({
    petId,
    vaccine: z
      .enum(VACCINES.map((vaccine) => vaccine.id))
      .describe('Which vaccine; it must be one for the pet’s species'),
    givenOn: date('Date on which it was given, today or earlier'),
    batch: z.string().trim().min(1).max(40).optional().describe('Batch number from the vial'),
  }),
  output: z.object({ ...pet, vaccinationId: z.string(), nextOfThisVaccine: due }),
  run(clinic, caller, input) {
    const recorded = record(clinic, caller, input)
    if (!recorded.ok) return recorded
    const { pet, vaccinationId } = recorded.value
    const next = recorded.value.due.find((candidate) => candidate.vaccine === input.vaccine)
    if (next === undefined) throw new Error(`the schedule forgot ${input.vaccine} after it was given`)
    return success({ petId: input.petId, petName: pet.name, vaccinationId, nextOfThisVaccine: next })
  },
  say: ({ petName, nextOfThisVaccine }) => `Recorded for ${petName}. Next ${dueInWords(nextOfThisVaccine)}.`,
})
