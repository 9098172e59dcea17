// The story with Anthropic's provider of the AI SDK, over HTTP, before an endpoint that speaks its Messages API.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { inspect } from 'node:util'
import { launchChromium } from '@permitry/testkit'
import type { Browser } from 'playwright-core'
import { STORY } from './scripts.ts'
import { type Site, startSite } from './site.ts'
import { startStubAnthropic, type StubAnthropic } from './stub-anthropic.ts'
import { visit, type Visitor } from './visitor.ts'

const KEY = 'sk-ant-never-to-be-seen'
const DOES_NOT_ANSWER = 'The assistant’s model does not answer at the moment.'

let browser: Browser
let site: Site
let anthropic: StubAnthropic
let bob: Visitor
before(async () => {
  anthropic = await startStubAnthropic(KEY)
  anthropic.script = STORY
  ;[site, browser] = await Promise.all([startSite(anthropic.choice, KEY), launchChromium()])
  bob = await visit(browser, site)
})
after(async () => {
  await browser?.close()
  await site?.close()
  await anthropic?.close()
})

test('a question is answered by calls of tools, and the page says which model it was', async () => {
  await bob.page.getByText('claude-stub').first().waitFor()
  await bob.arrive('bob', 'When is Fido’s next vaccination?')
  await bob.answer('Leptospirosis, due on')
  assert.deepEqual(
    site.calls.map(({ name }) => name),
    ['list_pets', 'next_vaccination'],
  )
  assert.equal(anthropic.requests[0]?.headers['x-api-key'], KEY)
})

test('a write waits for the yes of the person, and its result goes back to the model', async () => {
  await bob.ask('Book him in for it next Tuesday morning')
  const access = bob.card('Vet Assist AI needs another permission')
  await access.getByRole('checkbox', { name: /book, move and cancel/ }).check()
  await access.getByRole('button', { name: 'Go to the permission page' }).click()
  await bob.consent('Allow')
  const card = bob.card('Book an appointment?')
  await card.waitFor()
  assert.ok(!site.calls.some(({ name }) => name === 'book_appointment'), 'nothing is booked before the yes')
  await card.getByRole('button', { name: 'Yes, book an appointment' }).click()
  await bob.answer(/Done: Fido is booked with Dr /)
})

test('a no is told to the model as a no', async () => {
  await bob.anew('Fido’s weight is 21.5 kg now')
  await bob.card('Change a pet profile?').getByRole('button', { name: 'No' }).click()
  await bob.answer('I could not change the weight.')
  assert.match(JSON.stringify(anthropic.requests.at(-1)?.body.messages.at(-1)), /You said no, so nothing was done/)
})

test('an endpoint that is overloaded once is asked again, and one that stays so is said to be', async () => {
  anthropic.failures.push('overloaded')
  await bob.anew('How is Misty doing?')
  await bob.answer('I see no Misty among your pets.')
  anthropic.failures.push('overloaded', 'overloaded')
  await bob.ask('And how is Misty now?')
  await bob.main.getByText(DOES_NOT_ANSWER).waitFor()
  await bob.page.getByRole('button', { name: 'Try again' }).click()
  await bob.page.locator('.answer').nth(1).getByText('I see no Misty among your pets.').waitFor()
})

for (const failure of ['breaks-off', 'refuses-key'] as const)
  test(`an endpoint that ${failure.replace('-', ' ')} is said to do so, and trying again goes on`, async () => {
    anthropic.failures.push(failure)
    await bob.anew('How is Misty doing?')
    await bob.main.getByText(DOES_NOT_ANSWER).waitFor()
    await bob.page.getByRole('button', { name: 'Try again' }).click()
    await bob.answer('I see no Misty among your pets.')
    const told = JSON.stringify(anthropic.requests.at(-1)?.body.messages)
    assert.ok(!told.includes('Half an'), 'the half of an answer is not told to the model')
  })

test('the key reached the endpoint, and neither the browser, the log, nor what the app keeps', () => {
  assert.ok(anthropic.requests.length > 5 && anthropic.requests.every(({ headers }) => headers['x-api-key'] === KEY))
  assert.ok(bob.received.length > 10 && !bob.received.join('\n').includes(KEY), 'the browser')
  assert.ok(site.faults.length >= 3, 'the failures were logged')
  const log = inspect(site.faults, { depth: 9, maxStringLength: null })
  assert.ok(!log.includes(KEY) && !log.includes('Misty'), 'the log has neither key nor conversation')
  const files = readdirSync(site.dataFolder)
  assert.ok(files.includes('vet-assist-app.db'))
  for (const file of files) assert.ok(!readFileSync(join(site.dataFolder, file)).includes(KEY), file)
})
