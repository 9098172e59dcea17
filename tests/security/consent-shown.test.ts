import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { authorizationUrl, Browser, signIn, startStack, type Stack, VET_ASSIST } from '@permitry/testkit'

let stack: Stack
before(async () => (stack = await startStack()))
after(() => stack.close())

test('consent counts for what was shown: when tools or wording change under an open page, the person is asked again', async () => {
  const request = { clientId: 'vet-assist-ai', redirectUri: 'http://localhost:9402/callback', resource: VET_ASSIST }
  const browser = new Browser()
  const { url } = await authorizationUrl(stack.issuer, request)
  const shown = await signIn(browser, await browser.open(url), 'bob')

  await stack.store.unit((db) =>
    db
      .updateTable('scopes')
      .set({ title: 'See and sell medical records' })
      .where('name', '=', 'pet-profile:read')
      .execute(),
  )
  const again = await browser.submit(shown, { decision: 'allow' })
  assert.ok(again.url.startsWith(stack.issuer), again.url)
  assert.match(again.text, /See and sell medical records/)
  assert.deepEqual(await stack.store.read((db) => db.selectFrom('grants').selectAll().execute()), [])

  const answer = await browser.submit(again, { decision: 'allow' })
  assert.ok(new URL(answer.url).searchParams.has('code'), answer.url)
})
