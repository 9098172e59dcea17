// Bob, Carol and Dana at the clinic, through an app: what a token lacks, what a person withholds, and what a role never has.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { AppClient, Connection, StepUp } from '@permitry/client'
import { people, type Person } from '@permitry/testkit'
import { asked, done } from '../client-conformance/steps.ts'
import { type Clinic, consent, startClinic } from './clinic.ts'

let clinic: Clinic
before(async () => void (clinic = await startClinic()))
after(() => clinic.close())

const requestOf = (person: Person) => ({
  user: people[person],
  server: clinic.stack.mcpUrl,
  browser: `browser-${person}`,
})

async function connectAs(person: Person, client: AppClient): Promise<Connection> {
  const request = requestOf(person)
  const first = await client.connect(request)
  if (first.status === 'done') return first.result
  assert.equal((await client.finish(await consent(asked(first).url, person), request.browser)).status, 'authorized')
  return done(await client.connect(request))
}

async function petId(connection: Connection, name: string): Promise<string> {
  const { structuredContent } = done(await connection.callTool({ name: 'list_pets' }))
  const { pets } = structuredContent as { pets: { petId: string; name: string }[] }
  return pets.find((pet) => pet.name === name)?.petId ?? ''
}

test('Bob looks at a pet and then books: each step asks for what it needs, and the interrupted call is made once after it', async () => {
  const client = clinic.app()
  const bob = await connectAs('bob', client)
  const fido = await petId(bob, 'Fido')
  const slots = asked(await bob.callTool({ name: 'find_free_slots', arguments: { kind: 'vaccination' } }))
  assert.deepEqual([slots.reason, slots.missing], ['step-up', ['appointments:read']])
  const found = await client.finish(await consent(slots.url, 'bob'), 'browser-bob')
  assert.equal(found.status, 'authorized')
  const [answer] = await found.repeat()
  assert.ok(answer)
  const [slot] = (done(answer).structuredContent as { slots: { startsAt: string; vetId: string }[] }).slots
  assert.ok(slot)

  const call = { name: 'book_appointment', arguments: { petId: fido, kind: 'vaccination', ...slot } }
  const { startsAt, vetId } = slot
  const booking = asked(
    await bob.callTool({ ...call, arguments: { petId: fido, kind: 'vaccination', startsAt, vetId } }),
  )
  const booked = await client.finish(await consent(booking.url, 'bob'), 'browser-bob')
  assert.equal(booked.status, 'authorized')
  const [first, again] = [await booked.repeat(), await booked.repeat()]
  assert.equal(done(first[0]!).isError ?? false, false, JSON.stringify(first))
  assert.equal(again, first, 'a second time gives the first outcome, and books nothing')
  const listed = done(await bob.callTool({ name: 'list_appointments', arguments: { petId: fido } }))
  assert.equal(JSON.stringify(listed.structuredContent).split(startsAt).length - 1, 1)
})

test('Dana is asked once for calls that run at the same time, and all of them are made after it', async () => {
  const client = clinic.app()
  const dana = await connectAs('dana', client)
  const fido = await petId(dana, 'Fido')
  const outcomes = await Promise.all([
    dana.callTool({ name: 'update_pet', arguments: { petId: fido, weightKg: 31 } }),
    dana.callTool({ name: 'list_appointments', arguments: {} }),
    dana.callTool({ name: 'list_pets' }),
  ])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['authorize', 'authorize', 'done'],
  )
  const [first, second] = [asked(outcomes[0]), asked(outcomes[1])]
  assert.equal(first.id, second.id)
  assert.deepEqual(first.missing.toSorted(), ['appointments:read', 'pet-profile:write'])
  const finished = await client.finish(await consent(first.url, 'dana'), 'browser-dana')
  assert.equal(finished.status, 'authorized')
  assert.deepEqual(finished.calls.map(({ name }) => name).toSorted(), ['list_appointments', 'update_pet'])
  for (const outcome of await finished.repeat()) assert.equal(done(outcome).isError ?? false, false)
})

test('a scope that Carol unticks is told apart, and is not asked for again by itself', async () => {
  const client = clinic.app()
  const carol = await connectAs('carol', client)
  const step = asked(await carol.callTool({ name: 'list_appointments', arguments: {} }))
  const finished = await client.finish(await consent(step.url, 'carol', ['pet-profile:read']), 'browser-carol')
  assert.equal(finished.status, 'authorized')
  assert.deepEqual([finished.scopes, finished.withheld], [['pet-profile:read'], ['appointments:read']])
  const [outcome] = await finished.repeat()
  assert.deepEqual([outcome?.status, outcome?.status === 'refused' && outcome.reason], ['refused', 'withheld'])
  assert.deepEqual((await carol.authorization())?.withheld, ['appointments:read'])
})

test('what no role of Bob ever has is the answer of the tool, and no login can change it', async () => {
  const client = clinic.app()
  const bob = await connectAs('bob', client)
  const answer = done(
    await bob.callTool({ name: 'update_pet', arguments: { petId: await petId(bob, 'Fido'), weightKg: 30 } }),
  )
  assert.equal(answer.isError, true)
  assert.match(JSON.stringify(answer.content), /pet-profile:write/)
})

test('a person is asked by the app before a step-up, and a no leads nowhere', async () => {
  const questions: StepUp[] = []
  const client = clinic.app({ onStepUp: (question) => (questions.push(question), false) })
  const carol = await connectAs('carol', client)
  const outcome = await carol.callTool({ name: 'list_reminders', arguments: {} })
  assert.deepEqual([outcome.status, outcome.status === 'refused' && outcome.reason], ['refused', 'declined'])
  const [question] = questions
  assert.deepEqual(
    [question?.user, question?.missing, question?.calls],
    [people.carol, ['reminders:read'], [{ name: 'list_reminders', arguments: {} }]],
  )
})

test('Bob and Carol at one browser, one after the other, see their own pets', async () => {
  const client = clinic.app()
  for (const [person, own, foreign] of [
    ['bob', /Fido/, /Misty/],
    ['carol', /Misty/, /Fido/],
  ] as const) {
    const connection = await connectAs(person, client)
    const text = JSON.stringify(done(await connection.callTool({ name: 'list_pets' })))
    assert.match(text, own)
    assert.doesNotMatch(text, foreign)
  }
})
