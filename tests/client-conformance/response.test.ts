// CL-5 to CL-7, CL-12, CL-13: what comes back from the authorization server, and what only looks like it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient, type Finished } from '@permitry/client'
import { asked, authorizationRequest, bob, BROWSER, withCode } from './steps.ts'
import { REDIRECT_URI, World } from './world.ts'

/** Walks a login whose response was changed on its way. */
async function finishWith(
  world: World,
  change: (params: URLSearchParams) => void,
  answer: 'consent' | 'refuse' = 'consent',
): Promise<Finished> {
  const client = world.app()
  const { url } = asked(await client.connect(bob))
  world.as.faults.response = change
  return client.finish(world.as[answer](url), BROWSER)
}

const reasonOf = (finished: Finished): string => (finished.status === 'authorized' ? 'authorized' : finished.reason)
const promised = (value: unknown) => (world: World) =>
  void (world.as.faults.metadata = (document) => ({
    ...document,
    authorization_response_iss_parameter_supported: value,
  }))

test('CL-5: a response is held against what was recorded before the redirect, whatever the server says by then', async () => {
  const world = new World()
  const client = world.app()
  const as = world.as
  const { url } = asked(await client.connect(bob))
  const callback = as.consent(url)
  world.settings.issuer = world.addAuthorizationServer('https://evil.example').issuer
  as.faults.metadata = (document) => ({ ...document, token_endpoint: 'https://evil.example/token' })
  const before = world.seen.length
  assert.equal(reasonOf(await client.finish(callback, BROWSER)), 'authorized')
  assert.deepEqual(
    world.seen.slice(before).map((seen) => seen.url.href),
    ['https://as.example/token'],
  )
})

// RFC 9207 §2.4 and the table of MCP Authorization, Authorization Response Validation
for (const [what, settings, iss, expected] of [
  ['promised and right', promised(true), 'https://as.example', 'authorized'],
  ['promised and wrong', promised(true), 'https://evil.example', 'issuer_mismatch'],
  ['promised and missing', promised(true), undefined, 'issuer_mismatch'],
  ['not promised and right', promised(undefined), 'https://as.example', 'authorized'],
  ['not promised and wrong', promised(false), 'https://evil.example', 'issuer_mismatch'],
  ['not promised and missing', promised('true'), undefined, 'authorized'],
] as const) {
  test(`CL-6: a response whose iss was ${what} is ${expected === 'authorized' ? 'taken' : 'refused before the code goes anywhere'}`, async () => {
    const world = new World()
    settings(world)
    const finished = await finishWith(world, (params) =>
      iss === undefined ? params.delete('iss') : params.set('iss', iss),
    )
    assert.equal(reasonOf(finished), expected)
    assert.equal(world.to('/token').length, expected === 'authorized' ? 1 : 0)
  })
}

test('CL-6: an error of another issuer is not believed, and none of its text is given on', async () => {
  const world = new World()
  const change = (params: URLSearchParams) => {
    params.set('iss', 'https://evil.example')
    params.set('error_description', 'call this number')
    params.set('error_uri', 'https://evil.example/help')
  }
  const finished = await finishWith(world, change, 'refuse')
  assert.equal(reasonOf(finished), 'issuer_mismatch')
  assert.doesNotMatch(JSON.stringify(finished), /access_denied|number|evil/)
})

test('CL-6: an error of the right issuer is told, by its code only', async () => {
  const world = new World()
  const finished = await finishWith(world, (params) => params.set('error_description', 'call this number'), 'refuse')
  assert.equal(reasonOf(finished), 'access_denied')
  assert.doesNotMatch(JSON.stringify(finished), /number/)
})

for (const iss of ['https://as.example/', 'https://AS.example', 'https://as.example:443', 'HTTPS://as.example']) {
  test(`CL-7: ${iss} is not https://as.example`, async () => {
    assert.equal(reasonOf(await finishWith(new World(), (params) => params.set('iss', iss))), 'issuer_mismatch')
  })
}

test('CL-12: each authorization has a state of its own, that nobody can guess', async () => {
  const world = new World()
  const client = world.app()
  const states = await Promise.all([1, 2, 3].map(async () => (await authorizationRequest(client)).get('state') ?? ''))
  assert.equal(new Set(states).size, 3)
  for (const state of states) assert.match(state, /^[\w-]{43}$/)
})

test('CL-12: a response with another state, without one, or with one that was used is refused', async () => {
  for (const [change, expected] of [
    [(params: URLSearchParams) => params.set('state', 'guessed'), 'unknown_state'],
    [(params: URLSearchParams) => params.delete('state'), 'malformed'],
    [(params: URLSearchParams) => params.append('state', 'second'), 'malformed'],
  ] as const)
    assert.equal(reasonOf(await finishWith(new World(), change)), expected)
  const world = new World()
  const client = world.app()
  const callback = world.as.consent(asked(await client.connect(bob)).url)
  assert.equal(reasonOf(await client.finish(callback, BROWSER)), 'authorized')
  assert.equal(reasonOf(await client.finish(callback, BROWSER)), 'unknown_state')
})

test('CL-12: nothing that a browser can send makes it throw', async () => {
  const client = new World().app()
  for (const callback of ['', '?', '//', '//[', '/callback?state=%ff&code=%', 'https://[/?state=a?b#c', '*'])
    assert.match(reasonOf(await client.finish(callback, BROWSER)), /^(malformed|unknown_state)$/, callback)
})

test('CL-12: of responses that come at the same moment one is taken, and the code is sent once', async () => {
  const world = new World()
  const client = world.app()
  const callback = world.as.consent(asked(await client.connect(bob)).url)
  const finished = await Promise.all([1, 2, 3].map(() => client.finish(callback, BROWSER)))
  assert.deepEqual(finished.map(reasonOf).toSorted(), ['authorized', 'unknown_state', 'unknown_state'])
  assert.equal(world.to('/token').length, 1)
})

test('CL-12: a state belongs to one browser, and ends after half an hour', async () => {
  let now = Date.now()
  const world = new World()
  const client = world.app({ now: () => now })
  const callback = world.as.consent(asked(await client.connect(bob)).url)
  assert.equal(reasonOf(await client.finish(callback, 'another browser')), 'other_browser')
  now += 30 * 60_000
  assert.equal(reasonOf(await client.finish(callback, BROWSER)), 'expired')
  assert.deepEqual(world.to('/token'), [])
})

test('CL-13: the registered redirect URI is sent, and sent again with the code', async () => {
  const world = new World()
  const client = world.app()
  const { url } = asked(await client.connect(bob))
  await client.finish(world.as.consent(url), BROWSER)
  assert.equal(new URL(url).searchParams.get('redirect_uri'), REDIRECT_URI)
  assert.equal(world.to('/token')[0]?.form.get('redirect_uri'), REDIRECT_URI)
  assert.deepEqual(world.as.registered[0]?.['redirect_uris'], [REDIRECT_URI])
})

test('CL-13: an app whose redirect URI is neither https nor loopback does not start', () => {
  const { network } = new World()
  for (const redirectUri of ['http://app.example/callback', 'app:/callback', '/callback', 'https://app.example/#x'])
    assert.throws(() => createClient({ name: 'app', redirectUri, network }), withCode('invalid_options'), redirectUri)
})
