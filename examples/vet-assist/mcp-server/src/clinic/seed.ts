// Owns the example's data: the people of the authorization server's example, their pets, and dates around the first start.
// It goes through the clinic's own functions, so that it cannot hold what the clinic would refuse.
import { bookAppointment } from './appointments.ts'
import type { Caller, Clinic } from './clinic.ts'
import { type AppointmentKind, shiftsOf, VETS } from './hours.ts'
import { addPet, type NewPet } from './pets.ts'
import { setAppointmentReminder, setReminder } from './reminders.ts'
import { type Result, toSentence } from './result.ts'
import { dateAt, instantAt } from './time.ts'
import { recordVaccination } from './vaccinations.ts'

/** The subject ids that permitry.yaml fixes for the example's people. */
export const PEOPLE = { bob: 'usr_bob', carol: 'usr_carol', dana: 'usr_dana', admin: 'usr_admin' } as const

/** Fills an empty database. What is due soon is due soon whenever the example is started first. */
export function seed(clinic: Clinic, issuer: string): void {
  const today = dateAt(clinic.clock())
  const dana: Caller = { iss: issuer, sub: PEOPLE.dana, staff: true }
  const bob: Caller = { iss: issuer, sub: PEOPLE.bob, staff: false }

  const owner = clinic.db.prepare('insert into owners (iss, sub, name, phone) values (?, ?, ?, ?)')
  owner.run(issuer, PEOPLE.bob, 'Bob Fletcher', '+44 1632 960 201')
  owner.run(issuer, PEOPLE.carol, 'Carol Okafor', '+44 1632 960 202')

  const ago = (duration: Temporal.DurationLike): string => today.subtract(duration).toString()
  const register = (ownerSub: string, pet: NewPet): string => expect(addPet(clinic, dana, pet, ownerSub)).petId
  const give = (petId: string, vaccine: string, batch: string, ...dates: string[]): void => {
    for (const givenOn of dates) expect(recordVaccination(clinic, dana, { petId, vaccine, givenOn, batch }))
  }
  const book = (
    petId: string,
    vetId: string,
    kind: AppointmentKind,
    days: number,
    time: string,
    note: string,
  ): string => {
    const startsAt = instantAt(workday(today.add({ days })), time)
    // A visit of the past was booked before it.
    const then: Clinic = { db: clinic.db, clock: () => Math.min(clinic.clock(), startsAt - 1) }
    return expect(bookAppointment(then, dana, { petId, vetId, kind, startsAt, note })).appointmentId
  }

  const fido = register(PEOPLE.bob, {
    name: 'Fido',
    species: 'dog',
    breed: 'Border Collie',
    sex: 'male',
    neutered: true,
    bornOn: ago({ years: 5, months: 2 }),
    weightKg: 19.4,
    microchip: '977200009100451',
    allergies: 'chicken protein',
    notes: 'Nervous on the table; likes cheese.',
  })
  const puppyDoses = [ago({ years: 5 }), ago({ years: 4, months: 11 })]
  // One year and 16 days back from its due date: the answer to "when is Fido's next vaccination?".
  const lastLepto = today.add({ days: 16 }).subtract({ years: 1 }).toString()
  give(fido, 'dog-dhp', 'DHP-2207', ...puppyDoses, ago({ years: 3, months: 11 }), ago({ months: 11 }))
  give(
    fido,
    'dog-leptospirosis',
    'LEP-4410',
    ...puppyDoses,
    ago({ years: 3, months: 11 }),
    ago({ years: 2 }),
    lastLepto,
  )
  give(fido, 'dog-kennel-cough', 'KC-0931', ago({ months: 8 }))
  book(fido, 'vet_hart', 'check-up', -40, '10:00', 'Yearly check-up')

  const bella = register(PEOPLE.bob, {
    name: 'Bella',
    species: 'cat',
    breed: 'British Shorthair',
    sex: 'female',
    neutered: true,
    bornOn: ago({ years: 9, months: 5 }),
    weightKg: 4.6,
    microchip: '977200009100452',
    notes: 'Early kidney disease; weigh at each visit.',
  })
  const kittenDoses = [ago({ years: 9, months: 3 }), ago({ years: 9, months: 2 }), ago({ years: 8, months: 2 })]
  give(bella, 'cat-enteritis', 'FPV-1120', ...kittenDoses, ago({ years: 5, months: 2 }), ago({ years: 2, months: 2 }))
  give(bella, 'cat-flu', 'FVR-7781', ...kittenDoses, ago({ years: 2, months: 2 }), ago({ years: 1, months: 1 }))
  const kidneyCheck = book(bella, 'vet_patel', 'check-up', 9, '15:30', 'Kidney values and weight')

  const misty = register(PEOPLE.carol, {
    name: 'Misty',
    species: 'cat',
    breed: 'Maine Coon',
    sex: 'female',
    neutered: true,
    bornOn: ago({ years: 2, months: 8 }),
    weightKg: 5.9,
    microchip: '977200009100453',
  })
  const mistyDoses = [ago({ years: 2, months: 6 }), ago({ years: 2, months: 5 }), ago({ years: 1, months: 5 })]
  give(misty, 'cat-enteritis', 'FPV-1307', ...mistyDoses)
  give(misty, 'cat-flu', 'FVR-8013', ...mistyDoses, ago({ months: 5 }))
  book(misty, 'vet_hart', 'dental', 5, '09:30', 'Tartar on the upper left')

  const remind = (petId: string, message: string, days: number, time: string, unit: 'day' | 'month'): void => {
    const dueAt = instantAt(today.add({ days }), time)
    const repeat = { every: 1, unit, until: null }
    expect(setReminder(clinic, bob, { petId, kind: 'medication', message, dueAt, repeat }))
  }
  remind(bella, 'Phosphate binder with the morning meal', 1, '08:00', 'day')
  remind(fido, 'Flea and tick tablet with food', 6, '18:00', 'month')
  const message = 'Bring a fresh urine sample'
  const minutesBefore = 24 * 60
  expect(setAppointmentReminder(clinic, bob, { appointmentId: kidneyCheck, message, minutesBefore }))
}

function expect<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`the example's data: ${toSentence(result.failure)}`)
  return result.value
}

/** The first day from a date on that both vets work. */
function workday(from: Temporal.PlainDate): Temporal.PlainDate {
  let date = from
  while (VETS.some((vet) => shiftsOf(vet, date).length === 0)) date = date.add({ days: 1 })
  return date
}
