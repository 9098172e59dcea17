// A person at the app, in a real browser: by what is written on the page, as people find it.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { passwordOf, type Person } from '@permitry/testkit'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import type { Site } from './site.ts'

// A folder to leave pictures in for people to judge; they are not compared.
const screenshots = process.env['PERMITRY_SCREENSHOTS']

export interface Visitor extends AsyncDisposable {
  readonly context: BrowserContext
  readonly page: Page
  /** What is seen; beside it there is what screen readers are told. */
  readonly main: Locator
  /** What the browser was given by the app, and what it complained about. */
  readonly received: string[]
  readonly complaints: string[]
  ask(text: string): Promise<void>
  /** Fills in the login page. */
  signIn(person: Person): Promise<void>
  /** Answers the consent page; `without` are the scopes, in words, to untick. */
  consent(answer: 'Allow' | 'Deny', without?: readonly string[]): Promise<void>
  /** Signs in with a question, and allows what it needs. */
  arrive(person: Person, question: string): Promise<void>
  /** Begins a new conversation with a question. */
  anew(question: string): Promise<void>
  /** What the assistant says last, once it is complete. */
  answer(text: RegExp | string): Promise<void>
  card(heading: RegExp | string): Locator
  slip(title: RegExp | string): Locator
  shot(name: string): Promise<void>
}

export async function visit(browser: Browser, site: Site): Promise<Visitor> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const received: string[] = []
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('response', (response) => {
    received.push(response.url(), JSON.stringify(response.headers()))
    const isStream = response.headers()['content-type']?.includes('text/event-stream')
    if (response.url().startsWith(`${site.origin}/api/`) && !isStream)
      void response.text().then(
        (text) => received.push(text),
        () => undefined,
      )
  })
  await page.goto(site.origin)

  const visitor: Visitor = {
    context,
    page,
    main: page.getByRole('main'),
    received,
    complaints,
    async ask(text) {
      await page.getByLabel('Message to Vet Assist AI').fill(text)
      await page.getByRole('button', { name: 'Send' }).click()
    },
    async signIn(person) {
      await page.getByLabel('User name').fill(person)
      await page.getByLabel('Password').fill(passwordOf(person))
      await page.getByRole('button', { name: 'Sign in' }).click()
    },
    async consent(answer, without = []) {
      for (const words of without) await page.getByRole('checkbox', { name: words }).uncheck()
      await page.getByRole('button', { name: answer, exact: true }).click()
    },
    async arrive(person, question) {
      await visitor.ask(question)
      await visitor.signIn(person)
      // Who they are, and then what the app may see; what was allowed before is not asked again.
      for (;;) {
        const allow = page.getByRole('button', { name: 'Allow', exact: true })
        await allow
          .or(page.getByRole('list', { name: 'Conversation' }))
          .first()
          .waitFor()
        if (!(await allow.isVisible())) return
        const asked = page.url()
        await allow.click()
        await page.waitForURL((now) => now.href !== asked)
      }
    },
    async anew(question) {
      await page.getByRole('button', { name: /^Account of/ }).click()
      await page.getByRole('button', { name: 'New conversation' }).click()
      await page.getByRole('heading', { name: /how are your pets/ }).waitFor()
      await visitor.ask(question)
    },
    async answer(text) {
      await page.locator('.answer[data-growing="false"]').filter({ hasText: text }).last().waitFor()
    },
    card: (heading) => page.getByRole('region', { name: heading }),
    slip: (title) => page.locator('.slip').filter({ hasText: title }).last(),
    async shot(name) {
      if (screenshots === undefined) return
      mkdirSync(screenshots, { recursive: true })
      await page.screenshot({ path: join(screenshots, `${name}.png`) })
    },
    async [Symbol.asyncDispose]() {
      await context.close()
    },
  }
  return visitor
}

/** Nothing that the browser was given has a token in it. */
export function assertNoTokens({ received }: Visitor, site: Site): void {
  const all = received.join('\n')
  assert.ok(all.length > 1_000, 'the browser was given something')
  assert.ok(site.tokens.size > 0, 'there were tokens')
  for (const token of site.tokens) assert.ok(!all.includes(token), 'an access token reached the browser')
  assert.doesNotMatch(all, /\beyJ[\w-]{10,}\.[\w-]{10,}\./, 'a JWT reached the browser')
}
