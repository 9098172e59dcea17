// Strangers send as much as they like: it costs them nothing, so little of it may stay, and nobody else may be hidden by it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startStack, type Stack, VET_ASSIST } from '@permitry/testkit'

let now = Date.parse('2026-11-24T09:00:00Z')
let stack: Stack
before(async () => (stack = await startStack({ now: () => now, trustedProxies: ['127.0.0.1'] })))
after(() => stack.close())

const badCode = (client_id: string): Promise<Response> =>
  fetch(`${stack.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({ client_id, grant_type: 'authorization_code', code: 'made-up' }),
  })

const ask = (changes: Record<string, string> = {}, address = '203.0.113.1'): Promise<Response> =>
  fetch(
    `${stack.issuer}/authorize?${new URLSearchParams({
      response_type: 'code',
      client_id: 'vet-assist-ai',
      redirect_uri: 'http://localhost:9402/callback',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      resource: VET_ASSIST,
      ...changes,
    }).toString()}`,
    { redirect: 'manual', headers: { 'x-forwarded-for': address } },
  )

async function refusals(type: string): Promise<{ client: string | null; times: unknown }[]> {
  const rows = await stack.store.read((db) =>
    db.selectFrom('audit_events').select(['client_id', 'detail']).where('type', '=', type).orderBy('seq').execute(),
  )
  return rows.map(({ client_id, detail }) => ({
    client: client_id,
    times: (JSON.parse(detail) as Record<string, unknown>)['times_this_hour'],
  }))
}

/** Sends it that often, a few at a time. */
async function flood(times: number, send: () => Promise<Response>): Promise<void> {
  for (let left = times; left > 0; left -= 20) {
    await Promise.all(Array.from({ length: Math.min(20, left) }, async () => (await send()).text()))
  }
}

test('a flood of bad token requests leaves a hundred rows and then how many there were', async () => {
  await flood(140, () => badCode('vet-assist-dev'))
  await flood(140, () => badCode('nobody'))
  const rows = await refusals('token.refused')
  assert.deepEqual(
    rows.filter(({ times }) => times !== undefined).map(({ client, times }) => [client, times]),
    [
      ['vet-assist-dev', 128],
      [null, 128],
    ],
  )
  assert.equal(rows.length, 101 + 101)
})

test('an hour later refusals are told one by one again', async () => {
  now += 3_600_000
  await flood(2, () => badCode('vet-assist-dev'))
  assert.deepEqual(
    (await refusals('token.refused')).slice(-2),
    Array.from({ length: 2 }, () => ({ client: 'vet-assist-dev', times: undefined })),
  )
})

test('a flood of bad authorization requests leaves as few, and what another client did wrong stands beside them', async () => {
  await flood(140, () => ask({ scope: 'made-up' }))
  await ask({ scope: 'made-up', client_id: 'vet-assist-dev', redirect_uri: 'http://127.0.0.1:5555/callback' })
  const rows = await refusals('authorization.refused')
  assert.equal(rows.length, 102)
  assert.equal(rows.at(-1)?.client, 'vet-assist-dev')
})

test('one address cannot fill the store with requests, and the people elsewhere go on', async () => {
  const stored = async (): Promise<number> =>
    (await stack.store.read((db) => db.selectFrom('authorization_requests').select('id').execute())).length
  assert.equal((await ask()).status, 303)
  // The other 999 in short.
  await stack.store.unit((db) =>
    db
      .updateTable('rate_counts')
      .set({ count: 1_000 })
      .where('count', '=', 1)
      .where('window_start', '=', now)
      .execute(),
  )
  const before = await stored()
  const refused = await ask()
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '600'])
  assert.match(await refused.text(), /Too many attempts/)
  assert.equal(await stored(), before)
  assert.equal((await ask({}, '203.0.113.2')).status, 303)
  now += 10 * 60_000
  assert.equal((await ask()).status, 303)
})

test('a request for the store of ten minutes is no longer than an address can be, by GET or POST', async () => {
  const body = (state: number): string =>
    new URL(
      'http://x/?' + new URLSearchParams({ client_id: 'vet-assist-ai', state: 's'.repeat(state) }).toString(),
    ).search.slice(1)
  for (const length of [8_193, 60_000]) {
    const answer = await fetch(`${stack.issuer}/authorize`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body(length),
      redirect: 'manual',
    })
    assert.equal(answer.status, 400)
    assert.match(await answer.text(), /This request cannot be read/)
  }
})
