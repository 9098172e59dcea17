// Bob at his account page in a real browser without script: he unticks, he withdraws, and his assistant's next call is refused.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launchChromium, passwordOf, people } from '@permitry/testkit'
import { asked, done } from '../client-conformance/steps.ts'
import { type Clinic, consent, startClinic } from '../client/clinic.ts'

/** A second is promised; the machine that runs this may be busy. */
const LATEST_MS = 5_000

let clinic: Clinic
let chromium: Awaited<ReturnType<typeof launchChromium>>
before(async () => {
  ;[clinic, chromium] = await Promise.all([startClinic({ signals: true }), launchChromium()])
})
after(async () => {
  await chromium?.close()
  await clinic?.close()
})

test('Bob unticks and withdraws in a browser without script, and each time the next call of Vet Assist AI is refused', async () => {
  const client = clinic.app()
  const request = { user: people.bob, server: clinic.stack.mcpUrl, browser: 'browser-bob' }
  await client.finish(await consent(asked(await client.connect(request)).url, 'bob'), request.browser)
  const first = done(await client.connect(request))
  const findSlots = { name: 'find_free_slots', arguments: { kind: 'vaccination' } }
  await client.finish(await consent(asked(await first.callTool(findSlots)).url, 'bob'), request.browser)
  const assistant = done(await client.connect(request))
  const untilRefused = async (call: typeof findSlots | { name: string }) => {
    for (const begun = Date.now(); ;) {
      const answer = await assistant.callTool(call)
      if (answer.status !== 'done') return answer
      assert.ok(Date.now() - begun < LATEST_MS, 'still allowed')
    }
  }
  done(await assistant.callTool(findSlots))

  const context = await chromium.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(`${clinic.stack.issuer}/account/agents`)
  await page.getByLabel('User name').fill('bob')
  await page.getByLabel('Password').fill(passwordOf('bob'))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Vet Assist AI' }).waitFor()

  await page.getByRole('link', { name: 'Change what it may do' }).click()
  const boxes = page.getByRole('checkbox')
  assert.equal(await boxes.count(), 2)
  await page.getByRole('checkbox', { name: /appointments/i }).uncheck()
  await page.getByRole('button', { name: 'Keep only what is ticked' }).click()
  await page.getByRole('status').getByText('It may do less from now on').waitFor()
  const refused = asked(await untilRefused(findSlots))
  assert.deepEqual(refused.missing, ['appointments:read'])
  done(await assistant.callTool({ name: 'list_pets' }))

  await page.getByRole('button', { name: 'Withdraw' }).click()
  await page.getByText('No application acts in your name').waitFor()
  assert.equal((await untilRefused({ name: 'list_pets' })).status, 'authorize')
})
