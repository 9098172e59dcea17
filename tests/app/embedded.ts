/// <reference lib="esnext.temporal" />
// The same story with the built-in assistant, as `npm start` brings it up: no network, no key, no language model.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launchChromium } from '@permitry/testkit'
import type { Browser } from 'playwright-core'
import { inspect } from './inspect.ts'
import { type Site, startSite } from './site.ts'
import { visit, type Visitor } from './visitor.ts'

let browser: Browser
let site: Site
let bob: Visitor
before(async () => {
  ;[site, browser] = await Promise.all([startSite('embedded'), launchChromium()])
  bob = await visit(browser, site)
})
after(async () => {
  await browser?.close()
  await site?.close()
})

test('the page says that the built-in assistant is no language model', async () => {
  await bob.page.getByText('Built-in assistant, not a language model').waitFor()
  await inspect(bob, 'embedded-signed-out')
})

test('"When is Fido’s next vaccination?" is answered with the date that the clinic holds', async () => {
  await bob.arrive('bob', "When is Fido's next vaccination?")
  const due = Temporal.Now.zonedDateTimeISO('Europe/London').toPlainDate().add({ days: 16 })
  await bob.answer(/leptospirosis/i)
  await bob.answer(new RegExp(`\\b${due.day}\\b`))
  await bob.shot('embedded-1-answer')
})

test('"book him in for it next Tuesday morning" finds a real slot, books it after a yes, and lists it', async () => {
  await bob.ask('book him in for it next Tuesday morning')
  const access = bob.card('Vet Assist AI needs another permission')
  await access.getByRole('checkbox', { name: /book, move and cancel/ }).check()
  await access.getByRole('button', { name: 'Go to the permission page' }).click()
  await bob.consent('Allow')
  const card = bob.card('Book an appointment?')
  await card.getByText('vaccination').first().waitFor()
  await bob.shot('embedded-2-confirm')
  await card.getByRole('button', { name: 'Yes, book an appointment' }).click()
  await bob.slip('Book an appointment').getByText('Allowed', { exact: true }).waitFor()
  const [booked] = site.calls.filter(({ name }) => name === 'book_appointment')
  const startsAt = Temporal.PlainDateTime.from(String(booked?.arguments['startsAt']).slice(0, 19))
  assert.deepEqual([startsAt.dayOfWeek, startsAt.hour < 12], [2, true])
  await bob.ask('What appointments do I have?')
  await bob.slip('List appointments').getByText('Allowed', { exact: true }).waitFor()
  await bob.answer(/Fido/)
  await bob.shot('embedded-3-listed')
})

test('Misty is refused to Bob, and his own Fido’s weight is explained', async () => {
  await bob.anew('How much does Misty weigh?')
  await bob.answer(/Misty/)
  assert.doesNotMatch(await bob.main.innerText(), /Okafor|\bkg\b/)
  await bob.anew('Set Fido’s weight to 21.5 kg')
  await bob.card('Change a pet profile?').getByRole('button', { name: /^Yes/ }).click()
  await bob.slip('Change a pet profile').getByText('Only the clinic’s staff may').waitFor()
  await bob.answer(/staff/)
})

test('Dana writes it after the step-up', async () => {
  await using dana = await visit(browser, site)
  await dana.arrive('dana', 'Set Fido’s weight to 21.5 kg')
  await dana.card('Change a pet profile?').getByRole('button', { name: /^Yes/ }).click()
  await dana
    .card('Vet Assist AI needs another permission')
    .getByRole('button', { name: /permission page/ })
    .click()
  await dana.consent('Allow')
  await dana.answer(/21\.5 kg/)
})
