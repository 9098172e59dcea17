// What browsers and impatient people do to a page: lines that break, the back button, a long text, two clicks for one.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launchChromium } from '@permitry/testkit'
import type { Browser } from 'playwright-core'
import { STORY } from './scripts.ts'
import { type Site, startSite } from './site.ts'
import { visit, type Visitor } from './visitor.ts'

const THIRTEEN_HOURS = 13 * 60 * 60_000

let browser: Browser
let site: Site
/** Signed in, and allowed to read. */
let bob: Visitor
before(async () => {
  ;[site, browser] = await Promise.all([startSite(), launchChromium()])
  site.model.script = STORY
  bob = await visit(browser, site)
  await bob.arrive('bob', 'When is Fido’s next vaccination?')
  await bob.answer('Leptospirosis')
})
after(async () => {
  await browser?.close()
  await site?.close()
})

test('the line where people write keeps the focus when the first message makes a conversation', async () => {
  await bob.page.getByRole('button', { name: 'Account of Bob Fletcher' }).click()
  await bob.page.getByRole('button', { name: 'New conversation' }).click()
  await bob.page.getByRole('heading', { name: /how are your pets/ }).waitFor()
  assert.ok(await bob.main.getByText('The connection is lost').isHidden(), 'a new conversation is no accident')
  const line = bob.page.getByLabel('Message to Vet Assist AI')
  await line.fill('When is Fido’s next vaccination?')
  await line.press('Enter')
  await bob.answer('Leptospirosis')
  await bob.page.keyboard.type('Thank you')
  assert.equal(await line.inputValue(), 'Thank you')
})

test('a cut line is told of at once, what was written stays, and the page catches up by itself', async () => {
  const line = bob.page.getByLabel('Message to Vet Assist AI')
  await bob.context.setOffline(true)
  await bob.main.getByText('The connection is lost. Trying again').waitFor()
  await bob.ask('How is Misty?')
  await bob.page.getByRole('alert').getByText('Your message was not sent.').waitFor()
  assert.equal(await line.inputValue(), 'How is Misty?')
  await bob.page.getByRole('button', { name: 'Account of Bob Fletcher' }).click()
  await bob.page.getByRole('button', { name: 'New conversation' }).click()
  await bob.context.setOffline(false)
  await bob.main.getByText('The connection is lost').waitFor({ state: 'hidden' })
  assert.ok(!bob.complaints.includes('Failed to fetch'), 'no action fails unseen')
  await bob.page.getByRole('button', { name: 'Send' }).click()
  await bob.answer('I see no Misty among your pets.')
  await bob.page.getByRole('alert').waitFor({ state: 'hidden' })
})

test('on a slow line a message stays in sight until it is taken, and is sent once', async () => {
  const line = bob.page.getByLabel('Message to Vet Assist AI')
  const arrived = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  let sent = 0
  await bob.page.route('**/api/say', async (route) => {
    sent += 1
    arrived.resolve()
    await released.promise
    await route.continue()
  })
  await bob.ask('How is Misty now?')
  await arrived.promise
  await line.press('Enter')
  assert.equal(await line.inputValue(), 'How is Misty now?')
  released.resolve()
  await bob.page.locator('.answer').nth(1).getByText('I see no Misty').waitFor()
  // The answer streams by another way than the one that says that the message was taken: either may come first.
  await bob.page.evaluate(`new Promise((done) => {
    const look = () => (document.querySelector('textarea').value === '' ? done() : requestAnimationFrame(look))
    look()
  })`)
  assert.equal(sent, 1)
  await bob.page.unroute('**/api/say')
})

test('a message has an end, which is said and not cut off in silence', async () => {
  const line = bob.page.getByLabel('Message to Vet Assist AI')
  await line.fill('x'.repeat(3_999))
  await line.press('End')
  await bob.page.keyboard.insertText('yz')
  assert.equal(await line.inputValue(), `${'x'.repeat(3_999)}y`)
  await bob.main.getByText('A message has at most 4000 characters').waitFor()
  await line.fill('')
  await bob.main.getByText('A message has at most 4000 characters').waitFor({ state: 'hidden' })
})

test('markup in a message is text, and two clicks on a yes are one', async () => {
  const markup = '<b>Fido</b> <img src=x onerror=alert(1)> & “his” weight is 21.5 kg 🐶'
  await bob.ask(markup)
  await bob.main.getByText(markup).waitFor()
  await bob.card('Change a pet profile?').getByRole('button', { name: /^Yes/ }).dblclick()
  await bob.answer('I could not change the weight.')
  assert.equal(site.calls.filter(({ name }) => name === 'update_pet').length, 1)
})

test('a permission page that cannot be reached is said to be so, and can be tried again', async () => {
  await bob.ask('Which appointments do I have?')
  const card = bob.card('Vet Assist AI needs another permission')
  await bob.page.route('**/api/access/*', (route) => route.fulfill({ status: 500, body: '{}' }))
  await card.getByRole('button', { name: /permission page/ }).click()
  await card.getByRole('alert').getByText('The permission page cannot be reached').waitFor()
  await bob.page.unroute('**/api/access/*')
  await card.getByRole('button', { name: /permission page/ }).click()
  await bob.consent('Deny')
  await bob.answer('I may not see your appointments.')
})

test('a page that the browser kept for its back button is loaded anew', async () => {
  const loaded = bob.page.waitForEvent('load')
  await bob.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
  await loaded
  await bob.page.getByRole('list', { name: 'Conversation' }).waitFor()
})

test('a sign-in that ended while the page was open is told of, and the message goes along to the next one', async () => {
  site.pass(THIRTEEN_HOURS)
  await bob.ask('When is Fido’s next vaccination?')
  await bob.page.getByRole('alert').getByText('You are not signed in any more').waitFor()
  await bob.page.getByRole('heading', { name: 'How are your pets?' }).waitFor()
  assert.doesNotMatch(await bob.main.innerText(), /Bob|Leptospirosis/)
  await bob.page.getByRole('button', { name: 'Send' }).click()
  await bob.signIn('bob')
  await bob.answer('Leptospirosis')
})
