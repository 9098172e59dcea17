// Bob's assistant at the clinic of the example, and what Bob takes back from it on his account page.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Connection } from '@permitry/client'
import { Browser, type Page, type PageForm, people, type Person } from '@permitry/testkit'
import { asked, done } from '../client-conformance/steps.ts'
import { type Clinic, consent, startClinic } from '../client/clinic.ts'
import { visitAccount, wordsOf } from './visitor.ts'

/** A second is promised; the machine that runs this may be busy. */
const LATEST_MS = 5_000

let clinic: Clinic
before(async () => void (clinic = await startClinic()))
after(() => clinic.close())
beforeEach(() =>
  clinic.stack.store.unit(async (db) => {
    await db.deleteFrom('grants').execute()
    await db.deleteFrom('decisions').execute()
  }),
)

/** A person's assistant, connected with what its first calls need and allowed to see appointments too. */
async function assistantOf(person: Person, at = clinic): Promise<Connection> {
  const client = at.app()
  const request = { user: people[person], server: at.stack.mcpUrl, browser: `browser-${person}` }
  await client.finish(await consent(asked(await client.connect(request)).url, person), request.browser)
  const connection = done(await client.connect(request))
  const slots = asked(await findSlots(connection))
  await client.finish(await consent(slots.url, person), request.browser)
  return done(await client.connect(request))
}

/** Calls until the guard has heard of it: of a second, that is. */
async function untilRefused<T extends { status: string }>(call: () => Promise<T>): Promise<T> {
  for (const begun = Date.now(); ;) {
    const answer = await call()
    if (answer.status !== 'done') return answer
    assert.ok(Date.now() - begun < LATEST_MS, 'still allowed')
  }
}

const look = (assistant: Connection) => assistant.callTool({ name: 'list_pets' })
const findSlots = (assistant: Connection) =>
  assistant.callTool({ name: 'find_free_slots', arguments: { kind: 'vaccination' } })

async function openGrant(person: Person, { stack } = clinic): Promise<{ browser: Browser; page: Page; list: Page }> {
  const { browser, page: list } = await visitAccount(stack, person, { path: '/agents' })
  const url = /href="([^"]*\?grant=[^"]*)"/.exec(list.text)?.[1] ?? ''
  return { browser, page: await browser.open(url), list }
}

const grantsOf = (person: Person) =>
  clinic.stack.store.read((db) =>
    db.selectFrom('grants').selectAll().where('subject_id', '=', people[person]).execute(),
  )
const scopesOf = async (person: Person): Promise<string[]> =>
  (await grantsOf(person)).flatMap((row) => (row.ended_at === null ? (JSON.parse(row.scopes) as string[]) : []))

test('Bob narrows what Vet Assist AI may do, then withdraws it: each time its next call is refused', async (t) => {
  const informed = await startClinic({ signals: true })
  t.after(() => informed.close())
  const assistant = await assistantOf('bob', informed)
  assert.equal(done(await findSlots(assistant)).isError ?? false, false)

  const { browser, page } = await openGrant('bob', informed)
  assert.match(wordsOf(page), /Vet Assist AI Registered/)
  const told = await browser.submit(page, { decision: 'narrow', scope: ['pet-profile:read'] })
  assert.match(wordsOf(told), /It may do less from now on/)
  const refused = asked(await untilRefused(() => findSlots(assistant)))
  assert.deepEqual([refused.reason, refused.missing], ['step-up', ['appointments:read']])
  assert.equal(done(await look(assistant)).isError ?? false, false, 'what stayed still works')

  const list = await browser.open(`${informed.stack.issuer}/account/agents`)
  const gone = await browser.submit(list, { decision: 'withdraw' })
  assert.match(wordsOf(gone), /Its access is withdrawn.*No application acts in your name/)
  assert.equal((await untilRefused(() => look(assistant))).status, 'authorize', 'nothing is left but to ask Bob anew')

  for (const type of ['grant.narrowed', 'grant.withdrawn']) {
    const [row] = await informed.stack.store.read((db) =>
      db.selectFrom('audit_events').selectAll().where('type', '=', type).execute(),
    )
    assert.deepEqual([row?.actor_kind, row?.actor_id, row?.subject_id], ['subject', 'usr_bob', 'usr_bob'], type)
  }
})

test('the page says of each grant who has it, what it may do, and what it last did with which tool', async () => {
  const assistant = await assistantOf('bob')
  done(await look(assistant))
  await clinic.stack.store.unit((db) =>
    db
      .insertInto('decisions')
      .values(
        [1, 2].map((n) => decision({ id: `dec_${n}`, at: Date.UTC(2026, 10, 24, 14, n), item_name: 'list_pets' })),
      )
      .execute(),
  )
  const { list, page } = await openGrant('bob')
  assert.match(wordsOf(list), /Vet Assist AI Registered/)
  assert.match(wordsOf(list), /At VetAssist/)
  assert.match(wordsOf(list), /What it last did List.* Allowed 24 Nov 2026, 14:02 UTC/)
  for (const text of [/mcp:\/\/vetassist/, /Reads/, /You allowed it on/]) assert.match(wordsOf(page), text)
})

test('unticking everything withdraws', async () => {
  await assistantOf('bob')
  const { browser, page } = await openGrant('bob')
  const told = await browser.submit(page, { decision: 'narrow', scope: [] })
  assert.match(wordsOf(told), /Its access is withdrawn/)
  assert.deepEqual(await scopesOf('bob'), [])
})

test('narrowing takes away and never gives, whatever is ticked', async () => {
  await assistantOf('bob')
  const had = await scopesOf('bob')
  const { browser, page } = await openGrant('bob')
  await browser.submit(page, {
    decision: 'narrow',
    scope: [...had, 'appointments:book', 'pet-profile:write', 'openid', 'email', 'constructor'],
  })
  assert.deepEqual(await scopesOf('bob'), had)
  const { browser: other, page: again } = await openGrant('bob')
  await other.submit(again, { decision: 'narrow', scope: ['pet-profile:read', 'pet-profile:write'] })
  assert.deepEqual(await scopesOf('bob'), ['pet-profile:read'])
})

test('an answer counts for what was shown: a grant that changed meanwhile is shown once more', async () => {
  await assistantOf('bob')
  const { browser, page } = await openGrant('bob')
  const { browser: other, page: same } = await openGrant('bob')
  await other.submit(same, { decision: 'narrow', scope: ['pet-profile:read'] })
  const shown = await browser.submit(page, { decision: 'narrow', scope: ['appointments:read'] })
  assert.match(wordsOf(shown), /This was changed meanwhile/)
  assert.deepEqual(await scopesOf('bob'), ['pet-profile:read'])
})

test('a form that is sent twice does nothing the second time', async () => {
  await assistantOf('bob')
  const { browser, page } = await openGrant('bob')
  await browser.submit(page, { decision: 'withdraw' })
  const again = await browser.submit(page, { decision: 'withdraw' })
  assert.match(wordsOf(again), /Nothing has changed now/)
  await assistantOf('bob')
  await browser.submit(page, { decision: 'withdraw' })
  assert.notDeepEqual(await scopesOf('bob'), [], 'nor does it reach what was allowed anew')
})

test('a grant of somebody else is like one that never was, to look at and to end', async () => {
  await assistantOf('bob')
  const [{ id } = { id: '' }] = await grantsOf('bob')
  const { browser, page } = await visitAccount(clinic.stack, 'carol', { path: '/agents' })
  const foreign = await browser.open(`${page.url}?grant=${id}`)
  const absent = await browser.open(`${page.url}?grant=gnt_none`)
  assert.deepEqual([foreign.status, absent.status], [404, 404])
  assert.equal(withoutIds(foreign), withoutIds(absent))

  await assistantOf('carol')
  const own = await openGrant('carol')
  for (const changes of [{ of: id }, { of: id, act: 'withdraw' }]) {
    const answer = await own.browser.submit(own.page, { ...changes, decision: 'withdraw' })
    assert.equal(answer.status, 403)
  }
  assert.notDeepEqual(await scopesOf('bob'), [])
})

test('a form of one person is refused in the session of another, and in a later session of the same', async () => {
  await assistantOf('bob')
  const { page } = await openGrant('bob')
  const { browser: carol } = await visitAccount(clinic.stack, 'carol')
  const { browser: later } = await visitAccount(clinic.stack, 'bob')
  for (const browser of [carol, later, new Browser()]) {
    assert.equal((await browser.submit(page, { decision: 'withdraw' })).status, 403)
  }
  assert.notDeepEqual(await scopesOf('bob'), [])
})

test('a form from another site is refused, with everything else right', async () => {
  await assistantOf('bob')
  const { browser, page } = await openGrant('bob')
  const form = page.forms[0] as PageForm
  const body = new URLSearchParams(form.fields.map(({ name, value }) => [name, value]))
  body.set('decision', 'withdraw')
  const cookie = browser.cookies(clinic.stack.issuer)
  const origin = clinic.stack.issuer
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin, 'sec-fetch-site': 'cross-site' },
    { origin, 'sec-fetch-site': 'same-site' },
    { origin: 'null', 'sec-fetch-site': 'none' },
    {},
  ]) {
    const answer = await fetch(form.action, { method: 'POST', body, headers: { cookie, ...headers } })
    assert.equal(answer.status, 403, JSON.stringify(headers))
  }
  assert.notDeepEqual(await scopesOf('bob'), [])
})

test('nobody is told that something was withdrawn by a link that somebody made up', async () => {
  const { browser, page } = await visitAccount(clinic.stack, 'bob', { path: '/agents' })
  const made = await browser.open(`${page.url}?told=withdrawn&proof=${'A'.repeat(43)}`)
  assert.doesNotMatch(wordsOf(made), /withdrawn/)
})

test('activity has every call in my name and nobody else’s, page after page, with why it was refused', async () => {
  const calls = Array.from({ length: 60 }, (_, n) =>
    decision({
      id: `dec_${String(n).padStart(3, '0')}`,
      // Many at the same moment, where a cursor of times alone would lose some.
      at: Date.UTC(2026, 10, 24, 9) - Math.floor(n / 20) * 1000,
      item_name: n === 7 ? 'update_pet' : 'list_pets',
      ...(n === 7 ? { outcome: 'never', reasons: '["not_entitled"]', object: '{"type":"pet","id":"fido"}' } : {}),
    }),
  )
  const carols = decision({ id: 'dec_carol', item_name: 'update_pet', subject_id: people.carol })
  await clinic.stack.store.unit((db) =>
    db
      .insertInto('decisions')
      .values([...calls, carols])
      .execute(),
  )
  const { browser, page: first } = await visitAccount(clinic.stack, 'bob', { path: '/activity' })
  const refused = wordsOf(first)
  assert.match(
    refused,
    /Refused .* Tool update_pet on pet:fido Refused, and again until your roles change. Your role does not/,
  )
  let page = first
  let seen = 0
  for (;;) {
    seen += page.text.match(/<p class="line">/g)?.length ?? 0
    assert.doesNotMatch(page.text, /dec_carol/)
    const older = /href="([^"]*cursor=[^"]*)"/.exec(page.text)?.[1]
    if (older === undefined) break
    page = await browser.open(older)
  }
  assert.equal(seen, 60)

  const carol = await visitAccount(clinic.stack, 'carol', { path: '/activity' })
  const foreign = await carol.browser.open(/href="([^"]*cursor=[^"]*)"/.exec(first.text)?.[1] ?? '')
  assert.doesNotMatch(foreign.text, /list_pets/, 'a cursor of Bob shows Carol nothing of his')
  for (const cursor of ['x', 'W10', 'bnVsbA', 'A'.repeat(3000), '%00'])
    assert.equal((await browser.open(`${clinic.stack.issuer}/account/activity?cursor=${cursor}`)).status, 400, cursor)
})

const decision = (changes: object) => ({
  tenant: 'default',
  server_id: 'vetassist',
  id: 'dec_x',
  item_type: 'tool' as const,
  item_name: 'list_pets',
  at: Date.UTC(2026, 10, 24, 9),
  received_at: Date.UTC(2026, 10, 24, 9),
  outcome: 'allow',
  reasons: '["allowed"]',
  action: 'tools/call',
  subject_id: people.bob as string,
  client_id: 'vet-assist-ai',
  family_id: null,
  token_id: 'jti',
  object: null as string | null,
  scopes: null,
  arguments_hmac: null,
  claimed: null,
  guard_id: 'guard',
  ...changes,
})

const withoutIds = ({ text }: Page): string => text.replaceAll(/req_[\w-]+/g, '')
