// How clients got on, as `permitry doctor` reads it: from the metadata to the token or to what refused it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Connection, listConnections } from '@permitry/server'
import { authorize, Browser, requestToken, startStack, type Stack } from '@permitry/testkit'
import { CALLBACK, codeForm } from '../security/world.ts'

const MINUTE = 60_000

/** Long after the example was applied, which the audit tells too. */
let now = Date.now() + 24 * 60 * MINUTE
let stack: Stack
before(async () => (stack = await startStack({ now: () => now, trustedProxies: ['127.0.0.1'] })))
after(() => stack.close())

/** The newest connection. */
async function last(): Promise<Connection> {
  const operator = {
    store: stack.store,
    tenant: 'default',
    actor: { kind: 'cli', id: 'test' },
    now: () => now,
  } as const
  const [connection] = await listConnections(operator, 1)
  return connection ?? assert.fail('nobody connected')
}

const stepsOf = ({ steps }: Connection): string[] =>
  steps.map(({ type, ok, reason, detail }) => {
    const error = typeof detail['error'] === 'string' ? ` ${detail['error']}` : ''
    return `${type} ${ok ? 'ok' : reason}${error}`
  })

const readMetadata = (headers: Record<string, string> = {}) =>
  fetch(`${stack.issuer}/.well-known/oauth-authorization-server`, { headers })

/** Whatever came before is another connection by then. */
const pause = (): void => void (now += 20 * MINUTE)

test('metadata, sign-in, consent, and a token that is refused with the code that the client got, in this order', async () => {
  const begun = now
  await readMetadata()
  now += 1_000
  const form = await codeForm(stack.issuer, 'bob', { resource: stack.mcpUrl })
  now += 1_000
  const { body } = await requestToken(stack.issuer, { ...form, resource: `${stack.mcpUrl}/elsewhere` })
  assert.equal(body['error'], 'invalid_target')
  const connection = await last()
  assert.deepEqual(stepsOf(connection), [
    'metadata.read ok',
    'login.succeeded ok',
    'consent.granted ok',
    'token.refused resource_mismatch invalid_target',
  ])
  assert.equal(connection.startedAt, begun)
  const [read, , , refused] = connection.steps
  assert.deepEqual([read?.at, read?.detail], [begun, { by: 'client' }])
  assert.match(refused?.fix ?? '', /same `resource`/)
})

test('several tokens after one reading have one step of it, and one that came without reading has none', async () => {
  pause()
  await readMetadata()
  for (let index = 0; index < 2; index++) await requestToken(stack.issuer, await codeForm(stack.issuer, 'bob'))
  const metadata = (await last()).steps.filter(({ type }) => type === 'metadata.read')
  assert.equal(metadata.length, 1)
  pause()
  await requestToken(stack.issuer, await codeForm(stack.issuer, 'bob'))
  assert.ok(!stepsOf(await last()).includes('metadata.read ok'))
})

test('another program, or the same one from elsewhere, has not read it', async () => {
  pause()
  await readMetadata({ 'user-agent': 'another program' })
  await readMetadata({ 'x-forwarded-for': '192.0.2.7' })
  await requestToken(stack.issuer, await codeForm(stack.issuer, 'bob'))
  assert.ok(!stepsOf(await last()).includes('metadata.read ok'))
})

test('a request that is refused in the browser is joined by address, which is said', async () => {
  pause()
  await readMetadata({ 'user-agent': 'a client whose browser is another program' })
  const request = { clientId: 'vet-assist-dev', redirectUri: CALLBACK, scope: 'nonsense', extra: { prompt: 'none' } }
  await authorize(stack.issuer, request, 'bob', { browser: new Browser() })
  const { steps } = await last()
  assert.deepEqual(
    steps.map(({ type, detail }) => [type, detail['by']]),
    [
      ['metadata.read', 'address'],
      ['authorization.refused', undefined],
    ],
  )
})
