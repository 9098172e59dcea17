// Every state of the page on phone and desktop, in light and dark, for the keyboard and for screen readers.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launchChromium } from '@permitry/testkit'
import type { Browser } from 'playwright-core'
import { findings, hidden, inspect } from './inspect.ts'
import { STORY } from './scripts.ts'
import { type Site, startSite } from './site.ts'
import { visit, type Visitor } from './visitor.ts'

let browser: Browser
let site: Site
let bob: Visitor
before(async () => {
  ;[site, browser] = await Promise.all([startSite(), launchChromium()])
  site.model.script = STORY
  bob = await visit(browser, site)
})
after(async () => {
  await browser?.close()
  await site?.close()
})

test('the page of somebody who is not signed in', async () => {
  await bob.page.getByRole('heading', { name: 'How are your pets?' }).waitFor()
  await inspect(bob, 'signed-out')
})

test('an answer while it grows, and what a screen reader is told of it: the whole sentence, once', async () => {
  await bob.arrive('bob', 'When is Fido’s next vaccination?')
  await bob.answer('Leptospirosis')
  await inspect(bob, 'answer', bob.page.locator('.item').last())
  const held = Promise.withResolvers<void>()
  site.model.hold = held.promise
  await bob.ask('And the next vaccination after that?')
  await bob.page.locator('.answer[data-growing="true"]').waitFor()
  await inspect(bob, 'streaming', bob.page.locator('.item').last())
  const told = bob.page.getByRole('status')
  assert.doesNotMatch(await told.innerText(), /next vaccination is/)
  site.model.hold = undefined
  held.resolve()
  await told.getByText(/^Vet Assist AI says: Fido’s next vaccination is Leptospirosis, due on \S+\.$/).waitFor()
})

test('the cards that ask, and the account', async () => {
  await bob.ask('Book him in for it next Tuesday morning')
  const access = bob.card('Vet Assist AI needs another permission')
  await access.waitFor()
  await inspect(bob, 'permission', access)
  await access.getByRole('checkbox').check()
  await access.getByRole('button', { name: /permission page/ }).click()
  await bob.consent('Allow')
  await bob.card('Book an appointment?').waitFor()
  await inspect(bob, 'confirm', bob.card('Book an appointment?').getByRole('button').last())
  await bob.page.getByRole('button', { name: 'Account of Bob Fletcher' }).click()
  await bob.page.getByRole('dialog', { name: 'Account' }).getByText('book, move and cancel appointments').waitFor()
  await inspect(bob, 'account')
  await bob.page.keyboard.press('Escape')
})

test('with the keyboard alone: from the question over the card to the booking', async () => {
  const { page } = bob
  await page.getByLabel('Message to Vet Assist AI').focus()
  // The card comes before the line where people write.
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Shift+Tab')
  assert.equal(await page.evaluate('document.activeElement.textContent'), 'Yes, book an appointment')
  await page.keyboard.press('Enter')
  await bob.slip('Book an appointment').waitFor()
  // The card is gone, and the focus is where it was: the next step leads on from there.
  await page.keyboard.press('Tab')
  assert.match(await page.evaluate<string>('document.activeElement.textContent'), /^Book an appointment/)
  await bob.answer(/^Vet Assist AI: Done: Fido/)
  await page.getByLabel('Message to Vet Assist AI').focus()
  await page.keyboard.type('Which appointments')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.type('do I have?')
  await page.keyboard.press('Enter')
  await bob.answer('Fido: vaccination')
  assert.equal(await page.locator('.bubble').last().innerText(), 'You:\nWhich appointments\ndo I have?')
})

test('after a No, by mouse or keyboard, the focus is at the line that took the place of the card, which is told once', async () => {
  const { page } = bob
  await page.evaluate(`
    const told = document.querySelector('.unseen[role=status] p')
    window.told = []
    new MutationObserver(() => window.told.push(told.textContent)).observe(told, { childList: true, characterData: true, subtree: true })
  `)
  for (const press of ['click', 'Enter'] as const) {
    await page.evaluate('window.told.length = 0')
    await bob.ask('Fido’s weight is 21.5 kg now')
    const no = bob.card('Change a pet profile?').getByRole('button', { name: 'No', exact: true })
    await (press === 'click' ? no.click() : no.press('Enter'))
    await bob.slip('Change a pet profile').getByText('Not done', { exact: true }).waitFor()
    await bob.answer('I could not change the weight.')
    assert.match(await page.evaluate<string>('document.activeElement.textContent'), /^Change a pet profile.*Not done/)
    const told = await page.evaluate<string[]>('window.told')
    assert.equal(told.filter((text) => text.includes('Change a pet profile: Not done.')).length, 1, told.join(' | '))
  }
})

test('a refusal, open, and the messages behind it', async () => {
  await bob.ask('Fido’s weight is 21.5 kg now')
  await bob.card('Change a pet profile?').getByRole('button', { name: /^Yes/ }).click()
  await bob.answer('I could not change the weight.')
  const refused = bob.slip('Change a pet profile')
  const line = refused.getByRole('button')
  await bob.page.setViewportSize({ width: 1280, height: 860 })
  await line.click()
  assert.deepEqual(
    await hidden(bob.page, refused),
    { top: 0, bottom: 0 },
    'open, and above the line where people write',
  )
  await line.click()
  // On a phone it is longer than the room that there is, and begins where the room begins.
  await bob.page.setViewportSize({ width: 360, height: 740 })
  await line.click()
  assert.deepEqual(await hidden(bob.page, line), { top: 0, bottom: 0 })
  await bob.shot('refusal-opened-phone')
  await refused.locator('pre').focus()
  await bob.page.keyboard.press('End')
  assert.deepEqual(
    await hidden(bob.page, bob.page.locator('.item').last()),
    { top: 0, bottom: 0 },
    'the end is reached',
  )
  await inspect(bob, 'refusal')
  for (const { width, name } of [
    { width: 1280, name: 'desktop' },
    { width: 360, name: 'phone' },
  ]) {
    await bob.page.setViewportSize({ width, height: 860 })
    await bob.page.getByRole('button', { name: 'Behind the scenes' }).click()
    await bob.page.getByRole('dialog').getByText('tools/call update_pet').waitFor()
    assert.deepEqual(await findings(bob.page), [], name)
    await bob.shot(`drawer-${name}`)
    await bob.page.keyboard.press('Escape')
    assert.match(await bob.page.evaluate<string>('document.activeElement.textContent'), /Behind the scenes/)
  }
})

test('trouble: a model that fails, a lost connection, a sign-in that did not work', async () => {
  site.model.script = [[/./, [() => ({ status: 500 })]]]
  await bob.ask('Hello?')
  await bob.page.getByRole('button', { name: 'Try again' }).waitFor()
  await site.stopApp()
  await bob.main.getByText('The connection is lost').waitFor()
  await inspect(bob, 'trouble', bob.page.getByRole('button', { name: 'Try again' }))
  await site.startApp()
  await using stranger = await visit(browser, site)
  await stranger.page.goto(`${site.origin}/?problem=sign-in-failed`)
  await stranger.page.getByRole('alert').getByText('Signing in did not work.').waitFor()
  await inspect(stranger, 'sign-in-failed')
  await stranger.page.route('**/api/sign-in', (route) => route.fulfill({ status: 500, body: '{}' }))
  await stranger.ask('Is my question lost?')
  await stranger.page.getByRole('alert').getByText('The clinic’s sign-in cannot be reached').waitFor()
  assert.equal(await stranger.page.getByLabel('Message to Vet Assist AI').inputValue(), 'Is my question lost?')
  await stranger.page.goto(`${site.origin}/?problem=%3Cb%3EYour+account+is+blocked`)
  await stranger.page.getByRole('heading', { name: 'How are your pets?' }).waitFor()
  assert.equal(await stranger.page.getByRole('alert').count(), 0, 'an address says nothing that is not ours')
})

test('the checks above see what they look for', async () => {
  const page = await browser.newPage()
  await page.setContent('<title>x</title><main><p style="color:#eee;background:#fff">pale</p><input></main>')
  const found = (await findings(page)).join(' ')
  for (const rule of ['color-contrast', 'label']) assert.ok(found.includes(rule), rule)
})
