// What goes wrong in real life, and what a person then sees.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { launchChromium, people } from '@permitry/testkit'
import { runCommand, withdrawGrant } from '@permitry/server'
import type { Browser } from 'playwright-core'
import { STORY } from './scripts.ts'
import { type Site, startSite } from './site.ts'
import { visit, type Visitor } from './visitor.ts'

const SIX_MINUTES = 6 * 60_000

let browser: Browser
let site: Site
/** Signed in, and allowed to read. */
let bob: Visitor
before(async () => {
  ;[site, browser] = await Promise.all([startSite(), launchChromium()])
  site.model.script = STORY
  bob = await visit(browser, site)
  await bob.arrive('bob', 'When is Fido’s next vaccination?')
})
beforeEach(() => {
  site.model.script = STORY
  site.model.hold = undefined
})
after(async () => {
  await browser?.close()
  await site?.close()
})

test('whoever refuses consent is told that nothing was shared, and can think again', async () => {
  await using carol = await visit(browser, site)
  await carol.ask('How is Misty?')
  await carol.signIn('carol')
  await carol.consent('Allow')
  await carol.page.getByRole('checkbox', { name: 'See pet profiles' }).waitFor()
  await carol.consent('Deny')
  await carol.slip('No permission was given, and nothing was shared').waitFor()
  await carol.shot('refused-consent')
  assert.ok(!site.calls.some((call) => call.arguments['name'] === 'Misty'))

  await carol.page.getByRole('button', { name: 'Ask me again' }).click()
  await carol
    .card('May Vet Assist AI see your pets’ records?')
    .getByRole('button', { name: /permission page/ })
    .click()
  await carol.consent('Allow')
  await carol.answer('Misty is yours.')
  assert.ok(await carol.page.getByRole('button', { name: 'Ask me again' }).isHidden(), 'it was asked again')
})

test('a scope that is unticked is missed once, said in words, and asked for again only when the person wants it', async () => {
  await bob.anew('Which appointments do I have?')
  const access = bob.card('Vet Assist AI needs another permission')
  await access.getByRole('button', { name: /permission page/ }).click()
  await bob.consent('Allow', ['See appointments'])
  await bob.slip('You left this permission out').waitFor()
  await bob.slip('List appointments').getByText('you did not allow me to see appointments and free times').waitFor()
  await bob.shot('unticked-scope')

  await bob.ask('Which appointments do I have, please?')
  await access.getByText('You left this out before').waitFor()
  await access.getByRole('button', { name: 'Not now' }).click()
  await bob.slip('List appointments').getByText('You did not give the permission, so nothing was done.').waitFor()
})

test('whoever has no role at the clinic and wants no name told gets neither records nor a name', async () => {
  await using admin = await visit(browser, site)
  await admin.ask('When is Fido’s next vaccination?')
  await admin.signIn('admin')
  await admin.consent('Allow', ['See your name'])
  await admin.page.getByText('none of your roles opens what was asked for').waitFor()
  await admin.page.getByRole('link', { name: 'Return to Vet Assist AI' }).click()
  await admin.slip('No permission was given, and nothing was shared').waitFor()
  await admin.page.getByRole('button', { name: 'Account', exact: true }).click()
  await admin.page.getByText('Signed in', { exact: true }).waitFor()
})

test('an access token that ends in mid-conversation is replaced, and nobody notices', async () => {
  await bob.anew('When is Fido’s next vaccination?')
  await bob.answer('Leptospirosis')
  const before = site.tokens.size
  site.pass(SIX_MINUTES)
  await bob.ask('And when is Fido’s next vaccination now?')
  await bob.page.locator('.answer').nth(1).getByText('Leptospirosis').waitFor()
  assert.equal(site.tokens.size, before + 1)
})

test('a grant that is withdrawn ends with the token: a card says so, and the person may give it again', async () => {
  await bob.anew('When is Fido’s next vaccination?')
  await bob.answer('Leptospirosis')
  await withdrawGrantOf('bob')
  site.pass(SIX_MINUTES)
  await bob.ask('And when is Fido’s next vaccination now?')
  const card = bob.card('Your permission for Vet Assist AI has ended')
  await card.getByText('It was taken back, or it is too old.').waitFor()
  await bob.shot('withdrawn')
  await card.getByRole('button', { name: /permission page/ }).click()
  await bob.consent('Allow')
  await bob.page.locator('.answer').nth(1).getByText('Leptospirosis').waitFor()
})

test('a server that is restarted in the middle of an answer loses nothing: the person is still signed in and goes on', async () => {
  await bob.anew('When is Fido’s next vaccination?')
  await bob.answer('Leptospirosis')
  const held = Promise.withResolvers<void>()
  site.model.hold = held.promise
  await bob.ask('Please say again: when is Fido’s next vaccination?')
  await bob.page.locator('.answer[data-growing="true"]').waitFor()
  await site.stopApp()
  await bob.main.getByText('The connection is lost. Trying again').waitFor()
  await bob.shot('connection-lost')
  held.resolve()
  site.model.hold = undefined

  await site.startApp()
  await bob.page.getByRole('button', { name: 'Try again' }).click()
  await bob.page.locator('.answer').nth(2).getByText('Leptospirosis').waitFor()
  await bob.main.getByText('The connection is lost').waitFor({ state: 'hidden' })
})

test('a card that waited through a restart still works, once', async () => {
  await using dana = await visit(browser, site)
  await dana.arrive('dana', 'Fido’s weight is 22 kg now')
  await dana.card('Change a pet profile?').waitFor()
  await site.stopApp()
  await site.startApp()
  await dana.page.reload()
  await dana.card('Change a pet profile?').getByRole('button', { name: 'Yes, change a pet profile' }).click()
  await dana.card('Vet Assist AI needs another permission').waitFor()
})

test('a model endpoint that fails is said to fail, and the question is not lost', async () => {
  site.model.script = [[/./, [() => ({ status: 500 })]]]
  await bob.anew('When is Fido’s next vaccination?')
  await bob.main.getByText('The assistant’s model does not answer at the moment.').waitFor()
  await bob.shot('model-fails')
  site.model.script = STORY
  await bob.page.getByRole('button', { name: 'Try again' }).click()
  await bob.answer('Leptospirosis')
})

test('an answer that takes too long is stopped, and the conversation goes on', async () => {
  const held = Promise.withResolvers<void>()
  site.model.hold = held.promise
  await bob.anew('When is Fido’s next vaccination?')
  await bob.page.locator('.answer[data-growing="true"]').waitFor()
  await bob.page.getByRole('button', { name: 'Stop' }).click()
  await bob.main.getByText('Stopped.').waitFor()
  site.model.hold = undefined
  held.resolve()
  await bob.ask('Once more: Fido’s next vaccination?')
  await bob.answer('Leptospirosis, due on')
})

test('a clinic that cannot be reached is said to be so, and asked again on demand', async () => {
  await bob.anew('When is Fido’s next vaccination?')
  await bob.answer('Leptospirosis')
  site.clinicIsDown = true
  await bob.ask('And when is Fido’s next vaccination now?')
  await bob.main.getByText('The clinic’s system cannot be reached at the moment.').waitFor()
  site.clinicIsDown = false
  await bob.page.getByRole('button', { name: 'Try again' }).click()
  await bob.page.locator('.answer').nth(1).getByText('Leptospirosis').waitFor()
})

test('a permission can be taken back in the app, and is asked for again when it is needed', async () => {
  await bob.anew('When is Fido’s next vaccination?')
  await bob.answer('Leptospirosis')
  await bob.page.getByRole('button', { name: 'Account of Bob Fletcher' }).click()
  await bob.page.getByRole('button', { name: 'Take this back' }).click()
  await bob.main.getByText('You took back what Vet Assist AI may do at the clinic.').waitFor()
  await bob.ask('And when is Fido’s next vaccination now?')
  await bob.card('Your permission for Vet Assist AI has ended').waitFor()
  await bob.card('Your permission for Vet Assist AI has ended').getByRole('button', { name: 'Not now' }).click()
  await bob.slip('No permission was given, and nothing was shared').waitFor()
})

/** As `permitry grant withdraw` does it. */
async function withdrawGrantOf(person: keyof typeof people): Promise<void> {
  const { store } = site.stack
  const grants = await store.unit((db) =>
    db
      .selectFrom('grants')
      .select('id')
      .where('subject_id', '=', people[person])
      .where('server_id', '!=', '')
      .where('ended_at', 'is', null)
      .execute(),
  )
  assert.equal(grants.length, 1)
  const actor = { kind: 'system', id: 'operator' } as const
  const operator = { store, tenant: 'default', actor, now: Date.now }
  for (const { id } of grants) assert.ok((await runCommand(operator, withdrawGrant, { id })).ok)
}
