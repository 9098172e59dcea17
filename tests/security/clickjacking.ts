// A page of another site that shows ours in a frame and has the person click what they do not see (RFC 9700 §4.16). Headers are
// tested in tests/conformance/consent.test.ts; here a browser obeys them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  authorizationUrl,
  launchChromium,
  listen,
  type Listening,
  passwordOf,
  startStack,
  type Stack,
} from '@permitry/testkit'
import { CALLBACK } from './world.ts'

let stack: Stack
let chromium: Awaited<ReturnType<typeof launchChromium>>
let evil: Listening
let neighbour: Listening
before(async () => {
  stack = await startStack()
  chromium = await launchChromium()
  // Another site, and another port of the same host, which is the same site.
  evil = await listen('localhost')
  neighbour = await listen('127.0.0.1')
})
after(async () => {
  await chromium.close()
  await evil.close()
  await neighbour.close()
  await stack.close()
})

test('neither login nor consent is shown in a frame, an object or an embed, of another site or of a neighbouring port', async () => {
  const tab = await chromium.newPage()
  const asked = { clientId: 'vet-assist-dev', redirectUri: CALLBACK, resource: stack.mcpUrl }
  await tab.goto((await authorizationUrl(stack.issuer, asked)).url)
  const login = tab.url()
  await tab.getByLabel('User name').fill('bob')
  await tab.getByLabel('Password').fill(passwordOf('bob'))
  await tab.getByRole('button', { name: 'Sign in' }).click()
  await tab.getByRole('button', { name: 'Allow' }).waitFor()
  const consent = tab.url()
  assert.match(consent, /\/consent\?/)

  for (const site of [evil, neighbour]) {
    for (const url of [login, consent, `${stack.issuer}/logout`]) {
      for (const frame of [
        `<iframe src="${url}"></iframe>`,
        `<iframe sandbox="allow-forms allow-scripts allow-same-origin" src="${url}"></iframe>`,
        `<object data="${url}"></object>`,
        `<embed src="${url}">`,
      ]) {
        site.serve(
          () =>
            new Response(`<!doctype html><title>evil</title>${frame}`, { headers: { 'content-type': 'text/html' } }),
        )
        await tab.goto(site.origin)
        const texts = await Promise.all(
          tab
            .frames()
            .slice(1)
            .map((one) => one.content().catch(() => '')),
        )
        for (const text of texts)
          assert.doesNotMatch(text, /Allow|Sign in|Sign out|password/i, `${frame} at ${site.origin}`)
      }
    }
  }
  // And it is the frame that is refused, not the page.
  await tab.goto(consent)
  await tab.getByRole('button', { name: 'Allow' }).waitFor()
  await tab.close()
})
