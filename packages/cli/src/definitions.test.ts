import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { makeFolder, ok, permitry } from './testing.ts'

async function applied(t: TestContext): Promise<string> {
  const folder = await makeFolder(t)
  await ok(folder, ['apply', '--yes'])
  return folder
}

/** The one shape in which a program gets a thing. */
async function shown(folder: string, kind: string, id: string): Promise<Record<string, unknown>> {
  return JSON.parse(await ok(folder, [kind, 'show', id, '--json'])) as Record<string, unknown>
}

test('a change says what it names, keeps the rest, clears what it is told to, and does nothing the second time', async (t) => {
  const folder = await applied(t)
  const change = ['user', 'change', 'bob', '--email', 'bob@example.com', '--group', 'clinic']
  assert.equal(await ok(folder, change), 'changed usr_bob')
  assert.equal(await ok(folder, change), 'usr_bob is so already')
  assert.deepEqual(await shown(folder, 'user', 'bob'), {
    id: 'usr_bob',
    username: 'bob',
    name: 'Bob',
    email: 'bob@example.com',
    roles: ['pet-owner'],
    groups: ['clinic'],
    has_password: true,
    status: 'active',
  })
  assert.equal(
    await ok(folder, ['user', 'change', 'bob', '--clear', 'email', 'group', '--json']),
    '{"changed":true,"id":"usr_bob"}',
  )
  const { email, groups } = await shown(folder, 'user', 'bob')
  assert.deepEqual([email, groups], [undefined, []])
  assert.equal((await permitry(folder, ['user', 'change', 'bob', '--clear', 'name'])).code, 2)
})

test('what a file may not say, a command may not say, and what is there is not added again', async (t) => {
  const folder = await applied(t)
  for (const [line, sentence] of [
    ['server add notes --identifier http://notes.example/mcp', /use https/],
    ['server add notes --identifier mcp://vetassist', /the server name `mcp:\/\/vetassist` is taken/],
    ['server add vetassist --identifier mcp://other', /the server id `vetassist` is taken/],
    ['server scope add vetassist openid --title x --risk read', /belongs to OpenID Connect/],
    ['server scope add vetassist read --title x --risk read', /defined twice/],
    ['server scope change vetassist read --implies read', /implies itself/],
    ['server scope change vetassist none --title x', /there is no scope `none` at `vetassist`/],
    ['server tool add vetassist list_pets --scope nothing', /has no scope `nothing`/],
    ['role add pet-owner', /the role id `pet-owner` is taken/],
    ['role give pet-owner vetassist nothing', /there is no scope `nothing`/],
    ['group add clinic', /the group id `clinic` is taken/],
    ['group join nobody bob', /there is no group `nobody`/],
    ['user add usr_bob --username rob --name Rob', /the person id `usr_bob` is taken/],
    ['user add usr_rob --username BOB --name Rob', /the user name `BOB` is taken/],
    ['user add usr_rob --username rob --name Rob --email here', /write an email address/],
    ['client change vet-assist-ai --redirect-uri http://evil.example/cb', /a redirect URI/],
    ['client authorize vet-assist-ai vetassist --scopes nothing', /there is no scope `nothing`/],
    ['agent change vet-assist-ai --role vet-staff', /there is no subject `vet-assist-ai`/],
  ] as const) {
    const { code, stdout, stderr } = await permitry(folder, line.split(' '))
    assert.deepEqual([code, stdout], [1, ''], `${line}: ${stdout}`)
    assert.match(stderr, sentence)
  }
  assert.equal(await ok(folder, ['apply', '--yes']), 'nothing to change')
})

test('scopes, roles and groups are taken away again, and removing asks first', async (t) => {
  const folder = await applied(t)
  assert.equal(
    await ok(folder, ['role', 'take', 'vet-staff', 'vetassist', 'write']),
    'vet-staff no longer holds write at vetassist',
  )
  assert.equal(
    await ok(folder, ['role', 'take', 'vet-staff', 'vetassist', 'write']),
    'vet-staff does not hold write at vetassist',
  )
  assert.deepEqual((await shown(folder, 'role', 'vet-staff'))['scopes'], { vetassist: ['read'] })
  assert.equal(await ok(folder, ['group', 'join', 'clinic', 'dana']), 'usr_dana is in clinic now')
  assert.deepEqual((await shown(folder, 'group', 'clinic'))['members'], ['usr_dana'])
  assert.equal(await ok(folder, ['group', 'leave', 'clinic', 'dana']), 'usr_dana is no longer in clinic')

  const unasked = await permitry(folder, ['server', 'scope', 'remove', 'vetassist', 'read'])
  assert.deepEqual(
    [unasked.code, unasked.stderr],
    [1, 'permitry: nobody is there to ask: repeat with --yes to remove\n'],
  )
  assert.equal(await ok(folder, ['server', 'scope', 'remove', 'vetassist', 'read', '--yes']), 'removed read')
  const { scopes, default_scopes: defaults } = await shown(folder, 'server', 'vetassist')
  assert.deepEqual([(scopes as { name: string }[]).map(({ name }) => name), defaults], [['write'], []])
  for (const line of [
    'role remove vet-staff',
    'group remove clinic',
    'client remove vet-assist-ai',
    'server remove vetassist',
  ])
    assert.equal(await ok(folder, [...line.split(' '), '--yes']), `removed ${line.split(' ')[2]}`)
  assert.match(await ok(folder, ['server', 'list']), /^SERVER {2}NAME/)
})

test('a client keeps its secret when it is changed, gets another one when it is told to, and may ask for less', async (t) => {
  const folder = await applied(t)
  const without = await ok(folder, ['client', 'change', 'vet-assist-ai', '--name', 'Assistant', '--json'])
  assert.equal(without, '{"changed":true,"id":"vet-assist-ai"}')
  const rotated = JSON.parse(await ok(folder, ['client', 'secret', 'vet-assist-ai', '--json'])) as Record<
    string,
    string
  >
  assert.match(rotated['client_secret'] ?? '', /^[\w-]{43}$/)
  assert.equal(
    await ok(folder, ['client', 'authorize', 'vet-assist-ai', 'vetassist', '--scopes', 'read']),
    'vet-assist-ai may ask for read at vetassist now',
  )
  assert.deepEqual((await shown(folder, 'client', 'vet-assist-ai'))['servers'], { vetassist: ['read'] })
  assert.equal(
    await ok(folder, ['client', 'unauthorize', 'vet-assist-ai', 'vetassist']),
    'vet-assist-ai may no longer ask for vetassist',
  )
  const key = await permitry(folder, ['client', 'secret', 'nobody'])
  assert.match(key.stderr, /there is no client `nobody`/)
})

test('what a person can do is told server by server, and the audit is listed by what it is about', async (t) => {
  const folder = await applied(t)
  const access = await ok(folder, ['user', 'access', 'bob'])
  assert.match(access, /^vetassist +read +/m)
  await ok(folder, ['user', 'suspend', 'bob'])
  assert.match(await ok(folder, ['user', 'access', 'bob']), /^usr_bob is suspended/)
  const listed = await ok(folder, ['audit', 'list', '--user', 'bob', '--type', 'subject.suspended'])
  assert.match(listed, /^TIME .*\n\S+ +subject\.suspended +changed +cli:\S+ +usr_bob/)
  const events = JSON.parse(await ok(folder, ['audit', 'list', '--limit', '2', '--json'])) as { type: string }[]
  assert.deepEqual([events.length, events[0]?.type], [2, 'subject.suspended'])
  assert.match((await permitry(folder, ['audit', 'list', '--limit', '0'])).stderr, /the limit must be/)
})
