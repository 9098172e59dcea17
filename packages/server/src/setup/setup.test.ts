import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { sha256 } from '../keys/secrets.ts'
import { makeSetupLink, offerSetupLink } from '../commands/setup.ts'
import type { Operator } from '../commands/run.ts'
import { verifyPassword } from '../login/password.ts'
import { createAuthorizationServer } from '../server.ts'
import { inTenant } from '../store/in-tenant.ts'
import { emptySqlite } from '../store/testing/databases.ts'
import { openTestStore } from '../store/testing/stores.ts'

const ISSUER = 'http://localhost:9400'
const HOUR = 3_600_000

async function open(t: TestContext) {
  let now = 1_800_000_000_000
  const store = await openTestStore(t, emptySqlite, ['default', 'other'])
  const server = await createAuthorizationServer({ store, issuer: ISSUER, masterKey: Buffer.alloc(32), now: () => now })
  const operator: Operator = { store, tenant: 'default', actor: { kind: 'cli', id: 'test' }, now: () => now }
  const link = async () => {
    const made = await makeSetupLink(operator, ISSUER)
    return made.ok ? made.value : assert.fail(made.error.reason)
  }
  const post = async (url: string, typed: Record<string, string> = {}, base = ISSUER) =>
    server.fetch(
      new Request(`${base}/setup`, {
        method: 'POST',
        headers: { origin: ISSUER },
        body: new URLSearchParams({
          token: new URL(url).searchParams.get('token') ?? '',
          username: 'olga',
          name: 'Olga Owner',
          password: 'a good password',
          again: 'a good password',
          ...typed,
        }),
      }),
    )
  const people = () => store.read((db) => inTenant(db, 'default').subjectDefinitions.all())
  return { store, server, operator, link, post, people, pass: (ms: number) => (now += ms) }
}

test('a setup link makes one person with the role of an owner and the password, and nothing else', async (t) => {
  const { store, server, link, post, people } = await open(t)
  const url = await link()
  const shown = await server.fetch(new Request(url))
  assert.equal(shown.status, 200)
  assert.match(await shown.text(), /Make the first owner/)
  assert.equal((await post(url)).status, 200)
  const [owner, ...others] = await people()
  assert.deepEqual(others, [])
  assert.deepEqual([owner?.username, owner?.roles, owner?.groups], ['olga', ['permitry-owner'], []])
  const stored = await store.read((db) => inTenant(db, 'default').subjects.find(owner?.id ?? ''))
  assert.equal(await verifyPassword('a good password', stored?.password_hash ?? null), 'match')
  assert.equal((await server.fetch(new Request(url))).status, 403)
  assert.equal((await post(url, { username: 'eve' })).status, 403)
})

test('of two who send the form at once, with one link or with two, one makes the owner', async (t) => {
  for (const links of [1, 2]) {
    const { link, post, people } = await open(t)
    const first = await link()
    const second = links === 1 ? first : await link()
    const answers = await Promise.all([post(first), post(second, { username: 'eve' })])
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 403],
    )
    assert.equal((await people()).length, 1)
  }
})

test('a link counts for an hour, in its tenant, and only while there is no owner', async (t) => {
  const { operator, link, post, people, pass } = await open(t)
  const old = await link()
  assert.equal((await post(old, {}, `${ISSUER}/t/other`)).status, 403)
  pass(HOUR)
  assert.equal((await post(old)).status, 403)
  assert.deepEqual(await people(), [])
  const unused = await link()
  assert.equal((await post(await link())).status, 200)
  assert.equal((await post(unused, { username: 'eve' })).status, 403)
  assert.deepEqual(await makeSetupLink(operator, ISSUER), { ok: false, error: { reason: 'has_owner' } })
  assert.equal(await offerSetupLink(operator, ISSUER), undefined)
})

test('what is typed wrong spends no link', async (t) => {
  const { link, post, people } = await open(t)
  const url = await link()
  for (const typed of [{ password: 'short', again: 'short' }, { again: 'another' }, { username: ' ' }, { name: '' }])
    assert.match(await (await post(url, typed)).text(), /role="alert"/)
  assert.deepEqual(await people(), [])
  assert.equal((await post(url)).status, 200)
})

test('of a link only the hash is kept, and another site cannot send the form', async (t) => {
  const { store, server, link } = await open(t)
  const url = await link()
  const token = new URL(url).searchParams.get('token') ?? ''
  const rows = await store.read((db) => db.selectFrom('setup_links').select('hash').execute())
  assert.deepEqual(rows, [{ hash: sha256(token) }])
  const forged = new Request(`${ISSUER}/setup`, {
    method: 'POST',
    headers: { origin: 'https://evil.example' },
    body: new URLSearchParams({ token, username: 'e', name: 'E', password: '12345678', again: '12345678' }),
  })
  assert.equal((await server.fetch(forged)).status, 403)
})

test('the authority to set up is nobody’s who came over the network', async (t) => {
  const { operator } = await open(t)
  const actors: Operator['actor'][] = [
    { kind: 'subject', id: 'usr_x', scopes: ['system:write'] },
    { kind: 'client', id: 'app' },
  ]
  for (const actor of actors) {
    const made = await makeSetupLink({ ...operator, actor }, ISSUER)
    assert.equal(!made.ok && made.error.reason, 'forbidden')
  }
})
