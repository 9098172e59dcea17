import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { passwordOf, type Person } from '@permitry/testkit'
import type { Browser as Chromium } from 'playwright-core'

/** A native client's redirect URI on a port of the moment, and what arrives there. */
export interface Callback {
  readonly redirectUrl: string
  readonly received: Promise<URLSearchParams>
  close(): void
}

export async function listenForCallback(): Promise<Callback> {
  const { promise: received, resolve } = Promise.withResolvers<URLSearchParams>()
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    response.end('You can close this window.')
    if (url.pathname === '/callback') resolve(url.searchParams)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    redirectUrl: `http://127.0.0.1:${port}/callback`,
    received,
    close: () => (server.close(), server.closeAllConnections()),
  }
}

/** A person in a real browser: signs in, reads the consent page, allows. Ends at the client's redirect URI. */
export async function answerInChromium(chromium: Chromium, url: URL, person: Person): Promise<void> {
  const context = await chromium.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(url.href)
  await page.getByLabel('User name').fill(person)
  await page.getByLabel('Password').fill(passwordOf(person))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Allow' }).click()
  await page.waitForURL(/\/callback\?/)
  await context.close()
}
