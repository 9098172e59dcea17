// Owns who works when, and how long things take. Times are those of the clinic's own clock.

/** The kinds of appointment, their length in minutes and their price in pounds. */
export const APPOINTMENT_KINDS = {
  vaccination: { title: 'Vaccination', minutes: 15, priceGbp: 48 },
  'nail-trim': { title: 'Nail trim with the nurse team', minutes: 15, priceGbp: 18 },
  'check-up': { title: 'Check-up', minutes: 30, priceGbp: 56 },
  consultation: { title: 'Consultation for a new problem', minutes: 30, priceGbp: 62 },
  dental: { title: 'Dental assessment', minutes: 45, priceGbp: 79 },
} as const

export type AppointmentKind = keyof typeof APPOINTMENT_KINDS

export const APPOINTMENT_KIND_IDS = Object.keys(APPOINTMENT_KINDS) as [AppointmentKind, ...AppointmentKind[]]

export interface Shift {
  opens: string
  closes: string
}

/** ISO weekdays: 1 is Monday, 7 is Sunday. A weekday that is not named is a day off. */
export interface Vet {
  id: string
  name: string
  shifts: Readonly<Record<number, Shift[]>>
}

const longDay: Shift[] = [
  { opens: '08:30', closes: '12:30' },
  { opens: '13:30', closes: '18:30' },
]
const saturday: Shift[] = [{ opens: '09:00', closes: '13:00' }]

export const VETS: readonly Vet[] = [
  { id: 'vet_hart', name: 'Dr Amelia Hart', shifts: { 1: longDay, 2: longDay, 3: longDay, 4: longDay, 5: longDay } },
  { id: 'vet_patel', name: 'Dr Ravi Patel', shifts: { 2: longDay, 3: longDay, 4: longDay, 5: longDay, 6: saturday } },
]

/** The days of the year, as month and day, on which only the emergency line is open. */
const CLOSED_DAYS: readonly string[] = ['01-01', '12-25', '12-26']

/** When a vet works on a date; empty on a day off. */
export function shiftsOf(vet: Vet, date: Temporal.PlainDate): Shift[] {
  if (CLOSED_DAYS.includes(date.toString().slice(5))) return []
  return vet.shifts[date.dayOfWeek] ?? []
}

export function vetName(vetId: string): string {
  return VETS.find((vet) => vet.id === vetId)?.name ?? vetId
}
