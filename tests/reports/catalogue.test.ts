import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { readCatalogue } from '@permitry/server'
import { appSecret, authorize, authorizationUrl, Browser, requestToken, VET_ASSIST } from '@permitry/testkit'
import { APP_CALLBACK } from '../security/world.ts'
import { auditOf, openWorld, report, type World } from './world.ts'

const READ = 'pet-profile:read'
const ARTICLES = 'knowledge:read'

let world: World
before(async () => (world = await openWorld()))
after(() => world.close())

const catalogueNow = async (since = 0) => {
  const operator = {
    store: world.stack.store,
    tenant: 'default',
    actor: { kind: 'cli', id: 'test' },
    now: Date.now,
  } as const
  const found = await readCatalogue(operator, 'vetassist', since)
  assert.ok(found)
  return found
}

/** Publishes these tools beside one that is always there. */
async function publish(...tools: readonly object[]): Promise<number> {
  const body = { server: VET_ASSIST, tools: [{ name: 'list_pets', scopes: [READ], title: 'Theirs' }, ...tools] }
  const { status, body: answer } = await report(world, '/catalogue', body)
  assert.equal(status, 200, JSON.stringify(answer))
  return Number(answer['version'])
}

const asked = (scope: string) => ({
  clientId: 'vet-assist-ai',
  redirectUri: APP_CALLBACK,
  resource: VET_ASSIST,
  scope,
})

/** Texts of a page without its markup. */
const textOf = (html: string): string => html.replaceAll(/<style.*?<\/style>|<[^>]*>/gs, ' ').replaceAll(/\s+/g, ' ')

test('what the guard says of scopes counts, what an operator says of titles, and the same again changes nothing', async () => {
  const version = await publish(
    { name: 'add_pet', scopes: [READ] },
    { name: 'brush_pet', scopes: [READ], title: 'Brush a pet' },
  )
  const { entries } = await catalogueNow()
  assert.deepEqual(
    entries.map(({ name, title, scopes }) => [name, title, scopes]),
    [
      ['add_pet', 'Register a pet', [READ]],
      ['brush_pet', 'Brush a pet', [READ]],
      ['list_pets', 'List pets', [READ]],
    ],
  )
  assert.equal(await publish({ name: 'add_pet', scopes: [READ] }, { name: 'brush_pet', scopes: [READ] }), version)
  const audit = await auditOf(world, 'catalogue.changed')
  assert.equal(audit.length, 1)
  assert.equal(audit[0]?.actor_id, 'vetassist-guard')
})

test('each difference is kept under its version', async () => {
  const { version } = await catalogueNow()
  await publish({ name: 'add_pet', scopes: ['pet-profile:write'] })
  await publish({ name: 'add_pet', scopes: ['pet-profile:write'], description: 'Registers a pet.' })
  const { changes } = await catalogueNow(version)
  assert.deepEqual(
    changes.map((one) => [one.version, one.name, one.before?.['scopes'], one.after?.['scopes'] ?? null]),
    [
      [version + 1, 'add_pet', [READ], ['pet-profile:write']],
      [version + 1, 'brush_pet', [READ], null],
      [version + 2, 'add_pet', ['pet-profile:write'], ['pet-profile:write']],
    ],
  )
})

test('a person who returns is asked again when a scope opens more, is told what, and not asked for what is no more', async () => {
  const browser = new Browser()
  await publish()
  const first = await authorize(world.stack.issuer, asked(`${READ} ${ARTICLES}`), 'bob', { browser })
  assert.ok(first.params.get('code'))
  const isAsked = async (scope: string): Promise<string | undefined> => {
    const page = await browser.open((await authorizationUrl(world.stack.issuer, asked(scope))).url)
    return page.url.includes('/consent?') ? page.text : undefined
  }
  assert.equal(await isAsked(READ), undefined)

  // Another description, and a tool under a scope that he was not asked for.
  await publish({ name: 'list_pets_2', scopes: ['support:write'] })
  assert.equal(await isAsked(READ), undefined)

  const titles = ['Groom a pet', '<img src=x onerror=alert(1)>', 'Delete \u202eall\u202c pets']
  await publish(...titles.map((title, index) => ({ name: `tool_${index}`, scopes: [READ], title })))
  assert.equal(await isAsked(ARTICLES), undefined)
  const html = (await isAsked(READ)) ?? assert.fail('nobody was asked')
  assert.match(textOf(html), /New since you allowed this/)
  assert.match(textOf(html), /It opens Groom a pet/)
  assert.match(html, /&lt;img src=x onerror=alert\(1\)&gt;/)
  assert.doesNotMatch(html, /<img src=x|\u202e/)

  const page = await browser.open((await authorizationUrl(world.stack.issuer, asked(READ))).url)
  const answer = await browser.submit(page, { decision: 'allow' })
  assert.match(answer.url, /[?&]code=/)
  assert.equal(await isAsked(READ), undefined)
})

test('a tool that says that it may delete now is told of, also when it was there before', async () => {
  const browser = new Browser()
  await publish({ name: 'tidy', scopes: [READ], title: 'Tidy up', annotations: { readOnlyHint: true } })
  await authorize(world.stack.issuer, asked(READ), 'bob', { browser })
  await publish({
    name: 'tidy',
    scopes: [READ],
    title: 'Tidy up',
    annotations: { readOnlyHint: false, destructiveHint: true },
  })
  const page = await browser.open((await authorizationUrl(world.stack.issuer, asked(READ))).url)
  assert.match(textOf(page.text), /Tidy up says that it may delete things, which it did not say before/)
})

test('a guard that is believed about its scopes gives nobody anything: tokens carry what they carried', async () => {
  await publish({ name: 'add_pet', scopes: [] })
  const { params, verifier } = await authorize(world.stack.issuer, asked(`${READ} pet-profile:write`), 'bob')
  const token = await requestToken(
    world.stack.issuer,
    {
      grant_type: 'authorization_code',
      client_id: 'vet-assist-ai',
      code: params.get('code') ?? '',
      redirect_uri: APP_CALLBACK,
      code_verifier: verifier,
    },
    appSecret,
  )
  assert.match(String(token.body['scope']), /pet-profile:read/)
  assert.doesNotMatch(String(token.body['scope']), /pet-profile:write/)
})

test('a credential of another server, another tenant’s name and what is no catalogue are refused', async () => {
  const before = await catalogueNow()
  const tools = [{ name: 'list_pets', scopes: [READ] }]
  for (const [body, status] of [
    [{ server: 'mcp://nobody', tools }, 403],
    [{ server: VET_ASSIST, tools: [...tools, ...tools] }, 400],
    [{ server: VET_ASSIST, tools: [{ name: 'list_pets' }] }, 400],
    [
      { server: VET_ASSIST, tools: Array.from({ length: 1001 }, (_, index) => ({ name: `t${index}`, scopes: [] })) },
      400,
    ],
    ['nonsense', 400],
  ] as const)
    assert.equal((await report(world, '/catalogue', body)).status, status, JSON.stringify(body).slice(0, 80))
  assert.equal((await report(world, '/catalogue', { server: VET_ASSIST, tools }, { scope: 'decisions' })).status, 403)
  assert.deepEqual(await catalogueNow(), before)
})
