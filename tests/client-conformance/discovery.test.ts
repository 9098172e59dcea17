// CL-1 to CL-4, CL-11, CL-20, CL-21, CL-24 to CL-26: who guards a server, and what is asked of whom.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { webNetwork } from '@permitry/client'
import { asked, authorizationRequest, bob, connect, done, withCode } from './steps.ts'
import { PRM_PATH, PRM_ROOT, SERVER, World } from './world.ts'

const wellKnown = (world: World): string[] =>
  world.seen.map(({ url }) => url.pathname).filter((path) => /well-known|prm\.json/.test(path))

test('CL-1: the metadata that the challenge points to is used, and no other is looked for', async () => {
  const world = new World({ metadataAt: 'challenge' })
  await connect(world, world.app())
  assert.equal(world.to('/somewhere/prm.json').length > 0, true)
  assert.deepEqual([world.to(PRM_PATH), world.to(PRM_ROOT)], [[], []])
})

test('CL-1: without an address in the challenge, the metadata is at the path of the server, and then at the root', async () => {
  for (const [metadataAt, resource, tried] of [
    ['path', SERVER, [PRM_PATH]],
    ['root', 'https://mcp.example', [PRM_PATH, PRM_ROOT]],
  ] as const) {
    const world = new World({ metadataAt, resource })
    await authorizationRequest(world.app())
    assert.deepEqual(wellKnown(world).slice(0, tried.length), tried)
  }
})

test('CL-1: a challenge that points to metadata which is not there is an error, and no other server is guessed', async () => {
  const world = new World({ metadataAt: 'challenge' })
  const network = webNetwork((url, init) =>
    new URL(url).pathname === '/somewhere/prm.json'
      ? Promise.resolve(new Response(null, { status: 404 }))
      : world.network.fetch(url, init),
  )
  await assert.rejects(world.app({ network }).connect(bob))
  assert.deepEqual(wellKnown(world), [])
})

test('CL-2: a 401 starts an authorization, and its Bearer challenge is found among others', async () => {
  const world = new World()
  const network = webNetwork(async (url, init) => {
    const response = await world.network.fetch(url, init)
    const own = response.headers.get('www-authenticate')
    if (own === null) return response
    const headers = { 'www-authenticate': `Negotiate, Basic realm="scope=\\"evil\\"", ${own}` }
    return new Response(null, { status: response.status, headers })
  })
  const request = await authorizationRequest(world.app({ network }))
  assert.equal(request.get('scope'), 'read')
})

test('CL-3: metadata of the authorization server is looked for in the three places, in their order', async () => {
  for (const [place, expected] of [
    ['oauth', ['/.well-known/oauth-authorization-server/t1']],
    ['oidc', ['/.well-known/oauth-authorization-server/t1', '/.well-known/openid-configuration/t1']],
    [
      'oidc-path',
      [
        '/.well-known/oauth-authorization-server/t1',
        '/.well-known/openid-configuration/t1',
        '/t1/.well-known/openid-configuration',
      ],
    ],
  ] as const) {
    const world = new World({ issuer: 'https://tenants.example/t1' })
    world.addAuthorizationServer('https://tenants.example/t1').faults.metadataAt = [place]
    await connect(world, world.app())
    const seen = world.seen.filter(({ url }) => url.host === 'tenants.example').map(({ url }) => url.pathname)
    assert.deepEqual(seen.slice(0, expected.length), expected)
  }
})

test('CL-4: metadata that names another issuer is refused, and nobody is sent anywhere', async () => {
  for (const issuer of [
    'https://evil.example',
    'https://as.example/other',
    'https://as.example/',
    'https://AS.example',
  ]) {
    const world = new World()
    world.as.faults.metadata = (document) => ({ ...document, issuer })
    await assert.rejects(world.app().connect(bob), /[Ii]ssuer mismatch/, issuer)
    assert.deepEqual(world.to('/register'), [])
  }
})

test('CL-11: an authorization carries an S256 challenge, and the code its verifier', async () => {
  const world = new World()
  const client = world.app()
  const { url } = asked(await client.connect(bob))
  const { searchParams } = new URL(url)
  assert.equal(searchParams.get('code_challenge_method'), 'S256')
  assert.match(searchParams.get('code_challenge') ?? '', /^[\w-]{43}$/)
  assert.equal((await client.finish(world.as.consent(url), bob.browser)).status, 'authorized')
  assert.match(world.to('/token')[0]?.form.get('code_verifier') ?? '', /^[\w.~-]{43,128}$/)
})

test('CL-11: an authorization server that does not say S256 is refused', async () => {
  for (const methods of [undefined, [], ['plain']]) {
    const world = new World()
    world.as.faults.metadata = (document) => ({ ...document, code_challenge_methods_supported: methods })
    await assert.rejects(world.app().connect(bob), withCode('pkce_unsupported'), String(methods))
  }
})

test('CL-11: an authorization server without any metadata is refused, unless it is that of a legacy server', async () => {
  const legacy = { legacyServers: true, registrations: [{ issuer: 'https://mcp.example/', clientId: 'app' }] }
  assert.equal(asked(await new World({ metadataAt: 'nowhere' }).app(legacy).connect(bob)).reason, 'login')
  await assert.rejects(new World({ metadataAt: 'nowhere' }).app().connect(bob), withCode('metadata_missing'))
  const world = new World()
  world.as.faults.metadata = () => undefined
  await assert.rejects(world.app().connect(bob), withCode('metadata_missing'))
  await assert.rejects(world.app(legacy).connect(bob), withCode('metadata_missing'), 'MCP 2025-06-18 has metadata')
})

test('CL-11: that an app speaks with legacy servers does not do without PKCE at a server that is none', async () => {
  const world = new World()
  world.as.faults.metadata = (document) => ({ ...document, code_challenge_methods_supported: undefined })
  await assert.rejects(world.app({ legacyServers: true }).connect(bob), withCode('pkce_unsupported'))
})

test('CL-1: metadata that is broken, or cannot be had now, does not make a server a legacy one', async () => {
  for (const answer of [
    () => new Response('try later', { status: 503 }),
    () => new Response('not JSON'),
    () => Response.json({ authorization_servers: 'https://as.example' }),
  ]) {
    const world = new World({ metadataAt: 'path' })
    const network = webNetwork((url, init) =>
      new URL(url).pathname === PRM_PATH ? Promise.resolve(answer()) : world.network.fetch(url, init),
    )
    await assert.rejects(world.app({ network, legacyServers: true }).connect(bob))
    assert.deepEqual(
      wellKnown(world).filter((path) => path.includes('authorization-server')),
      [],
    )
  }
})

test('CL-20: the scopes of a challenge are asked for, although the metadata does not list them', async () => {
  const world = new World({ scopesSupported: ['read', 'write'], challengeScope: 'special' })
  assert.equal((await authorizationRequest(world.app())).get('scope'), 'special')
})

test('CL-21: scopes come from the challenge, else from the metadata, else none are asked for', async () => {
  for (const [challengeScope, scopesSupported, expected] of [
    ['read write', ['erase'], 'read write'],
    [undefined, ['read', 'erase'], 'read erase'],
    [undefined, undefined, null],
  ] as const) {
    const world = new World({ challengeScope, scopesSupported })
    assert.equal((await authorizationRequest(world.app())).get('scope'), expected)
  }
})

test('CL-24: an authorization endpoint that a browser must not open is refused', async () => {
  for (const authorization_endpoint of [
    'javascript:alert(document.domain)',
    'data:text/html,x',
    'file:///etc/passwd',
    'vbscript:x',
    'http://as.example/authorize',
    'https://user:secret@as.example/authorize',
    'https://192.168.0.1/authorize',
  ]) {
    const world = new World()
    world.as.faults.metadata = (document) => ({ ...document, authorization_endpoint })
    await assert.rejects(world.app().connect(bob), authorization_endpoint)
    assert.deepEqual(world.to('/register'), [], authorization_endpoint)
  }
})

test('CL-25: no address from a server makes the app fetch what is not public', async () => {
  const inside = 'https://169.254.169.254'
  const attacks: readonly ((world: World) => void)[] = [
    (world) => (world.settings.issuer = inside),
    (world) => (world.settings.issuer = 'https://localhost.'),
    (world) =>
      (world.as.faults.metadata = (document) => ({ ...document, registration_endpoint: `${inside}/register` })),
    (world) => (world.as.faults.metadata = (document) => ({ ...document, token_endpoint: `${inside}/token` })),
    (world) => (world.as.faults.metadata = (document) => ({ ...document, token_endpoint: 'https://[::ffff:7f00:1]/' })),
    (world) => (world.as.faults.metadata = (document) => ({ ...document, token_endpoint: 'http://as.example/token' })),
  ]
  for (const attack of attacks) {
    const world = new World()
    world.as.clients.set('app', undefined)
    const client = world.app()
    const as = world.as
    attack(world)
    await assert.rejects(async () => {
      const { url } = asked(await client.connect(bob))
      await client.finish(as.consent(url), bob.browser)
    }, withCode('address_refused'))
    assert.ok(world.seen.every(({ url }) => url.host === 'mcp.example' || url.host === 'as.example'))
    assert.ok(world.seen.every(({ url }) => url.protocol === 'https:'))
  }
})

test('CL-25: an address in a challenge is checked like any other', async () => {
  for (const target of [
    'https://127.0.0.1/prm',
    'http://mcp.example/prm',
    'https://localhost/prm',
    'https://[::1]/prm',
  ]) {
    const world = new World()
    const network = webNetwork(async (url, init) => {
      assert.notEqual(String(url), target)
      const response = await world.network.fetch(url, init)
      const headers = { 'www-authenticate': `Bearer resource_metadata="${target}"` }
      return response.status === 401 ? new Response(null, { status: 401, headers }) : response
    })
    await assert.rejects(world.app({ network }).connect(bob), withCode('address_refused'), target)
  }
})

test('CL-25: neither is the MCP server itself fetched where it is not public', async () => {
  const world = new World()
  for (const server of ['https://10.0.0.1/mcp', 'http://mcp.example/mcp', 'https://localhost:8080/mcp'])
    await assert.rejects(world.app().connect({ ...bob, server }), withCode('address_refused'), server)
  assert.deepEqual(world.seen, [])
})

test('CL-25: a server that never ends its answer does not fill the memory of the app', async () => {
  const world = new World()
  const network = webNetwork(async (url, init) => {
    const response = await world.network.fetch(url, init)
    if (!response.ok || typeof init?.body !== 'string' || !init.body.includes('tools/call')) return response
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024)) })
    return new Response(endless, { headers: { 'content-type': 'application/json' } })
  })
  const connection = await connect(world, world.app({ network }))
  await assert.rejects(connection.callTool({ name: 'read' }), withCode('limit_exceeded'))
})

test('CL-26: metadata of another resource is refused, before anybody is sent anywhere', async () => {
  for (const resource of [
    'https://evil.example/mcp',
    'https://mcp.example/other',
    'https://mcp.example/mcp/deeper',
    'https://mcp.example/mc',
    'http://mcp.example/mcp',
    'https://mcp.example:8443/mcp',
  ]) {
    const world = new World({ resource })
    await assert.rejects(world.app().connect(bob), withCode('resource_mismatch'), resource)
    assert.deepEqual(world.to('/register'), [], resource)
  }
})

test('CL-26: only a document of the origin speaks for the origin, and not one that a server keeps elsewhere', async () => {
  const resource = 'https://mcp.example'
  for (const metadataAt of ['root', 'path'] as const)
    assert.equal((await authorizationRequest(new World({ metadataAt, resource }).app())).get('resource'), resource)
  const world = new World({ metadataAt: 'challenge', resource })
  await assert.rejects(world.app().connect(bob), withCode('resource_mismatch'))
})

test('CL-26: letter case of the host does not make another resource, and its spelling is kept', async () => {
  const world = new World({ resource: 'https://MCP.example/mcp' })
  const connection = await connect(world, world.app())
  done(await connection.callTool({ name: 'read' }))
  assert.equal(world.to('/token')[0]?.form.get('resource'), 'https://MCP.example/mcp')
})
