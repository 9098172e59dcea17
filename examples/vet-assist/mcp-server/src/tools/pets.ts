import { z } from 'zod'
import { addPet as add, getPet, listPets as list, type PetProfile, updatePet as update } from '../clinic/pets.ts'
import { success } from '../clinic/result.ts'
import { ADDS, CHANGES, cut, date, limit, more, petId, READS, species } from './fields.ts'
import { petOf } from './objects.ts'
import { defineTool } from './tool.ts'

const name = z.string().trim().min(1).max(60)
const sex = z.enum(['female', 'male', 'unknown'])
const weightKg = z.number().positive().max(150).describe('Weight in kilograms')
const microchip = z
  .string()
  .regex(/^\d{15}$/)
  .describe('Microchip number, 15 digits')
const words = z.string().trim().min(1).max(1000)

const summary = z.object({
  petId: z.string(),
  name: z.string(),
  species,
  breed: z.string().nullable(),
  owner: z.object({ sub: z.string().describe('Subject id of the owner'), name: z.string() }),
})

const profile = summary.extend({
  sex,
  neutered: z.boolean(),
  bornOn: z.string().nullable().describe('Date of birth, YYYY-MM-DD'),
  weightKg: z.number().nullable().describe('Last weight in kilograms'),
  microchip: z.string().nullable(),
  allergies: z.string().nullable(),
  notes: z.string().nullable().describe('Notes of the clinic'),
})

export const listPets = defineTool({
  name: 'list_pets',
  title: 'List pets',
  description:
    'Lists pets with their ids. Call this first: the other tools need a petId, not a name. An owner gets the own pets, the staff gets all.',
  annotations: READS,
  scope: 'pet-profile:read',
  input: z.strictObject({
    name: name.optional().describe('Only pets of this name, in any letter case'),
    species: species.optional(),
    ownerName: z
      .string()
      .trim()
      .min(1)
      .max(60)
      .optional()
      .describe('For staff: only pets whose owner name contains this'),
    limit: limit(50, 100),
  }),
  output: z.object({ pets: z.array(summary), more }),
  run(clinic, caller, input) {
    const { rows, more } = cut(list(clinic, caller, { ...input, limit: input.limit + 1 }), input.limit)
    return success({ pets: rows, more })
  },
  say({ pets }) {
    if (pets.length === 0) return 'No pets found.'
    return pets
      .map(
        (pet) =>
          `${pet.name}: ${pet.species}, ${pet.breed ?? 'breed unknown'}, of ${pet.owner.name}, petId ${pet.petId}`,
      )
      .join('\n')
  },
})

export const getPetProfile = defineTool({
  name: 'get_pet_profile',
  title: 'Get a pet profile',
  description:
    'Gives one pet’s profile: birth date, weight, sex, microchip, allergies and notes. Call list_pets first for the petId.',
  annotations: READS,
  scope: 'pet-profile:read',
  object: petOf('$.petId'),
  input: z.strictObject({ petId }),
  output: profile,
  run: (clinic, caller, input) => getPet(clinic, caller, input.petId),
  say: sayProfile,
})

export const addPet = defineTool({
  name: 'add_pet',
  title: 'Register a pet',
  description:
    'Registers a new pet of a client of the clinic. Look with list_pets first whether it is registered already, and ask the person to confirm the data.',
  annotations: ADDS,
  scope: 'pet-profile:write',
  whenNever: 'explain',
  input: z.strictObject({
    ownerSub: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe('For staff: subject id of the owner, as list_pets shows it. Left out, the caller is the owner'),
    name,
    species,
    breed: z.string().trim().min(1).max(60).optional(),
    sex: sex.default('unknown'),
    neutered: z.boolean().default(false),
    bornOn: date('Date of birth, an estimate if unknown').optional(),
    weightKg: weightKg.optional(),
    microchip: microchip.optional(),
    allergies: words.optional(),
    notes: words.optional(),
  }),
  output: profile,
  run: (clinic, caller, { ownerSub, ...pet }) => add(clinic, caller, pet, ownerSub),
  say: (pet) => `Registered. ${sayProfile(pet)}`,
})

export const updatePet = defineTool({
  name: 'update_pet',
  title: 'Change a pet profile',
  description:
    'Changes fields of one pet’s profile, such as its weight; fields that are left out stay as they are, null empties a field. Species and owner cannot be changed. Call get_pet_profile first and ask the person to confirm.',
  annotations: CHANGES,
  scope: 'pet-profile:write',
  object: petOf('$.petId'),
  whenNever: 'explain',
  input: z.strictObject({
    petId,
    name: name.optional(),
    breed: z.string().trim().min(1).max(60).nullable().optional(),
    sex: sex.optional(),
    neutered: z.boolean().optional(),
    bornOn: date('Date of birth').nullable().optional(),
    weightKg: weightKg.nullable().optional(),
    microchip: microchip.nullable().optional(),
    allergies: words.nullable().optional(),
    notes: words.nullable().optional(),
  }),
  output: profile,
  run: (clinic, caller, { petId, ...changes }) => update(clinic, caller, petId, changes),
  say: (pet) => `Saved. ${sayProfile(pet)}`,
})

function sayProfile(pet: PetProfile): string {
  const facts = [
    `${pet.name} is a ${pet.sex === 'unknown' ? '' : `${pet.sex} `}${pet.species} of ${pet.owner.name} (petId ${pet.petId})`,
    pet.breed && `breed ${pet.breed}`,
    pet.bornOn && `born on ${pet.bornOn}`,
    pet.weightKg !== null && `weight ${pet.weightKg} kg`,
    pet.neutered ? 'neutered' : 'not neutered',
    pet.allergies && `allergies: ${pet.allergies}`,
    pet.notes && `notes: ${pet.notes}`,
  ]
  return facts.filter((fact) => typeof fact === 'string' && fact !== '').join('; ')
}
