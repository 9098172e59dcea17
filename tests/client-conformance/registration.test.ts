// CL-14 to CL-19: which client the app is, and at whom.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asked, authorizationRequest, bob, connect, done, withCode } from './steps.ts'
import { World } from './world.ts'

const DOCUMENT = 'https://app.example/client.json'
const registration = { issuer: 'https://as.example', clientId: 'registered', clientSecret: 'secret' }
const takesDocuments = (world: World): void => {
  world.as.faults.metadata = (document) => ({ ...document, client_id_metadata_document_supported: true })
}

test('CL-14: a registered client comes before a metadata document, and that before registering', async () => {
  for (const [options, expected] of [
    [{ registrations: [registration], clientMetadataUrl: DOCUMENT }, /^registered$/],
    [{ clientMetadataUrl: DOCUMENT }, /^https:\/\/app\.example\/client\.json$/],
    [{}, /^client-/],
  ] as const) {
    const world = new World()
    takesDocuments(world)
    const request = await authorizationRequest(world.app({ dynamicRegistration: true, ...options }))
    assert.match(request.get('client_id') ?? '', expected)
  }
})

test('CL-14: of several authorization servers the one is used at which the app is registered', async () => {
  const world = new World({ otherIssuers: ['https://first.example'] })
  world.addAuthorizationServer('https://first.example')
  assert.equal(asked(await world.app({ registrations: [registration] }).connect(bob)).issuer, 'https://as.example')
  assert.equal(asked(await world.app().connect(bob)).issuer, 'https://first.example')
})

test('CL-14: an app that is nobody at an authorization server says what to do', async () => {
  const client = new World().app({ dynamicRegistration: false, clientMetadataUrl: DOCUMENT })
  await assert.rejects(client.connect(bob), (error) => {
    assert.match(String(error), /no client at `https:\/\/as\.example`: add one to `registrations`/)
    return withCode('not_registered')(error)
  })
})

test('CL-15: the id of a metadata document is its address, which must be https with a path', async () => {
  const world = new World()
  takesDocuments(world)
  const client = world.app({ clientMetadataUrl: DOCUMENT })
  const document = await client.metadataDocument()
  assert.deepEqual(
    [document.client_id, document.client_name, document.redirect_uris, document.token_endpoint_auth_method],
    [DOCUMENT, 'Test app', ['https://app.example/callback'], 'none'],
  )
  assert.equal((await authorizationRequest(client)).get('client_id'), DOCUMENT)
  for (const clientMetadataUrl of [
    'http://app.example/c.json',
    'https://app.example',
    'https://app.example/',
    'c.json',
  ])
    assert.throws(() => world.app({ clientMetadataUrl }), withCode('invalid_options'), clientMetadataUrl)
})

test('CL-16: an app on loopback registers as native, one on https as web', async () => {
  for (const [redirectUri, expected] of [
    ['https://app.example/callback', 'web'],
    ['http://localhost:9402/callback', 'native'],
    ['http://127.0.0.1:9402/callback', 'native'],
  ] as const) {
    const world = new World()
    await authorizationRequest(world.app({ redirectUri }))
    assert.equal(world.as.registered[0]?.['application_type'], expected)
  }
})

test('CL-16: a registration that is refused is an error that keeps the answer', async () => {
  const world = new World()
  world.as.faults.register = () => Response.json({ error: 'invalid_redirect_uri' }, { status: 400 })
  await assert.rejects(world.app().connect(bob), (error: Error) => {
    assert.match(String((error.cause as { body?: string }).body), /invalid_redirect_uri/)
    return withCode('not_registered')(error)
  })
})

test('CL-17: when the server moves to another authorization server, the app registers there and shows nothing of before', async () => {
  const world = new World()
  const client = world.app()
  await connect(world, client)
  const before = world.as
  const next = world.addAuthorizationServer('https://next.example')
  world.settings.issuer = next.issuer
  const from = world.seen.length
  await connect(world, client)
  const secrets = [...before.clients].flat().concat(world.to('/token', 'as.example').map(({ body }) => body))
  for (const { url, body, headers } of world.seen.slice(from).filter((seen) => seen.url.host === 'next.example'))
    for (const secret of secrets)
      assert.ok(
        !`${url.href} ${body} ${headers.get('authorization')}`.includes(String(secret)),
        `${url.pathname} ${secret}`,
      )
  assert.equal(next.registered.length, 1)
  assert.deepEqual(
    world.seen.slice(from).filter((seen) => seen.url.host === 'as.example'),
    [],
  )
})

test('CL-17: a metadata document is the same client everywhere', async () => {
  const world = new World()
  takesDocuments(world)
  const client = world.app({ clientMetadataUrl: DOCUMENT })
  assert.equal((await authorizationRequest(client)).get('client_id'), DOCUMENT)
  world.settings.issuer = world.addAuthorizationServer('https://next.example').issuer
  takesDocuments(world)
  assert.equal((await authorizationRequest(client)).get('client_id'), DOCUMENT)
})

test('CL-18: a server that leaves the authorization server at which the app is registered is an error, and no new registration', async () => {
  const world = new World()
  const client = world.app({ registrations: [registration], dynamicRegistration: true })
  await authorizationRequest(client)
  world.settings.issuer = world.addAuthorizationServer('https://evil.example').issuer
  await assert.rejects(client.connect(bob), withCode('issuer_changed'))
  assert.deepEqual(world.to('/register'), [])
})

test('CL-18: registered credentials go to their issuer only', async () => {
  const world = new World({ issuer: 'https://other.example' })
  world.addAuthorizationServer('https://other.example')
  const client = world.app({ registrations: [registration], dynamicRegistration: false })
  await assert.rejects(client.connect(bob), withCode('not_registered'))
  assert.ok(world.seen.every(({ body, headers }) => !/secret/.test(`${body} ${headers.get('authorization')}`)))
})

test('CL-19: tokens and registrations of one authorization server wait while another one guards the server', async () => {
  const world = new World()
  const client = world.app()
  await connect(world, client)
  const first = world.as
  world.settings.issuer = world.addAuthorizationServer('https://next.example').issuer
  await connect(world, client)
  world.settings.issuer = first.issuer
  done(await client.connect(bob))
  assert.equal(first.registered.length, 1)
})
