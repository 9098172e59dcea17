// Profile, password, sessions, export and deletion: what people change about themselves, and what nobody else can with their forms.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createCheckpointSigner, exportAudit, verifyAudit } from '@permitry/server'
import { Browser, passwordOf, requestToken, signIn, startStack, type Stack } from '@permitry/testkit'
import { tokensOf } from './openid.ts'
import { formWith, visitAccount, wordsOf } from './visitor.ts'

const NEW = 'a better password'

let now = Date.parse('2026-11-24T09:00:00Z')
let stack: Stack
before(async () => {
  stack = await startStack({ now: () => now, tenants: ['other'] })
  // Bob and Carol are declared by the example's file; Dana is somebody whom an administrator added.
  await stack.store.unit((db) => db.deleteFrom('declared').where('id', 'in', ['usr_dana', 'usr_carol']).execute())
})
after(() => stack.close())

const isSignedIn = async (browser: Browser): Promise<boolean> =>
  (await browser.open(`${stack.issuer}/account`)).url === `${stack.issuer}/account`

const refreshes = async (refresh: string): Promise<number> =>
  (
    await requestToken(stack.issuer, {
      grant_type: 'refresh_token',
      client_id: 'vet-assist-dev',
      refresh_token: refresh,
    })
  ).status

const lastAudit = (type: string) =>
  stack.store.read((db) =>
    db.selectFrom('audit_events').selectAll().where('type', '=', type).orderBy('seq', 'desc').executeTakeFirst(),
  )

test('a new password keeps this session, ends every other one and what was connected there, and leaves the consents', async () => {
  const elsewhere = new Browser()
  const there = await tokensOf(stack, 'bob', { browser: elsewhere, scope: 'openid' })
  const { browser, page } = await visitAccount(stack, 'bob', { path: '/password' })
  const here = await tokensOf(stack, 'bob', { browser, scope: 'openid' })

  const told = await browser.submit(page, { current: passwordOf('bob'), password: NEW, again: NEW })
  assert.match(wordsOf(told), /Your password is changed. You stay signed in here/)
  assert.deepEqual([await isSignedIn(browser), await isSignedIn(elsewhere)], [true, false])
  assert.deepEqual([await refreshes(here.refresh), await refreshes(there.refresh)], [200, 400])
  assert.match(wordsOf(await browser.open(`${stack.issuer}/account/agents`)), /Vet Assist/)
  const event = await lastAudit('password.changed')
  assert.deepEqual([event?.actor_kind, event?.actor_id, event?.subject_id], ['subject', 'usr_bob', 'usr_bob'])

  const back = new Browser()
  const form = await back.open(`${stack.issuer}/account`)
  const old = await signIn(back, form, 'bob')
  assert.match(wordsOf(old), /not right/)
  assert.match((await back.submit(old, { username: 'bob', password: NEW })).url, /\/account$/)

  const again = await browser.submit(page, { current: passwordOf('bob'), password: NEW, again: NEW })
  assert.match(wordsOf(again), /present password is not right/, 'the form of before does nothing a second time')
  await browser.submit(page, { current: NEW, password: passwordOf('bob'), again: passwordOf('bob') })
})

test('without the present password nothing changes, and guessing it is slowed down as at a login', async () => {
  const { browser, page } = await visitAccount(stack, 'bob', { path: '/password' })
  const change = (current: string, password = NEW, again = password) =>
    browser.submit(page, { current, password, again })
  assert.match(wordsOf(await change(passwordOf('bob'), 'short')), /shorter than 8/)
  assert.match(wordsOf(await change(passwordOf('bob'), NEW, `${NEW}!`)), /twice alike/)
  assert.match(wordsOf(await change(passwordOf('bob'), 'x'.repeat(1025))), /longer than 1024/)
  for (let tries = 0; tries < 10; tries++) assert.match(wordsOf(await change('wrong')), /present password is not right/)
  const waiting = await change(passwordOf('bob'))
  assert.equal(waiting.status, 429)
  assert.match(waiting.headers.get('retry-after') ?? '', /^\d+$/)
  assert.doesNotMatch(waiting.text, /better/, 'what was typed is not sent back')
  assert.equal((await lastAudit('login.refused'))?.subject_id, 'usr_bob')
  now += 3_600_000
  await visitAccount(stack, 'bob')
})

test('sessions are listed with this one marked, one is ended, then all others', async () => {
  const [first, second, third] = [new Browser(), new Browser(), new Browser()]
  const tokens = await tokensOf(stack, 'carol', { browser: first, scope: 'openid' })
  now += 1000
  await visitAccount(stack, 'carol', { browser: second })
  now += 1000
  const { page } = await visitAccount(stack, 'carol', { browser: third, path: '/sessions' })
  assert.equal(page.text.match(/This browser/g)?.length, 1)
  assert.match(wordsOf(page), /Connected from it: Vet Assist/)
  const ends = page.forms.filter(({ fields }) => fields.some(({ name, value }) => name === 'act' && value === 'end'))
  assert.equal(ends.length, 2, 'this session has no such button')
  const told = await third.submit(page, {}, ends[1])
  assert.match(wordsOf(told), /That session has ended, and so has what was connected from it/)
  assert.deepEqual(await Promise.all([first, second, third].map(isSignedIn)), [false, true, true])
  assert.equal(await refreshes(tokens.refresh), 400)

  const all = await third.submit(told, {}, formWith(told, 'act', 'end others'))
  assert.match(wordsOf(all), /signed out everywhere but here/)
  assert.deepEqual([await isSignedIn(second), await isSignedIn(third)], [false, true])
})

test('a session of somebody else is not ended, whatever the form says', async () => {
  const { browser: carol } = await visitAccount(stack, 'carol')
  const [{ id } = { id: '' }] = await stack.store.read((db) =>
    db
      .selectFrom('sessions')
      .select('id')
      .where('subject_id', '=', 'usr_carol')
      .where('ended_at', 'is', null)
      .execute(),
  )
  await visitAccount(stack, 'bob')
  const { browser, page } = await visitAccount(stack, 'bob', { path: '/sessions' })
  const form = formWith(page, 'act', 'end')
  assert.equal((await browser.submit(page, { of: id }, form)).status, 403)
  assert.equal(await isSignedIn(carol), true)
})

test('a person changes the own name and nothing else, and what a file declares is the administrator’s', async () => {
  const { browser, page } = await visitAccount(stack, 'dana', { path: '/profile' })
  const told = await browser.submit(page, {
    name: '  Dana\tO’Neill ',
    email: 'admin@example.com',
    username: 'admin',
    roles: 'permitry-owner',
    id: 'usr_bob',
  })
  assert.match(wordsOf(told), /Your name is changed/)
  const row = await stack.store.read((db) =>
    db
      .selectFrom('subjects')
      .select(['name', 'username', 'email'])
      .where('tenant', '=', 'default')
      .where('id', '=', 'usr_dana')
      .executeTakeFirst(),
  )
  assert.deepEqual([row?.name, row?.username], ['Dana O’Neill', 'dana'])
  assert.notEqual(row?.email, 'admin@example.com')
  for (const name of [' ', '‮', 'x'.repeat(101)])
    assert.match(wordsOf(await browser.submit(page, { name })), /Your name was not changed/)

  const bob = await visitAccount(stack, 'bob', { path: '/profile' })
  assert.equal(bob.page.forms.length, 0)
  assert.match(wordsOf(bob.page), /The administrator keeps this in a configuration file/)
  const forged = await bob.browser.submit(page, { name: 'Somebody else' })
  assert.equal(forged.status, 403)
})

test('a form of one tenant is refused in another, where somebody of the same name is signed in', async () => {
  const { page } = await visitAccount(stack, 'bob', { path: '/sessions' })
  const there = { issuer: `${stack.issuer}/t/other` }
  const { browser, page: own } = await visitAccount(there, 'bob', { path: '/sessions' })
  assert.equal(own.url, `${there.issuer}/account/sessions`)
  const moved = { ...page, url: own.url }
  const form = formWith(page, 'act', 'end')
  const answer = await browser.submit(moved, {}, { ...form, action: `${there.issuer}/account/sessions` })
  assert.equal(answer.status, 403)
})

test('the export is one JSON file with all that is stored about the person, and with no secret or hash', async () => {
  const { browser, page } = await visitAccount(stack, 'bob', { path: '/data' })
  await tokensOf(stack, 'bob', { browser, scope: 'openid' })
  const file = await browser.submit(page, {})
  assert.match(file.headers.get('content-disposition') ?? '', /attachment; filename="permitry-account.json"/)
  assert.equal(file.headers.get('cache-control'), 'no-store')
  const data = JSON.parse(file.text) as Record<string, unknown[]> & { person: Record<string, unknown> }
  assert.deepEqual([data.person['id'], data.person['username'], data.person['has_password']], ['usr_bob', 'bob', true])
  assert.deepEqual(data.person['all_roles'], ['pet-owner'])
  for (const part of ['sessions', 'known_browsers', 'grants', 'authorizations', 'audit'])
    assert.ok((data[part]?.length ?? 0) > 0, part)
  assert.match(JSON.stringify(data['audit']), /"personal":\{"username":"bob"/)
  assert.doesNotMatch(file.text, /argon2|secret_hash|usr_carol|usr_dana/)
  const stored = await stack.store.read(async (db) => [
    ...(await db.selectFrom('sessions').select('secret_hash as hash').execute()),
    ...(await db.selectFrom('refresh_tokens').select('hash').execute()),
    ...(await db.selectFrom('known_devices').select('device_hash as hash').execute()),
    ...(await db.selectFrom('audit_events').select('hash').execute()),
    ...(await db.selectFrom('audit_persons').select('salt as hash').execute()),
  ])
  assert.ok(stored.length > 10)
  assert.deepEqual(
    stored.filter(({ hash }) => file.text.includes(hash)),
    [],
  )
})

test('an account is deleted by name and password: nothing of it works any more, and the audit still verifies', async () => {
  const { browser, page } = await visitAccount(stack, 'carol', { path: '/delete' })
  const tokens = await tokensOf(stack, 'carol', { browser, scope: 'openid' })
  const submit = (username: string, current: string) => browser.submit(page, { username, current })
  assert.match(wordsOf(await submit('bob', passwordOf('carol'))), /Write your own user name/)
  assert.match(wordsOf(await submit('carol', passwordOf('bob'))), /The password is not right/)
  assert.equal(await isSignedIn(browser), true)

  const gone = await submit('Carol', passwordOf('carol'))
  assert.match(wordsOf(gone), /Your account is deleted/)
  assert.equal(await isSignedIn(browser), false)
  assert.equal(await refreshes(tokens.refresh), 400)
  const form = await browser.open(`${stack.issuer}/account`)
  assert.match(wordsOf(await signIn(browser, form, 'carol')), /not right/)
  const event = await lastAudit('subject.erased')
  assert.deepEqual([event?.actor_kind, event?.actor_id, event?.subject_id], ['subject', 'usr_carol', 'usr_carol'])
  const kept = await stack.store.read((db) =>
    db.selectFrom('audit_persons').selectAll().where('tenant', '=', 'default').where('id', '=', 'usr_carol').execute(),
  )
  assert.deepEqual(kept, [])
  const signer = createCheckpointSigner(new Uint8Array(32).fill(7), 'default')
  const lines: string[] = []
  for await (const line of exportAudit(stack.store, signer, now)) lines.push(line)
  assert.ok(lines.length > 20)
  assert.deepEqual((await verifyAudit({ lines, publicKey: signer.publicKey, store: stack.store })).findings, [])
})

test('the last owner cannot delete the own account', async () => {
  const { browser, page } = await visitAccount(stack, 'admin', { path: '/delete' })
  const kept = await browser.submit(page, { username: 'admin', current: passwordOf('admin') })
  assert.match(wordsOf(kept), /Your account was not deleted Nobody else could run this place without you/)
  assert.equal(await isSignedIn(browser), true)
})
