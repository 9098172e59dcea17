/// <reference lib="esnext.temporal" />
// The story of the example, in a real browser, with a language model whose answers are written down.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launchChromium } from '@permitry/testkit'
import type { Browser } from 'playwright-core'
import { STORY } from './scripts.ts'
import { type Site, startSite } from './site.ts'
import { assertNoTokens, visit } from './visitor.ts'

let browser: Browser
let site: Site
before(async () => {
  ;[site, browser] = await Promise.all([startSite(), launchChromium()])
  site.model.script = STORY
})
after(async () => {
  await browser?.close()
  await site?.close()
  assert.deepEqual(site.faults, [])
})

test('Bob asks for Fido’s next vaccination, signs in, allows to read, and gets the date that the clinic holds', async () => {
  await using bob = await visit(browser, site)
  await bob.shot('1-signed-out')
  await bob.ask('When is Fido’s next vaccination?')
  await bob.signIn('bob')
  await bob.consent('Allow')
  await bob.page.getByRole('checkbox', { name: 'See pet profiles' }).waitFor()
  const boxes = bob.page.getByRole('checkbox')
  assert.equal(await boxes.and(bob.page.locator(':enabled')).count(), 1, 'the least scopes first')
  // Beside it only who Bob is, which the app knows already: that box is not to be unticked.
  assert.equal(await boxes.and(bob.page.getByLabel('Know who you are')).isDisabled(), true)
  await bob.consent('Allow')
  // The clinic was seeded today, with Fido due in 16 days.
  const due = Temporal.Now.zonedDateTimeISO('Europe/London').toPlainDate().add({ days: 16 }).toString()
  await bob.answer(`Leptospirosis, due on ${due}`)
  await bob.shot('2-answer')
  assert.equal(bob.page.url(), `${site.origin}/`)

  await bob.slip('Next vaccination due').getByRole('button').click()
  await bob.slip('Next vaccination due').getByText('see pet profiles and medical records').waitFor()
  assertNoTokens(bob, site)
  assert.deepEqual(bob.complaints, [])
})

test('Bob has Fido booked in: another permission is asked for by a card, the call goes on once, and the slot is confirmed first', async () => {
  await using bob = await visit(browser, site)
  await bob.arrive('bob', 'Book him in for it next Tuesday morning')
  const access = bob.card('Vet Assist AI needs another permission')
  await access.getByText('see appointments and free times').waitFor()
  await bob.shot('3-another-permission')
  await access.getByRole('checkbox', { name: /book, move and cancel/ }).check()
  await access.getByRole('button', { name: 'Go to the permission page' }).click()
  await bob.consent('Allow')

  const card = bob.card('Book an appointment?')
  await card.getByText('Fido').first().waitFor()
  await bob.shot('4-confirm')
  assert.equal(site.calls.filter(({ name }) => name === 'find_free_slots').length, 2, 'once refused, once repeated')
  assert.ok(!site.calls.some(({ name }) => name === 'book_appointment'), 'nothing is booked before the yes')
  const shown = await card.getByText(/^Tuesday,? \d/).innerText()
  await card.getByRole('button', { name: 'Yes, book an appointment' }).click()
  await bob.answer(/Done: Fido is booked with Dr .* at (08|09|10|11):/)
  await bob.shot('5-booked')

  const booked = site.calls.filter(({ name }) => name === 'book_appointment')
  assert.equal(booked.length, 1)
  const startsAt = Temporal.PlainDateTime.from(String(booked[0]?.arguments['startsAt']).slice(0, 19))
  assert.equal(startsAt.dayOfWeek, 2)
  assert.ok(shown.endsWith(startsAt.toPlainTime().toString({ smallestUnit: 'minute' })), shown)

  await bob.ask('Which appointments do I have?')
  await bob.answer('Fido: vaccination')
  assertNoTokens(bob, site)
})

test('Misty is Carol’s: Bob’s assistant sees no Misty, and nothing of her is on the page', async () => {
  await using bob = await visit(browser, site)
  await bob.arrive('bob', 'How is Misty doing?')
  await bob.answer('I see no Misty among your pets.')
  assert.doesNotMatch(await bob.page.locator('body').innerText(), /Okafor|pet_[\w-]+.*Misty|cat/)
})

test('Fido’s weight by Bob is refused, and explained in words that a pet owner understands', async () => {
  await using bob = await visit(browser, site)
  await bob.arrive('bob', 'Fido’s weight is 21.5 kg now')
  await bob.card('Change a pet profile?').getByText('21.5').waitFor()
  await bob.card('Change a pet profile?').getByRole('button', { name: 'Yes, change a pet profile' }).click()
  await bob.answer('I could not change the weight.')
  const slip = bob.slip('Change a pet profile')
  await slip.getByText('Refused', { exact: true }).waitFor()
  await slip
    .getByText(/Only the clinic’s staff may change pet profiles and medical records\. Your account does not have this/)
    .waitFor()
  await slip.getByRole('button').click()
  await slip.getByText(/^dec_[\w-]+$/).waitFor()
  await bob.shot('6-refused')
})

test('Dana writes Fido’s weight after the step-up', async () => {
  await using dana = await visit(browser, site)
  await dana.arrive('dana', 'Fido’s weight is 21.5 kg now')
  await dana.card('Change a pet profile?').getByRole('button', { name: 'Yes, change a pet profile' }).click()
  const access = dana.card('Vet Assist AI needs another permission')
  await access.getByText('change pet profiles and medical records').waitFor()
  await access.getByRole('button', { name: 'Go to the permission page' }).click()
  await dana.consent('Allow')
  await dana.answer('Fido now weighs 21.5 kg.')
  await dana.slip('You allowed: change pet profiles and medical records').waitFor()
})

test('the drawer shows the messages of the conversation, each with a sentence and a section, and no secret', async () => {
  await using carol = await visit(browser, site)
  await carol.arrive('carol', 'How is Misty?')
  await carol.answer('Misty is yours.')
  await carol.page.getByRole('button', { name: 'Behind the scenes' }).click()
  const drawer = carol.page.getByRole('dialog', { name: 'Behind the scenes' })
  await drawer.getByText('tools/call list_pets').waitFor()
  const text = await drawer.innerText()
  for (const part of [
    'POST /token authorization_code',
    'RFC 7636 §4.3',
    'OpenID Connect, Core §3.1.2.1',
    'MCP, Calling tools',
  ])
    assert.ok(text.includes(part), part)
  for (const message of await drawer.getByText('Show the message').all()) await message.click()
  const full = await drawer.innerText()
  assert.match(full, /code_verifier": "‹hidden›/)
  assert.match(full, /Bearer ‹hidden›/)
  await carol.shot('7-behind-the-scenes')
  assertNoTokens(carol, site)
  await carol.page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'hidden' })
})
