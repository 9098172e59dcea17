import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { type CallToolResult, Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { createTestClinic, ISSUER, NOON } from './testing/clinic.ts'
import { CLAIMS, createTestIssuer, URL_OF_SERVER } from './testing/issuer.ts'
import { TOOLS } from './tools/index.ts'
import type { FaultSink } from './tools/tool.ts'
import { createVetAssist, type VetAssist } from './vet-assist.ts'

const clock = (): number => NOON
const authorizationServer = await createTestIssuer(clock)
type Claims = Parameters<typeof authorizationServer.token>[0]

const open: { close: () => Promise<void> }[] = []
after(async () => {
  for (const one of open.toReversed()) await one.close()
})

function start(options: { dataFile?: string; onFault?: FaultSink } = {}): VetAssist {
  const vetAssist = createVetAssist({
    issuer: ISSUER,
    url: URL_OF_SERVER,
    dataFile: ':memory:',
    clock,
    fetch: authorizationServer.fetch,
    onFault: ({ error }) => assert.fail(String(error)),
    ...options,
  })
  open.push(vetAssist)
  return vetAssist
}

async function connect(vetAssist: VetAssist, claims: Claims): Promise<Client> {
  const token = await authorizationServer.token(claims)
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(
    new StreamableHTTPClientTransport(new URL(URL_OF_SERVER), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
      fetch: (input, init) => vetAssist.fetch(new Request(input, init)),
    }),
  )
  open.push(client)
  return client
}

function call(client: Client, name: string, args: Record<string, unknown> = {}): Promise<CallToolResult> {
  return client.callTool({ name, arguments: args })
}

async function get<T>(client: Client, name: string, args: Record<string, unknown> = {}): Promise<T> {
  const result = await call(client, name, args)
  assert.ok(!result.isError, textOf(result))
  return result.structuredContent as T
}

function textOf(result: CallToolResult): string {
  return result.content.map((block) => (block.type === 'text' ? block.text : '')).join('\n')
}

interface Pets {
  pets: { petId: string; name: string }[]
}
interface Slots {
  slots: { startsAt: string; vetId: string }[]
}

async function petIdOf(client: Client, name: string): Promise<string> {
  const { pets } = await get<Pets>(client, 'list_pets', { name })
  return pets[0]?.petId ?? assert.fail(`no ${name}`)
}

test('Bob asks for Fido’s next vaccination, books a free slot for it and finds it in his list', async () => {
  const bob = await connect(start(), CLAIMS.bob)
  const petId = await petIdOf(bob, 'fido')
  const { next } = await get<{ next: { title: string; dueOn: string } }>(bob, 'next_vaccination', { petId })
  assert.deepEqual([next.title, next.dueOn], ['Leptospirosis', '2026-12-10'])
  const { slots } = await get<Slots>(bob, 'find_free_slots', {
    kind: 'vaccination',
    from: '2026-12-01',
    to: '2026-12-01',
    partOfDay: 'morning',
  })
  const [slot] = slots
  assert.equal(slot?.startsAt, '2026-12-01T08:30:00+00:00')
  const { appointmentId } = await get<{ appointmentId: string }>(bob, 'book_appointment', {
    petId,
    kind: 'vaccination',
    startsAt: slot?.startsAt,
    vetId: slot?.vetId,
  })
  const { appointments } = await get<{ appointments: { appointmentId: string }[] }>(bob, 'list_appointments', { petId })
  assert.deepEqual(
    appointments.map((appointment) => appointment.appointmentId),
    [appointmentId],
  )
})

test('of parallel calls for one slot one books it, and the others are told the next free ones', async () => {
  const vetAssist = start()
  const people = await Promise.all([CLAIMS.bob, CLAIMS.carol, CLAIMS.dana].map((claims) => connect(vetAssist, claims)))
  const pets = ['Fido', 'Misty', 'Bella']
  const slot = { kind: 'check-up', vetId: 'vet_hart', startsAt: '2026-12-01T11:00:00+00:00' }
  const ids = await Promise.all(people.map((person, index) => petIdOf(person, pets[index] ?? '')))
  const results = await Promise.all(
    people.map((person, index) => call(person, 'book_appointment', { ...slot, petId: ids[index] })),
  )
  const refused = results.filter((result) => result.isError)
  assert.equal(refused.length, 2)
  for (const result of refused)
    assert.match(textOf(result), /somebody has that slot already; the next free ones are 2026/)
})

test('Bob sees the tools that change pet profiles, and a call explains what is missing', async () => {
  const bob = await connect(start(), CLAIMS.bob)
  const { tools } = await bob.listTools()
  assert.deepEqual(
    tools.map((tool) => tool.name),
    TOOLS.map((tool) => tool.name),
  )
  const result = await call(bob, 'update_pet', { petId: await petIdOf(bob, 'Fido'), weightKg: 20 })
  assert.equal(result.isError, true)
  assert.match(textOf(result), /pet-profile:write/)
})

test('Dana, whose token only reads, is challenged with the scope that the tool needs', async () => {
  const vetAssist = start()
  const dana = await connect(vetAssist, { ...CLAIMS.dana, scope: 'pet-profile:read' })
  const args = { petId: await petIdOf(dana, 'Fido'), weightKg: 20 }
  await assert.rejects(call(dana, 'update_pet', args), {
    name: 'InsufficientScopeError',
    message: /"pet-profile:write"/,
  })
  const writing = await connect(vetAssist, { ...CLAIMS.dana, scope: 'pet-profile:write' })
  const { weightKg } = await get<{ weightKg: number }>(writing, 'update_pet', args)
  assert.equal(weightKg, 20)
})

test('a foreign object and an absent one get the same answer from every tool that takes one', async () => {
  const vetAssist = start()
  const dana = await connect(vetAssist, CLAIMS.dana)
  const bob = await connect(vetAssist, CLAIMS.bob)
  const misty = await petIdOf(dana, 'Misty')
  const { appointments } = await get<{ appointments: { appointmentId: string; petName: string }[] }>(
    dana,
    'list_appointments',
  )
  const appointment = appointments.find((one) => one.petName === 'Misty')?.appointmentId
  const dueAt = '2026-12-01T08:00:00+00:00'
  const reminder = { petId: misty, kind: 'other', message: 'Weigh her', dueAt }
  const { reminderId } = await get<{ reminderId: string }>(dana, 'set_reminder', reminder)

  const slot = { vetId: 'vet_hart', startsAt: '2026-12-01T10:00:00+00:00' }
  const calls: [tool: string, argument: string, foreign: unknown, rest: object][] = [
    ['get_pet_profile', 'petId', misty, {}],
    ['list_vaccinations', 'petId', misty, {}],
    ['next_vaccination', 'petId', misty, {}],
    ['book_appointment', 'petId', misty, { ...slot, kind: 'check-up' }],
    ['list_appointments', 'petId', misty, {}],
    ['list_reminders', 'petId', misty, {}],
    ['set_reminder', 'petId', misty, { kind: 'other', message: 'Weigh her', dueAt }],
    ['message_clinic', 'petId', misty, { subject: 'Hello', body: 'Who is this?' }],
    ['move_appointment', 'appointmentId', appointment, slot],
    ['cancel_appointment', 'appointmentId', appointment, {}],
    ['remind_of_appointment', 'appointmentId', appointment, { message: 'Go' }],
    ['complete_reminder', 'reminderId', reminderId, { dueAt }],
  ]
  for (const [tool, argument, foreign, rest] of calls) {
    const answers = [foreign, `${String(foreign).slice(0, -4)}none`].map(async (id) => {
      const { _meta, ...result } = await call(bob, tool, { ...rest, [argument]: id })
      return JSON.stringify(result).replace(/dec_[\w-]+/, 'dec_')
    })
    const [ofForeign, ofAbsent] = await Promise.all(answers)
    assert.equal(ofForeign, ofAbsent, tool)
    assert.doesNotMatch(ofForeign ?? '', /Misty|Okafor/, tool)
  }
  const { appointments: still } = await get<{ appointments: object[] }>(dana, 'list_appointments')
  assert.deepEqual(still, appointments)
})

test('every tool tells a model what it does, what each field means and what it gives back', async () => {
  const dana = await connect(start(), CLAIMS.dana)
  const { tools } = await dana.listTools()
  for (const tool of tools) {
    assert.ok((tool.description?.length ?? 0) > 60, tool.name)
    assert.equal(tool.outputSchema?.['type'], 'object', tool.name)
    assert.equal(typeof tool.annotations?.readOnlyHint, 'boolean', tool.name)
    assert.equal(tool.inputSchema['additionalProperties'], false, tool.name)
    for (const name of tool.inputSchema.required ?? []) {
      const field = tool.inputSchema.properties?.[name] as { description?: string; enum?: string[] }
      const speaks = field.description !== undefined || field.enum !== undefined || /^(name|subject|body)$/.test(name)
      assert.ok(speaks, `${tool.name}.${name}`)
    }
  }
})

test('tools that do not need one answer with text and structure', async () => {
  const bob = await connect(start(), CLAIMS.bob)
  const calls: [string, object, RegExp][] = [
    ['clinic_info', {}, /Monday to Friday: 08:30 to 18:30/],
    ['search_articles', { query: 'dog ate chocolate' }, /articleId foods-to-avoid/],
    ['get_article', { articleId: 'ticks' }, /Source: article ticks/],
    ['message_clinic', { subject: 'Food', body: 'Which one?' }, /msg_/],
    ['list_messages', {}, /Bob Fletcher: Food/],
    ['list_reminders', {}, /Flea and tick tablet/],
  ]
  for (const [tool, args, text] of calls) {
    const result = await call(bob, tool, { ...args })
    assert.match(textOf(result), text, tool)
    assert.ok(result.structuredContent, tool)
  }
})

test('a fault tells the caller an id and the operator the cause', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vet-assist-'))
  const dataFile = join(folder, 'clinic.db')
  const faults: { id: string; tool: string; error: unknown }[] = []
  const vetAssist = start({ dataFile, onFault: (fault) => faults.push(fault) })
  const other = new DatabaseSync(dataFile)
  other.exec('drop table messages')
  other.close()
  const result = await call(await connect(vetAssist, CLAIMS.bob), 'list_messages')
  assert.equal(result.isError, true)
  assert.doesNotMatch(textOf(result), /table|sql/i)
  assert.match(String(faults[0]?.error), /no such table/)
  assert.ok(textOf(result).includes(faults[0]?.id ?? 'no id'))
  rmSync(folder, { recursive: true })
})

test('without a guard in front a tool serves nobody', async () => {
  const clinic = createTestClinic()
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'bare', version: '1' })
    for (const tool of TOOLS) tool.register(server, clinic, ({ error }) => assert.fail(String(error)))
    return server
  })
  const client = new Client({ name: 'test', version: '1' })
  const bare = (input: string | URL | Request, init?: RequestInit): Promise<Response> =>
    handler.fetch(new Request(input, init))
  await client.connect(new StreamableHTTPClientTransport(new URL(URL_OF_SERVER), { fetch: bare }))
  open.push(client)
  const result = await call(client, 'list_pets')
  assert.equal(result.isError, true)
  assert.match(textOf(result), /no decision for this call/)
})
