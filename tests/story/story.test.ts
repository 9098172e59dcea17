import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { appSecret, type Page, type Person, startStack, type Stack } from '@permitry/testkit'
import { createVetAssist, type VetAssist } from '@vet-assist/mcp-server'
import { AuthorizationRefused, type Called, SpecClient } from './spec-client.ts'

let stack: Stack
let clinic: VetAssist
beforeEach(async () => {
  stack = await startStack()
  clinic = createVetAssist({ issuer: stack.issuer, url: stack.mcpUrl, dataFile: ':memory:' })
  stack.serveMcp((request) => clinic.fetch(request))
})
afterEach(async () => {
  await clinic.close()
  await stack.close()
})

const client = (person: Person, onConsent?: (page: Page) => readonly string[] | 'deny') =>
  new SpecClient({
    mcpUrl: stack.mcpUrl,
    clientId: 'vet-assist-ai',
    secret: appSecret,
    redirectUri: 'http://localhost:9402/callback',
    person,
    ...(onConsent ? { onConsent } : {}),
  })

interface Pet {
  readonly petId: string
  readonly name: string
}

function structured(called: Called): Record<string, unknown> {
  assert.equal(called.status, 200, JSON.stringify(called.body))
  assert.ok(called.body.result && called.body.result['isError'] !== true, JSON.stringify(called.body))
  return called.body.result['structuredContent'] as Record<string, unknown>
}

async function petId(of: SpecClient, name: string): Promise<string> {
  const pets = structured(await of.callTool('list_pets'))['pets'] as Pet[]
  const pet = pets.find((candidate) => candidate.name === name)
  assert.ok(pet, `${name} is not among ${pets.map((candidate) => candidate.name).join(', ')}`)
  return pet.petId
}

test('Bob asks for the next vaccination of Fido and books a visit, and is asked only for what each step needs', async () => {
  const bob = client('bob')
  const fido = await petId(bob, 'Fido')
  assert.equal(bob.token?.['scope'], 'pet-profile:read')
  const next = structured(await bob.callTool('next_vaccination', { petId: fido }))
  assert.match(JSON.stringify(next), /\d{4}-\d{2}-\d{2}/)

  const found = structured(await bob.callTool('find_free_slots', { kind: 'vaccination' }))
  assert.equal(bob.token?.['scope'], 'pet-profile:read appointments:read')
  const [slot] = found['slots'] as { startsAt: string; vetId: string }[]
  assert.ok(slot)
  const { startsAt, vetId } = slot
  structured(await bob.callTool('book_appointment', { petId: fido, kind: 'vaccination', startsAt, vetId }))
  const listed = structured(await bob.callTool('list_appointments', { petId: fido }))['appointments'] as {
    startsAt: string
  }[]
  assert.ok(
    listed.some((appointment) => appointment.startsAt === startsAt),
    JSON.stringify(listed),
  )
})

test('the token of Bob never carries pet-profile:write, though it was asked for and the page says what his role withholds', async () => {
  let consentPage = ''
  const bob = client('bob', (page) => {
    consentPage = page.text
    return ['pet-profile:read', 'pet-profile:write']
  })
  await bob.authorize(metadataUrl(), 'pet-profile:read pet-profile:write')
  assert.equal(bob.token?.['scope'], 'pet-profile:read')
  assert.match(consentPage, /Change pet profiles/)
})

test('Misty of Carol is closed to Bob, in the words that an absent pet gets', async () => {
  const misty = await petId(client('carol'), 'Misty')
  const bob = client('bob')
  const pets = structured(await bob.callTool('list_pets'))['pets'] as Pet[]
  assert.deepEqual(pets.map(({ name }) => name).sort(), ['Bella', 'Fido'])
  const answer = async (id: string) =>
    JSON.stringify((await bob.callTool('get_pet_profile', { petId: id })).body.result).replaceAll(/dec_[\w-]+/g, 'dec')
  assert.equal(await answer(misty), await answer(misty.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))))
  assert.doesNotMatch(await answer(misty), /Misty|Carol/)
})

test('the assistant of Bob can say why it may not change the weight of Fido', async () => {
  const bob = client('bob')
  const fido = await petId(bob, 'Fido')
  const refused = await bob.callTool('update_pet', { petId: fido, weightKg: 31 })
  assert.equal(refused.status, 200)
  assert.equal(refused.body.result?.['isError'], true)
  assert.match(JSON.stringify(refused.body.result?.['content']), /pet-profile:write/)
})

test('Dana is shown the write tool, is challenged with the scope it needs, consents to the union and writes', async () => {
  const dana = client('dana')
  const fido = await petId(dana, 'Fido')
  const tools = (await dana.request('tools/list')).body.result?.['tools'] as { name: string }[]
  assert.ok(tools.some(({ name }) => name === 'update_pet'))

  const challenged = await dana.send('tools/call', { name: 'update_pet', arguments: { petId: fido, weightKg: 31.5 } })
  assert.equal(challenged.status, 403)
  assert.match(
    challenged.headers.get('www-authenticate') ?? '',
    /error="insufficient_scope".*scope="pet-profile:write"|scope="pet-profile:write".*error="insufficient_scope"/,
  )
  const written = structured(await dana.callTool('update_pet', { petId: fido, weightKg: 31.5 }))
  assert.deepEqual(String(dana.token?.['scope']).split(' ').sort(), ['pet-profile:read', 'pet-profile:write'])
  assert.equal(written['weightKg'], 31.5)
  assert.equal(structured(await client('bob').callTool('get_pet_profile', { petId: fido }))['weightKg'], 31.5)
})

test('refusing consent is access_denied, and gives nothing', async () => {
  const carol = client('carol', () => 'deny')
  await assert.rejects(
    carol.callTool('list_pets'),
    (error) => error instanceof AuthorizationRefused && error.code === 'access_denied',
  )
  assert.equal(carol.token, undefined)
})

function metadataUrl(): string {
  const { origin, pathname } = new URL(stack.mcpUrl)
  return `${origin}/.well-known/oauth-protected-resource${pathname}`
}
