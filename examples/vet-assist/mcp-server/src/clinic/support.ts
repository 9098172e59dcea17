import { all, bindCaller, type Caller, change, type Clinic, newId, REACHABLE } from './clinic.ts'
import { APPOINTMENT_KIND_IDS, APPOINTMENT_KINDS, VETS } from './hours.ts'
import { refuse, type Result, success } from './result.ts'

/** What the clinic tells everybody. The place and the numbers are invented (Ofcom keeps 01632 for fiction). */
export const CLINIC_INFO = {
  name: 'Vet Assist Clinic',
  address: '12 Orchard Lane, Wexcombe, WX1 4VA, United Kingdom',
  phone: '+44 1632 960 140',
  emergencyPhone: '+44 1632 960 149',
  emergencyNote:
    'answered day and night; call before you come. For an emergency never wait for an answer to a message.',
  timeZone: 'Europe/London',
  openingHours: [
    { days: 'Monday to Friday', opens: '08:30', closes: '18:30' },
    { days: 'Saturday', opens: '09:00', closes: '13:00' },
  ],
  closed: 'Sundays, 25 and 26 December, 1 January',
  vets: VETS.map((vet) => ({ vetId: vet.id, name: vet.name })),
  prices: APPOINTMENT_KIND_IDS.map((kind) => ({ kind, ...APPOINTMENT_KINDS[kind] })),
}

export interface Message {
  messageId: string
  from: string
  petId: string | null
  subject: string
  body: string
  receivedAt: number
}

/** Leaves a message for the clinic; the staff reads it with `listMessages`. */
export function messageClinic(
  clinic: Clinic,
  caller: Caller,
  message: { subject: string; body: string; petId?: string | undefined },
): Result<{ messageId: string; receivedAt: number }> {
  const messageId = newId('msg')
  const receivedAt = clinic.clock()
  const stored = change(
    clinic.db,
    `insert into messages (id, iss, sub, pet_id, subject, body, received_at)
      select :messageId, :iss, :sub, :petId, :subject, :body, :receivedAt
      where :petId is null or exists (select 1 from pets where pets.id = :petId and ${REACHABLE})`,
    {
      ...bindCaller(caller),
      messageId,
      receivedAt,
      petId: message.petId ?? null,
      subject: message.subject,
      body: message.body,
    },
  )
  return stored === 0 ? refuse({ reason: 'not_found', what: 'pet' }) : success({ messageId, receivedAt })
}

/** The messages that the caller sent, or all of them for the staff, the latest first. */
export function listMessages(clinic: Clinic, caller: Caller, limit: number): Message[] {
  return all<Message>(
    clinic.db,
    `select messages.id as "messageId", coalesce(owners.name, messages.sub) as "from", pet_id as "petId", subject, body,
      received_at as "receivedAt"
      from messages left join owners on owners.iss = messages.iss and owners.sub = messages.sub
      where :staff = 1 or (messages.iss = :iss and messages.sub = :sub)
      order by received_at desc, messages.id limit :limit`,
    { ...bindCaller(caller), limit },
  )
}
