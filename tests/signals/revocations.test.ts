// Whatever takes access away raises a signal: each way is tried, and each time the guard of another MCP server hears nothing.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  apply,
  assignRole,
  type Config,
  endFamily,
  endSession,
  envelopeKey,
  eraseSubject,
  hashPassword,
  listFamilies,
  listGrants,
  listKeys,
  listSessions,
  planApply,
  resumeClient,
  resumeSubject,
  revokeSigningKey,
  runCommand,
  setPassword,
  suspendClient,
  suspendSubject,
  unassignRole,
  withdrawGrant,
} from '@permitry/server'
import {
  addCredential,
  authorizationUrl,
  Browser,
  type ClinicChange,
  people,
  requestToken,
  signIn,
  startStack,
  type Stack,
  VET_ASSIST,
} from '@permitry/testkit'
import { CALLBACK, codeForm, READ, refresh, tokensOf } from '../security/world.ts'
import { SECRET, twoServers } from './clinic.ts'
import { Receiver, type Told } from './receiver.ts'

let stack: Stack
let clinic: Receiver
let kennel: Receiver
let declared: Config
before(async () => {
  stack = await startStack({ change: (config) => (declared = twoServers(config)) })
  clinic = await Receiver.connect(await addCredential(stack, 'vetassist'))
  kennel = await Receiver.connect(await addCredential(stack, 'kennel'))
})
after(() => stack.close())

const operator = () =>
  ({ store: stack.store, tenant: 'default', actor: { kind: 'cli', id: 'test' }, now: Date.now }) as const

const OURS = 'urn:permitry:secevent:'
const subject = (id: string) => `${OURS}subject-revoked ${id}`
const family = (id: string) => `${OURS}family-revoked ${id}`
const client = (id: string) => `${OURS}client-revoked ${id}`
const sessions = (id: string) => `https://schemas.openid.net/secevent/caep/event-type/session-revoked ${id}`

const spoken = ({ type, subject: { sub, id, uri } }: Told): string => `${type} ${sub ?? id ?? uri}`

/** Runs an act while both guards poll, and says what each was told. The clinic's guard must be told before its poll is over. */
async function toldBy(act: () => Promise<unknown>): Promise<{ clinic: string[]; kennel: string[] }> {
  const begun = Date.now()
  const waiting = clinic.poll()
  await act()
  const { told } = await waiting
  assert.ok(told.length > 0 && Date.now() - begun < 4_400, `${told.length} signals after ${Date.now() - begun} ms`)
  const more = await clinic.poll({ ack: told.map(({ jti }) => jti), returnImmediately: true })
  await clinic.poll({ ack: more.told.map(({ jti }) => jti), maxEvents: 0 })
  const all = [...told, ...more.told].map(spoken)
  return { clinic: all.toSorted(), kennel: (await kennel.drain()).map(spoken).toSorted() }
}

/** Says that an act is told to the clinic's guard alone. */
async function assertTold(act: () => Promise<unknown>, ...expected: readonly string[]): Promise<void> {
  assert.deepEqual(await toldBy(act), { clinic: expected.toSorted(), kennel: [] })
}

type Done = Awaited<ReturnType<typeof runCommand>>
const must = async (done: Promise<Done>): Promise<void> => assert.deepEqual(await done, { ok: true, value: 'changed' })

/** Declares the clinic once more, with a change. */
async function redeclare(change: ClinicChange, prune = false): Promise<void> {
  declared = change(declared)
  const request = { config: declared, prune }
  const done = await apply(operator(), request, await planApply(operator(), request))
  assert.ok(done.ok, JSON.stringify(done))
}

const edit = <T extends { readonly id: string }>(list: readonly T[], id: string, change: Partial<T>): T[] =>
  list.map((one) => (one.id === id ? { ...one, ...change } : one))

const without = <T extends { readonly id: string }>(list: readonly T[], id: string): T[] =>
  list.filter((one) => one.id !== id)

async function familyOf(person: 'bob' | 'carol' | 'dana'): Promise<string> {
  const all = await listFamilies(operator(), people[person])
  return all.at(-1)?.id ?? ''
}

test('a consent is withdrawn: every family of it', async () => {
  await tokensOf(stack.issuer, 'bob', { resource: VET_ASSIST })
  await tokensOf(stack.issuer, 'bob', { resource: VET_ASSIST })
  const families = (await listFamilies(operator(), people.bob)).map(({ id }) => id)
  assert.equal(families.length, 2)
  const [grant] = await listGrants(operator(), people.bob)
  await assertTold(() => must(runCommand(operator(), withdrawGrant, { id: grant?.id ?? '' })), ...families.map(family))
})

test('a person unticks a scope that was granted before: the tokens of then', async () => {
  const both = `${READ} pet-profile:write`
  await tokensOf(stack.issuer, 'dana', { resource: VET_ASSIST, scope: both })
  const earlier = await familyOf('dana')
  const request = { clientId: 'vet-assist-dev', redirectUri: CALLBACK, resource: VET_ASSIST, scope: both }
  const answer = async (ticked: readonly string[]): Promise<void> => {
    const browser = new Browser()
    const { url } = await authorizationUrl(stack.issuer, request)
    const page = await signIn(browser, await browser.open(url), 'dana')
    const { status, url: end } = await browser.submit(page, { decision: 'allow', scope: ticked })
    assert.ok(!end.startsWith(stack.issuer), `${status} at ${end}`)
  }
  await assertTold(() => answer([READ]), family(earlier))
  const [grant] = await listGrants(operator(), people.dana)
  assert.deepEqual(grant?.scopes, [READ])
  await must(runCommand(operator(), withdrawGrant, { id: grant?.id ?? '' }))
  await Promise.all([clinic.drain(), kennel.drain()])
})

test('an operator ends a family, and a client takes back its own', async () => {
  await tokensOf(stack.issuer, 'bob', { resource: VET_ASSIST })
  const ended = await familyOf('bob')
  await assertTold(() => must(runCommand(operator(), endFamily, { id: ended })), family(ended))
  const { refresh: token } = await tokensOf(stack.issuer, 'bob', { resource: VET_ASSIST })
  const revoked = await familyOf('bob')
  const body = new URLSearchParams({ token, client_id: 'vet-assist-dev' })
  await assertTold(() => fetch(`${stack.issuer}/revoke`, { method: 'POST', body }), family(revoked))
})

test('a code or a refresh token is used a second time', async () => {
  const form = await codeForm(stack.issuer, 'bob', { resource: VET_ASSIST })
  const { body } = await requestToken(stack.issuer, form)
  const replayed = await familyOf('bob')
  await assertTold(() => requestToken(stack.issuer, form), family(replayed))
  assert.ok(body['access_token'])
  const { refresh: first } = await tokensOf(stack.issuer, 'bob', { resource: VET_ASSIST })
  const again = await familyOf('bob')
  await refresh(stack.issuer, first)
  const otherwise = {
    grant_type: 'refresh_token',
    client_id: 'vet-assist-dev',
    refresh_token: first,
    scope: 'pet-profile:read',
  }
  await assertTold(() => requestToken(stack.issuer, otherwise), family(again))
})

test('a session is ended: what was authorized from it', async () => {
  await tokensOf(stack.issuer, 'carol', { resource: VET_ASSIST })
  const ended = await familyOf('carol')
  const [session] = await listSessions(operator(), people.carol)
  await assertTold(() => must(runCommand(operator(), endSession, { id: session?.id ?? '' })), family(ended))
})

test('a password is changed: the person, with all sessions', async () => {
  const passwordHash = await hashPassword('another long password')
  await assertTold(
    () => must(runCommand(operator(), setPassword, { id: people.carol, passwordHash })),
    sessions(people.carol),
  )
})

test('a role is taken from a person, a group and an agent', async () => {
  const take = (assignment: Parameters<typeof unassignRole>[1]) => () =>
    must(runCommand(operator(), unassignRole, assignment))
  await assertTold(take({ roleId: 'vet-staff', subjectId: 'usr_nick' }), subject('usr_nick'))
  await assertTold(take({ roleId: 'vet-staff', groupId: 'loft' }), subject('usr_nell'))
  await assertTold(take({ roleId: 'vet-staff', subjectId: 'spare-job' }), subject('spare-job'))
  await must(runCommand(operator(), assignRole, { roleId: 'vet-staff', subjectId: 'spare-job' }))
  declared = {
    ...declared,
    users: edit(declared.users, 'usr_nick', { roles: [] }),
    groups: edit(declared.groups, 'loft', { roles: [] }),
  }
})

test('a declaration takes a role from a person or a group, or a scope or everything from a role', async () => {
  await assertTold(
    () => redeclare((config) => ({ ...config, groups: edit(config.groups, 'ward', { roles: ['nurse'] }) })),
    subject('usr_ned'),
  )
  const less = { vetassist: ['pet-profile:write'] }
  await assertTold(
    () => redeclare((config) => ({ ...config, roles: edit(config.roles, 'nurse', { scopes: less }) })),
    subject('usr_ned'),
  )
  const removal: ClinicChange = (config) => ({
    ...config,
    groups: edit(config.groups, 'ward', { roles: [] }),
    roles: without(config.roles, 'nurse'),
  })
  assert.deepEqual((await toldBy(() => redeclare(removal, true))).clinic.includes(subject('usr_ned')), true)
})

test('a client may ask for less, is stopped, or is removed', async () => {
  await assertTold(
    () =>
      redeclare((config) => ({
        ...config,
        clients: edit(config.clients, 'vet-assist-ai', { servers: { vetassist: ['pet-profile:read'] } }),
      })),
    client('vet-assist-ai'),
  )
  await assertTold(
    () => must(runCommand(operator(), suspendClient, { id: 'vet-assist-dev' })),
    client('vet-assist-dev'),
  )
  await must(runCommand(operator(), resumeClient, { id: 'vet-assist-dev' }))
  await assertTold(
    () => redeclare((config) => ({ ...config, clients: without(config.clients, 'old-app') }), true),
    client('old-app'),
  )
  // Of an app that may ask at both, both are told; of one that may not ask at the clinic, only the kennel.
  const both = await toldBy(() => must(runCommand(operator(), suspendClient, { id: 'wide-app' })))
  assert.deepEqual(both, { clinic: [client('wide-app')], kennel: [client('wide-app')] })
  await must(runCommand(operator(), suspendClient, { id: 'kennel-app' }))
  assert.deepEqual((await kennel.drain()).map(spoken), [client('kennel-app')])
  assert.deepEqual(await clinic.drain(), [])
})

test('an agent takes its tokens back, is suspended, or loses who answers for it', async () => {
  const { body } = await requestToken(
    stack.issuer,
    { client_id: 'spare-job', grant_type: 'client_credentials', resource: VET_ASSIST, scope: 'pet-profile:read' },
    SECRET,
  )
  const form = new URLSearchParams({ token: String(body['access_token']) })
  const headers = { authorization: `Basic ${btoa(`spare-job:${SECRET}`)}` }
  await assertTold(() => fetch(`${stack.issuer}/revoke`, { method: 'POST', body: form, headers }), subject('spare-job'))
  await assertTold(() => must(runCommand(operator(), suspendSubject, { id: 'spare-job' })), sessions('spare-job'))
  await assertTold(
    () => must(runCommand(operator(), suspendSubject, { id: 'usr_nora' })),
    sessions('usr_nora'),
    subject('night-job'),
  )
  await must(runCommand(operator(), resumeSubject, { id: 'usr_nora' }))
})

test('a person is removed or erased, with the agents that they answer for', async () => {
  await assertTold(
    () => must(runCommand(operator(), eraseSubject, { id: 'usr_nora' })),
    subject('usr_nora'),
    subject('night-job'),
  )
  await tokensOf(stack.issuer, 'bob', { resource: VET_ASSIST })
  await assertTold(
    () =>
      redeclare(
        (config) => ({
          ...config,
          users: without(without(config.users, 'usr_nora'), people.bob),
          clients: without(config.clients, 'night-job'),
        }),
        true,
      ),
    subject(people.bob),
    client('night-job'),
  )
  await must(runCommand(operator(), suspendSubject, { id: 'usr_guest' }))
  assert.deepEqual((await kennel.drain()).map(spoken), [sessions('usr_guest')])
  assert.deepEqual(await clinic.drain(), [], 'who has nothing at the clinic is nobody of its guard’s business')
})

test('a client that registered itself removes itself', async () => {
  const registration = await fetch(`${stack.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Notes',
      redirect_uris: ['https://notes.example/cb'],
      token_endpoint_auth_method: 'client_secret_post',
    }),
  })
  const { client_id, registration_access_token } = (await registration.json()) as Record<string, string>
  const headers = { authorization: `Bearer ${registration_access_token}` }
  const told = await toldBy(() => fetch(`${stack.issuer}/register/${client_id}`, { method: 'DELETE', headers }))
  assert.deepEqual(told.clinic, [client(client_id ?? '')])
})

test('a scope is taken from the MCP server: the families that hold it, and agents, which have none', async () => {
  await tokensOf(stack.issuer, 'dana', { resource: VET_ASSIST, scope: 'support:read' })
  const holding = await familyOf('dana')
  const less: ClinicChange = (config) => {
    const [server, ...others] = config.servers
    if (!server) throw new Error('the clinic has its server')
    const scopes = server.scopes.filter(({ name }) => !name.startsWith('support:'))
    const tools = server.tools.filter(({ scopes: needs }) => !needs.some((name) => name.startsWith('support:')))
    const roles = config.roles.map((role) => ({
      ...role,
      scopes: Object.fromEntries(
        Object.entries(role.scopes).map(([id, names]) => [id, names.filter((name) => !name.startsWith('support:'))]),
      ),
    }))
    return { ...config, servers: [{ ...server, scopes, tools }, ...others], roles }
  }
  const { clinic: told } = await toldBy(() => redeclare(less))
  assert.ok(told.includes(family(holding)), told.join(', '))
  assert.ok(told.includes(subject('spare-job')), told.join(', '))
})

test('an MCP server is removed: its guard still hears that nothing counts there any more', async () => {
  const ofKennel = ['kennel-app', 'kennel-job', 'wide-app']
  await redeclare(
    (config) => ({
      ...config,
      servers: without(config.servers, 'kennel'),
      roles: config.roles.filter(({ id }) => !id.startsWith('kennel-')),
      users: config.users.map((user) => ({ ...user, roles: user.roles.filter((id) => !id.startsWith('kennel-')) })),
      clients: config.clients.filter(({ id }) => !ofKennel.includes(id)),
    }),
    true,
  )
  const told = (await kennel.drain()).map(spoken)
  assert.ok(told.includes(subject('kennel-job')) || told.includes(client('kennel-job')), told.join(', '))
  await clinic.drain()
})

test('a signing key is revoked: everybody, at every guard, while a key of signals takes nothing from anybody', async () => {
  const envelope = envelopeKey(new Uint8Array(32).fill(7))
  const revoke = async (purpose: string): Promise<void> => {
    const key = (await listKeys(operator())).find((one) => one.purpose === purpose && one.state === 'signing')
    await must(revokeSigningKey(operator(), envelope, key?.kid ?? ''))
  }
  const waiting = clinic.poll()
  await revoke('access')
  assert.equal((await waiting).status, 401, 'the token of the guard was signed by that key, too')
  for (const receiver of [clinic, kennel]) {
    const next = await Receiver.withToken(receiver.credential)
    next.streamId = receiver.streamId
    assert.deepEqual((await next.drain()).map(spoken), [`${OURS}issuer-revoked ${stack.issuer}`])
    await revoke('signals')
    assert.deepEqual(await next.drain(), [])
    await must(
      runCommand(operator(), setPassword, { id: people.dana, passwordHash: await hashPassword('new password') }),
    )
    assert.deepEqual(
      (await next.drain()).map(spoken),
      next.credential === clinic.credential ? [sessions(people.dana)] : [],
    )
  }
})
