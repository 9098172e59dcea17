// Two clicks for one, on the page where the answer counts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launchChromium } from '@permitry/testkit'
import type { Browser, Locator, Page } from 'playwright-core'
import { STORY } from './scripts.ts'
import { type Site, startSite } from './site.ts'
import { visit } from './visitor.ts'

let browser: Browser
let site: Site
before(async () => {
  ;[site, browser] = await Promise.all([startSite(), launchChromium()])
  site.model.script = STORY
})
after(async () => {
  await browser?.close()
  await site?.close()
})

/** A double click on a line that is slower than the finger: the second post is sent while the first is answered. */
async function doubleClick(page: Page, button: Locator): Promise<void> {
  const answered = Promise.withResolvers<void>()
  let posts = 0
  await page.route('**/consent', async (route) => {
    posts += 1
    if (posts > 1) return route.continue()
    const headers = { ...(await route.request().allHeaders()), 'sec-fetch-site': 'same-origin' }
    await route.fetch({ headers })
    // What the server said never arrives: the second post takes the place of this one.
    answered.resolve()
  })
  // Where it may be clicked: the page takes no click that began before it was there.
  await button.click({ trial: true })
  const box = await button.boundingBox()
  assert.ok(box)
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.up()
  await answered.promise
  await page.mouse.down({ clickCount: 2 })
  await page.mouse.up({ clickCount: 2 })
  await page.getByText('You have already answered this').waitFor()
  await page.unroute('**/consent')
}

test('a double click on Allow ends in the app, with the answer that a token is needed for', async () => {
  await using bob = await visit(browser, site)
  const { page } = bob
  await bob.ask('When is Fido’s next vaccination?')
  await bob.signIn('bob')
  // Once to know who it is, and once for the clinic.
  for (const step of ['login', 'clinic']) {
    await doubleClick(page, page.getByRole('button', { name: 'Allow', exact: true }))
    await bob.shot(`answered-twice-${step}`)
    await page.getByRole('link', { name: 'Go on to Vet Assist AI' }).click()
  }
  await bob.answer('Leptospirosis')
  assert.ok(site.tokens.size > 0)
})
