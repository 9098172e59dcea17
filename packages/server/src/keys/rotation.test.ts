import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test, type TestContext } from 'node:test'
import { auditOf, openTestOperator, read, revocationsOf } from '../commands/testing.ts'
import type { Operator } from '../commands/run.ts'
import { openStore } from '../store/open-store.ts'
import { forgetExpired } from '../store/forget-expired.ts'
import { atTheEnd, describeOnEachDatabase, emptySqlite, type EmptyDatabase } from '../store/testing/databases.ts'
import { KEY_KINDS, PUBLISHED_AFTER_MS, PUBLISHED_BEFORE_MS } from './key-life.ts'
import { envelopeKey, WrongMasterKey } from './key-pair.ts'
import { listKeys, revokeSigningKey, rotateKeys } from './rotation.ts'

const DAY = 24 * 3_600_000
const NEVER = Infinity
const envelope = envelopeKey(randomBytes(32))

interface Clinic {
  readonly operator: Operator
  /** Lets time pass. */
  readonly pass: (ms: number) => void
  /** State of each key of the kind that signs access tokens, the oldest first. */
  readonly states: () => Promise<string[]>
  /** The access key that signs now. */
  readonly signing: () => Promise<string>
}

async function openClinic(t: TestContext, emptyDatabase: EmptyDatabase = emptySqlite): Promise<Clinic> {
  let ahead = 0
  const tested = await openTestOperator(t, emptyDatabase)
  const operator = { ...tested, now: () => tested.now() + ahead }
  await rotateKeys(operator, envelope, NEVER)
  const accessKeys = async () => (await listKeys(operator)).filter(({ purpose }) => purpose === 'access')
  return {
    operator,
    pass: (ms) => void (ahead += ms),
    states: async () => (await accessKeys()).map(({ state }) => state),
    signing: async () => {
      const key = await read(operator, (t) => t.signingKeys.current('access', 'ES256', operator.now()))
      return key?.kid ?? ''
    },
  }
}

describe('signing keys that rotate by age', () => {
  test('the next key is published an hour before it takes over, and takes over when the one before is as old as configured', async (t) => {
    const { operator, pass, states, signing } = await openClinic(t)
    const first = await signing()
    pass(90 * DAY - PUBLISHED_BEFORE_MS - 1)
    assert.equal(await rotateKeys(operator, envelope, 90 * DAY), 'unchanged')
    pass(1)
    assert.equal(await rotateKeys(operator, envelope, 90 * DAY), 'changed')
    assert.deepEqual([await states(), await signing()], [['signing', 'next'], first])
    assert.equal(await rotateKeys(operator, envelope, 90 * DAY), 'unchanged')
    pass(PUBLISHED_BEFORE_MS - 1)
    assert.equal(await signing(), first)
    pass(1)
    assert.deepEqual(await states(), ['retired', 'signing'])
    assert.notEqual(await signing(), first)
  })

  test('a server that was switched off for months still publishes the next key first', async (t) => {
    const { operator, pass, states } = await openClinic(t)
    pass(500 * DAY)
    await rotateKeys(operator, envelope, 90 * DAY)
    assert.deepEqual(await states(), ['signing', 'next'])
  })

  test('a private half is destroyed when its last token has expired, the public half stays for hints and then goes too', async (t) => {
    const { operator, pass, states } = await openClinic(t)
    await rotateKeys(operator, envelope, 0)
    const privateHalves = async () =>
      (await read(operator, (t) => t.signingKeys.all())).filter(({ private_sealed }) => private_sealed !== '').length
    pass(PUBLISHED_BEFORE_MS + PUBLISHED_AFTER_MS - 1)
    await rotateKeys(operator, envelope, NEVER)
    assert.equal(await privateHalves(), 2 * KEY_KINDS.length)
    pass(1)
    await rotateKeys(operator, envelope, NEVER)
    assert.equal(await privateHalves(), KEY_KINDS.length)
    pass(90 * DAY - PUBLISHED_AFTER_MS)
    await forgetExpired(operator.store, operator.tenant, operator.now())
    assert.deepEqual(await states(), ['retired', 'signing'])
    pass(1)
    await forgetExpired(operator.store, operator.tenant, operator.now())
    assert.deepEqual(await states(), ['signing'])
  })

  test('another master key than the one that sealed the keys makes none', async (t) => {
    const { operator, states } = await openClinic(t)
    const other = envelopeKey(randomBytes(32))
    await assert.rejects(rotateKeys(operator, other, 0), WrongMasterKey)
    await assert.rejects(revokeSigningKey(operator, other, 'any'), WrongMasterKey)
    assert.deepEqual(await states(), ['signing'])
  })
})

describeOnEachDatabase('signing keys of processes that share a database', (emptyDatabase) => {
  test('when several rotate at once there is one new key of each kind', async (t) => {
    const { operator } = await openClinic(t, emptyDatabase)
    await Promise.all([1, 2, 3].map(() => rotateKeys(operator, envelope, 0)))
    const next = (await listKeys(operator)).filter(({ state }) => state === 'next')
    assert.deepEqual(
      next.map(({ purpose, alg }) => `${purpose} ${alg}`).toSorted(),
      KEY_KINDS.map(({ purpose, alg }) => `${purpose} ${alg}`).toSorted(),
    )
  })

  test('when several start at once on an empty database there is one key of each kind', async (t) => {
    let url = ''
    const tested = await openTestOperator(t, async (context) => (url = await emptyDatabase(context)))
    const store = await openStore({ url })
    atTheEnd(t, () => store.close())
    await Promise.all([tested, { ...tested, store }].map((operator) => rotateKeys(operator, envelope, NEVER)))
    assert.equal((await listKeys(tested)).length, KEY_KINDS.length)
  })
})

describe('a signing key that is revoked', () => {
  test('signs no more, another one signs at once, and everybody’s tokens are refused from then on', async (t) => {
    const { operator, pass, signing, states } = await openClinic(t)
    const stolen = await signing()
    pass(1000)
    const epoch = async () => (await read(operator, (t) => t.tenants.current()))?.epoch ?? 0
    const before = await epoch()
    assert.deepEqual(await revokeSigningKey(operator, envelope, stolen), { ok: true, value: 'changed' })
    assert.deepEqual(await states(), ['revoked', 'signing'])
    assert.notEqual(await signing(), stolen)
    assert.equal(await epoch(), before + 1)
    assert.deepEqual(await revocationsOf(operator), [{ epoch: before + 1, of: null }])
    const anybody = { subjectId: 'anybody', clientId: 'any', familyId: undefined }
    assert.equal(await read(operator, (t) => t.revocations.revokedBelow(anybody)), before + 1)
    const [created, revoked] = (await auditOf(operator)).slice(-2)
    assert.deepEqual([created?.type, revoked?.type], ['key.created', 'key.revoked'])
    assert.deepEqual(revoked?.detail, { kid: stolen, purpose: 'access', alg: 'ES256', state: 'signing' })
    const row = (await read(operator, (t) => t.signingKeys.all())).find(({ kid }) => kid === stolen)
    assert.equal(row?.private_sealed, '')
    assert.deepEqual(await revokeSigningKey(operator, envelope, stolen), { ok: true, value: 'unchanged' })
  })

  test('while the next one waits: a third key signs until the next one’s time', async (t) => {
    const { operator, pass, signing, states } = await openClinic(t)
    await rotateKeys(operator, envelope, 0)
    const waiting = (await listKeys(operator)).find(({ state, purpose }) => state === 'next' && purpose === 'access')
    pass(1000)
    await revokeSigningKey(operator, envelope, await signing())
    assert.deepEqual((await states()).toSorted(), ['next', 'revoked', 'signing'])
    assert.notEqual(await signing(), waiting?.kid)
    pass(PUBLISHED_BEFORE_MS)
    assert.equal(await signing(), waiting?.kid)
    assert.deepEqual((await states()).toSorted(), ['retired', 'revoked', 'signing'])
  })

  test('before its time: the one that signs goes on', async (t) => {
    const { operator, pass, signing, states } = await openClinic(t)
    const first = await signing()
    await rotateKeys(operator, envelope, 0)
    const waiting = (await listKeys(operator)).find(({ state, purpose }) => state === 'next' && purpose === 'access')
    await revokeSigningKey(operator, envelope, waiting?.kid ?? '')
    pass(2 * PUBLISHED_BEFORE_MS)
    assert.deepEqual([await signing(), await states()], [first, ['signing', 'revoked']])
    assert.equal(await rotateKeys(operator, envelope, 0), 'changed')
  })

  test('that nobody has: says so', async (t) => {
    const { operator } = await openClinic(t)
    const unknown = { ok: false, error: { reason: 'unknown', kind: 'signing key', id: 'nobody’s' } }
    assert.deepEqual(await revokeSigningKey(operator, envelope, 'nobody’s'), unknown)
  })
})
