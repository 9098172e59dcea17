// Owns when a vaccine is due: pure, over calendar dates.
import { dateInWords } from './time.ts'

export type Species = 'dog' | 'cat' | 'rabbit'

/** One vaccine's course: first doses by age, one booster to complete it, then boosters for life. */
export interface Vaccine {
  id: string
  title: string
  species: Species
  /** A core vaccine is due for every pet of the species; the others only once a pet has started them. */
  core: boolean
  firstAtWeeks: number
  primaryDoses: number
  primaryIntervalWeeks: number
  firstBoosterMonths: number
  boosterMonths: number
}

/** What this clinic gives. An example's schedule, in the spirit of common practice in the United Kingdom. */
export const VACCINES: readonly Vaccine[] = [
  vaccine('dog-dhp', 'Distemper, hepatitis and parvovirus', 'dog', true, [8, 2, 4], [12, 36]),
  vaccine('dog-leptospirosis', 'Leptospirosis', 'dog', true, [8, 2, 4], [12, 12]),
  vaccine('dog-kennel-cough', 'Kennel cough', 'dog', false, [8, 1, 0], [12, 12]),
  vaccine('dog-rabies', 'Rabies (for travel)', 'dog', false, [12, 1, 0], [36, 36]),
  vaccine('cat-flu', 'Cat flu', 'cat', true, [9, 2, 3], [12, 12]),
  vaccine('cat-enteritis', 'Feline infectious enteritis', 'cat', true, [9, 2, 3], [12, 36]),
  vaccine('cat-leukaemia', 'Feline leukaemia', 'cat', false, [9, 2, 3], [12, 36]),
  vaccine('cat-rabies', 'Rabies (for travel)', 'cat', false, [12, 1, 0], [36, 36]),
  vaccine('rabbit-myxo-rhd', 'Myxomatosis and rabbit haemorrhagic disease', 'rabbit', true, [7, 1, 0], [12, 12]),
]

function vaccine(
  id: string,
  title: string,
  species: Species,
  core: boolean,
  [firstAtWeeks, primaryDoses, primaryIntervalWeeks]: [number, number, number],
  [firstBoosterMonths, boosterMonths]: [number, number],
): Vaccine {
  return {
    id,
    title,
    species,
    core,
    firstAtWeeks,
    primaryDoses,
    primaryIntervalWeeks,
    firstBoosterMonths,
    boosterMonths,
  }
}

export type DueStatus = 'overdue' | 'due_soon' | 'up_to_date'

export interface DueVaccine {
  vaccine: string
  title: string
  dueOn: string
  status: DueStatus
  daysUntilDue: number
  lastGivenOn: string | null
}

const DUE_SOON_DAYS = 28

/**
 * What a pet is due for, soonest first. A pet without a known birthday and without a shot is due today. Does not restart a course
 * whose interval was missed by far: the vet decides that, and an overdue status leads there.
 */
export function dueVaccines(
  pet: { species: Species; bornOn: string | null },
  shots: readonly { vaccine: string; givenOn: string }[],
  today: Temporal.PlainDate,
): DueVaccine[] {
  return VACCINES.filter((vaccine) => vaccine.species === pet.species)
    .map((vaccine) => ({ vaccine, given: datesOf(vaccine, shots) }))
    .filter(({ vaccine, given }) => vaccine.core || given.length > 0)
    .map(({ vaccine, given }) => {
      const dueOn = dueDate(vaccine, given, pet.bornOn, today)
      const daysUntilDue = today.until(dueOn, { largestUnit: 'day' }).days
      return {
        vaccine: vaccine.id,
        title: vaccine.title,
        dueOn: dueOn.toString(),
        status: statusOf(daysUntilDue),
        daysUntilDue,
        lastGivenOn: given.at(-1)?.toString() ?? null,
      }
    })
    .sort((a, b) => a.daysUntilDue - b.daysUntilDue)
}

/** `due on Tue 1 Dec 2026`, for the short text of an answer. */
export function dueInWords(due: DueVaccine): string {
  return `${due.title}: ${due.status === 'overdue' ? 'was due' : 'due'} on ${dateInWords(due.dueOn)}`
}

function datesOf(vaccine: Vaccine, shots: readonly { vaccine: string; givenOn: string }[]): Temporal.PlainDate[] {
  return shots
    .filter((shot) => shot.vaccine === vaccine.id)
    .map((shot) => Temporal.PlainDate.from(shot.givenOn))
    .sort((a, b) => Temporal.PlainDate.compare(a, b))
}

function dueDate(
  vaccine: Vaccine,
  given: Temporal.PlainDate[],
  bornOn: string | null,
  today: Temporal.PlainDate,
): Temporal.PlainDate {
  const last = given.at(-1)
  if (last === undefined) {
    return bornOn === null ? today : Temporal.PlainDate.from(bornOn).add({ weeks: vaccine.firstAtWeeks })
  }
  if (given.length < vaccine.primaryDoses) return last.add({ weeks: vaccine.primaryIntervalWeeks })
  const months = given.length === vaccine.primaryDoses ? vaccine.firstBoosterMonths : vaccine.boosterMonths
  return last.add({ months })
}

function statusOf(daysUntilDue: number): DueStatus {
  if (daysUntilDue < 0) return 'overdue'
  return daysUntilDue <= DUE_SOON_DAYS ? 'due_soon' : 'up_to_date'
}
