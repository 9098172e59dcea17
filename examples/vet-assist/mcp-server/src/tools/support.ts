import { z } from 'zod'
import { success } from '../clinic/result.ts'
import { CLINIC_INFO, listMessages as list, messageClinic as send } from '../clinic/support.ts'
import { toWire } from '../clinic/time.ts'
import { ADDS, cut, kind, limit, more, petId, READS } from './fields.ts'
import { defineTool } from './tool.ts'

export const clinicInfo = defineTool({
  name: 'clinic_info',
  title: 'About the clinic',
  description:
    'Gives address, telephone and emergency numbers, opening hours, vets with their ids, and prices in pounds sterling.',
  annotations: READS,
  scope: 'knowledge:read',
  input: z.strictObject({}),
  output: z.object({
    name: z.string(),
    address: z.string(),
    phone: z.string(),
    emergencyPhone: z.string(),
    emergencyNote: z.string(),
    timeZone: z.string(),
    openingHours: z.array(z.object({ days: z.string(), opens: z.string(), closes: z.string() })),
    closed: z.string(),
    vets: z.array(z.object({ vetId: z.string(), name: z.string() })),
    prices: z.array(z.object({ kind, title: z.string(), minutes: z.int(), priceGbp: z.number() })),
  }),
  run: () => success(CLINIC_INFO),
  say: (info) =>
    [
      `${info.name}, ${info.address}, telephone ${info.phone}`,
      `Emergencies: ${info.emergencyPhone}, ${info.emergencyNote}`,
      ...info.openingHours.map((hours) => `${hours.days}: ${hours.opens} to ${hours.closes}`),
      `Closed: ${info.closed}`,
      ...info.prices.map((price) => `${price.title}, ${price.minutes} minutes: £${price.priceGbp}`),
    ].join('\n'),
})

export const messageClinic = defineTool({
  name: 'message_clinic',
  title: 'Leave a message for the clinic',
  description:
    'Leaves a message for the staff, who answer within one working day. Never for an emergency: then give the emergency number of clinic_info. Show the person the text and ask to confirm before you call this.',
  annotations: ADDS,
  scope: 'support:write',
  input: z.strictObject({
    subject: z.string().trim().min(1).max(120),
    body: z.string().trim().min(1).max(4000),
    petId: petId.optional(),
  }),
  output: z.object({ messageId: z.string(), receivedAt: z.string() }),
  run(clinic, caller, input) {
    const sent = send(clinic, caller, input)
    return sent.ok ? success({ ...sent.value, receivedAt: toWire(sent.value.receivedAt) }) : sent
  },
  say: ({ messageId }) => `The clinic has your message (${messageId}) and answers within one working day.`,
})

export const listMessages = defineTool({
  name: 'list_messages',
  title: 'List messages to the clinic',
  description: 'Lists messages to the clinic, the latest first: the own ones for an owner, all of them for the staff.',
  annotations: READS,
  scope: 'support:read',
  input: z.strictObject({ limit: limit(20, 100) }),
  output: z.object({
    messages: z.array(
      z.object({
        messageId: z.string(),
        from: z.string(),
        petId: z.string().nullable(),
        subject: z.string(),
        body: z.string(),
        receivedAt: z.string(),
      }),
    ),
    more,
  }),
  run(clinic, caller, input) {
    const { rows, more } = cut(list(clinic, caller, input.limit + 1), input.limit)
    return success({ messages: rows.map((row) => ({ ...row, receivedAt: toWire(row.receivedAt) })), more })
  },
  say: ({ messages }) =>
    messages.length === 0
      ? 'No messages.'
      : messages.map((message) => `${message.receivedAt} ${message.from}: ${message.subject}`).join('\n'),
})
