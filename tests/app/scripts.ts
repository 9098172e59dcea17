// What the written model does with the messages of the story.
import { call, say, type Script } from './stub-model.ts'

export const STORY: Script = [
  [
    /next vaccination/i,
    [
      () => call('list_pets', { name: 'Fido' }),
      ({ list_pets: { pets } }) => call('next_vaccination', { petId: pets[0].petId }),
      ({ next_vaccination: { petName, next } }) =>
        say(`${petName}’s next vaccination is **${next.title}**, due on ${next.dueOn}.`),
    ],
  ],
  [
    /book him in/i,
    [
      () => call('list_pets', { name: 'Fido' }),
      () => call('find_free_slots', { kind: 'vaccination', ...nextTuesday(), partOfDay: 'morning' }),
      ({ list_pets: { pets }, find_free_slots: { slots } }) =>
        call('book_appointment', {
          petId: pets[0].petId,
          vetId: slots[0].vetId,
          kind: 'vaccination',
          startsAt: slots[0].startsAt,
        }),
      ({ book_appointment: booked }) =>
        typeof booked === 'string'
          ? say('It was not booked.')
          : say(`Done: ${booked.petName} is booked with ${booked.vetName} at ${booked.startsAt.slice(11, 16)}.`),
    ],
  ],
  [
    /appointments/i,
    [
      () => call('list_appointments'),
      ({ list_appointments: { appointments } }) =>
        say(
          appointments === undefined
            ? 'I may not see your appointments.'
            : [
                'These are booked:',
                '',
                ...appointments.map((one: { petName: string; kind: string }) => `- ${one.petName}: ${one.kind}`),
              ].join('\n'),
        ),
    ],
  ],
  [
    /misty/i,
    [
      () => call('list_pets', { name: 'Misty' }),
      ({ list_pets: { pets } }) =>
        pets.length === 0 ? say('I see no Misty among your pets.') : say('Misty is yours.'),
    ],
  ],
  [
    /weight|weighs/i,
    [
      () => call('list_pets', { name: 'Fido' }),
      ({ list_pets: { pets } }) => call('update_pet', { petId: pets[0].petId, weightKg: 21.5 }),
      ({ update_pet: updated }) =>
        say(typeof updated === 'string' ? 'I could not change the weight.' : `Fido now weighs ${updated.weightKg} kg.`),
    ],
  ],
]

/** A Tuesday at least a week away, so that the morning has not passed. */
function nextTuesday(): { from: string; to: string } {
  const date = new Date()
  date.setUTCDate(date.getUTCDate() + 7 + ((2 - date.getUTCDay() + 7) % 7))
  const day = date.toISOString().slice(0, 10)
  return { from: day, to: day }
}
