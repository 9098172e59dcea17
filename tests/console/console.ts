// The console in a browser: it signs in, shows what a role holds, edits it beside somebody else, and says what a role may not do.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { launchChromium, passwordOf, type Person, startStack, type Stack } from '@permitry/testkit'
import type { Browser, Page } from 'playwright-core'
import { findings } from '../app/inspect.ts'
import { giveRole, makeOwner } from './visitor.ts'

// A folder to leave pictures in for people to judge; they are not compared.
const screenshots = process.env['PERMITRY_SCREENSHOTS']
const SIZES = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 860 } } as const

let browser: Browser
let stack: Stack
const consented = new Set<Person>()
let now = Date.parse('2026-11-24T09:00:00Z')
before(async () => {
  ;[stack, browser] = await Promise.all([startStack({ now: () => now }), launchChromium()])
  await makeOwner(stack)
  await giveRole(stack, 'usr_dana', 'permitry-auditor')
})
after(async () => {
  await browser?.close()
  await stack?.close()
})

/** Somebody in a browser of their own, with everything that it complained about. */
async function open(person: Person, path = ''): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: SIZES.desktop, reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) complaints.push(message.text())
  })
  await page.goto(`${stack.issuer}/console${path}`)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await signIn(page, person)
  // The console is a client like others: the first time it asks for consent.
  if (!consented.has(person)) await page.getByRole('button', { name: 'Allow' }).click()
  consented.add(person)
  return { page, complaints }
}

async function signIn(page: Page, person: Person): Promise<void> {
  await page.getByLabel('User name').fill(person)
  await page.getByLabel('Password').fill(passwordOf(person))
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Nothing to find on phone and desktop, in light and dark, and a picture of each. */
async function inspect(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      // Colours do not depend on the size, and sizes not on the colour: two of the four are enough.
      if ((size === 'phone') === (colorScheme === 'dark'))
        assert.deepEqual(await findings(page), [], `${name} on ${size}, ${colorScheme}`)
      if (screenshots) await page.screenshot({ path: join(screenshots, `console-${name}-${size}-${colorScheme}.png`) })
    }
    assert.deepEqual(
      await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth'),
      0,
      `${name} on ${size} scrolls sideways`,
    )
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize(SIZES.desktop)
}

test('an owner signs in, sees the roles and makes one', async () => {
  const { page, complaints } = await open('admin')
  await page.getByRole('heading', { name: 'Roles' }).waitFor()
  await page.getByRole('link', { name: /Pet Owner/ }).waitFor()
  await inspect(page, 'roles')
  await page.getByRole('searchbox', { name: 'Search by id or name' }).fill('no such role')
  await page.getByText('No role has this in its id or name.').waitFor()

  await page.getByRole('link', { name: 'New role' }).click()
  await page.getByLabel('Id', { exact: true }).fill('receptionist')
  await page.getByLabel('Name').fill('Receptionist')
  await page.getByRole('checkbox', { name: 'appointments:write' }).check()
  await inspect(page, 'role-new')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'Receptionist' }).waitFor()
  await page.getByText('appointments:write').waitFor()
  await page.getByText('Nobody has this role.').waitFor()

  await page.getByRole('button', { name: 'Give this role' }).click()
  await page.getByLabel('Id of the person, agent or group').fill('usr_carol')
  await inspect(page, 'role-give')
  await page.getByRole('dialog').getByRole('button', { name: 'Give this role' }).click()
  await page.getByText('Carol Okafor').waitFor()
  await inspect(page, 'role')
  assert.deepEqual(complaints, [])
})

test('two people who edit one role never overwrite each other without a word', async () => {
  const [one, two] = [await open('admin', '/roles/pet-owner/edit'), await open('admin', '/roles/pet-owner/edit')]
  await two.page.getByLabel('For whom it is meant').fill('written by the second')
  await one.page.getByLabel('For whom it is meant').fill('written by the first')
  await one.page.getByRole('button', { name: 'Save' }).click()
  await one.page.getByText('written by the first').waitFor()
  await two.page.getByRole('button', { name: 'Save' }).click()
  await two.page.getByText('Somebody changed this role meanwhile').waitFor()
  await two.page.getByRole('button', { name: 'Take theirs' }).waitFor()
  await inspect(two.page, 'role-conflict')
  await two.page.getByRole('button', { name: 'Take theirs' }).click()
  assert.equal(await two.page.getByLabel('For whom it is meant').inputValue(), 'written by the first')
  assert.deepEqual([...one.complaints, ...two.complaints], [])
})

test('a change after a quarter of an hour asks for the password, and what was written is still there', async () => {
  const { page } = await open('admin', '/roles/vet-staff/edit')
  await page.getByLabel('Name').fill('Veterinary staff')
  now += 16 * 60_000
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Sign in again' }).click()
  await signIn(page, 'admin')
  await page.getByText('What you wrote before you signed in again is still here.').waitFor()
  assert.equal(await page.getByLabel('Name').inputValue(), 'Veterinary staff')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'Veterinary staff' }).waitFor()
})

test('an auditor sees the roles, and each change is disabled with the reason', async () => {
  const { page, complaints } = await open('dana', '/roles')
  const create = page.getByRole('button', { name: 'New role' })
  assert.equal(await create.getAttribute('aria-disabled'), 'true')
  await page.getByText('Your roles do not include roles:write.').waitFor()
  await inspect(page, 'roles-auditor')
  await page.goto(`${stack.issuer}/console/roles/pet-owner/edit`)
  await page.getByText('Your roles do not open this page').waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in to the console' }).waitFor()
  await inspect(page, 'signed-out')
  assert.deepEqual(complaints, [])
})
