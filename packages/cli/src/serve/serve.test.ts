import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer, request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { CLIENT_SECRET, CONFIG, makeFolder, ok, serve, spawnPermitry } from '../testing.ts'

/** What somebody could send by mistake or on purpose; none of it may be in a log. */
const SENT = {
  code: 'a-code-that-nobody-issued',
  state: 'a-state-of-some-client',
  password: 'a password of somebody',
  cookie: 'a-cookie-of-some-browser',
  bearer: 'a-token-of-some-client',
}

test('serve applies the configuration, answers at its issuer, and what operators do meanwhile counts at once', async (t) => {
  const folder = await makeFolder(t)
  const { issuer, log, stop, stderr } = await serve(t, folder)
  const redeem = async () => {
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`vet-assist-ai:${CLIENT_SECRET}`)}` },
      body: new URLSearchParams({ grant_type: 'authorization_code', code: SENT.code }),
    })
    return ((await response.json()) as { error: string }).error
  }
  assert.equal(await redeem(), 'invalid_grant')
  assert.equal(await ok(folder, ['client', 'suspend', 'vet-assist-ai']), 'suspended vet-assist-ai')
  assert.equal(await redeem(), 'invalid_client')
  assert.equal(await ok(folder, ['client', 'resume', 'vet-assist-ai']), 'resumed vet-assist-ai')
  assert.equal(await redeem(), 'invalid_grant')

  assert.equal(await stop(), 0)
  assert.match(stderr(), /^There is no owner yet\. .*\n  http:\S+\/setup\?token=setup_[\w-]{43}\n$/)
  assert.match(log.join('\n'), /"method":"POST","path":"\/token","status":401/)
})

test('no token, code, password or cookie that is sent to serve comes into its log', async (t) => {
  const folder = await makeFolder(t)
  const { issuer, log, stop } = await serve(t, folder)
  const headers = { authorization: `Bearer ${SENT.bearer}`, cookie: `session=${SENT.cookie}` }
  const query = new URLSearchParams({ code: SENT.code, state: SENT.state, client_id: 'vet-assist-ai' }).toString()
  for (const path of ['/authorize', '/login', '/consent', '/nowhere', '/userinfo'])
    await (await fetch(`${issuer}${path}?${query}`, { headers, redirect: 'manual' })).text()
  const body = new URLSearchParams({ username: 'bob', password: SENT.password, refresh_token: SENT.code })
  for (const path of ['/login', '/token', '/revoke'])
    await (await fetch(`${issuer}${path}?${query}`, { method: 'POST', headers, body, redirect: 'manual' })).text()
  assert.equal(await stop(), 0)
  assert.equal(log.filter((line) => line.includes('"msg":"request"')).length, 9)
  for (const [name, secret] of Object.entries(SENT))
    assert.ok(!log.join('\n').includes(secret), `the ${name} is in the log`)
})

test('asked to stop, serve finishes what it has begun and takes nothing new', async (t) => {
  const folder = await makeFolder(t)
  const { issuer, log, logged, stop } = await serve(t, folder)
  const body = 'grant_type=authorization_code'
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': body.length,
    // The server's answer to this header shows that the request is under way.
    expect: '100-continue',
  }
  const begun = request(`${issuer}/token`, { method: 'POST', headers })
  begun.flushHeaders()
  await once(begun, 'continue')
  const stopping = logged('stopping')
  const stopped = stop('SIGINT')
  await stopping
  begun.end(body)
  const [response] = (await once(begun, 'response')) as [IncomingMessage]
  assert.equal(response.statusCode, 401)
  response.resume()
  assert.equal(await stopped, 0)
  assert.deepEqual(
    log.slice(-3).map((line) => (JSON.parse(line) as { msg: string }).msg),
    ['stopping', 'request', 'stopped'],
  )
  await assert.rejects(fetch(`${issuer}/jwks`))
})

test('the master key of a loopback server is made once, for its owner alone', async (t) => {
  const folder = await makeFolder(t)
  const file = join(folder, '.permitry', 'master.key')
  await (await serve(t, folder)).stop()
  const key = await readFile(file, 'utf8')
  assert.match(key, /^[A-Za-z0-9_-]{43}\n$/)
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  await (await serve(t, folder, [])).stop()
  assert.equal(await readFile(file, 'utf8'), key)
  await chmod(file, 0o644)
  const { code, stderr } = await spawnPermitry(folder, ['serve'])
  assert.equal(code, 1)
  assert.match(stderr, /^permitry: the master key file `.*master\.key` can be read by others: run `chmod 600 /)
})

test('serve ends with a sentence: no key for a public issuer, http elsewhere than loopback, no database, a busy port', async (t) => {
  const folder = await makeFolder(t)
  const withIssuer = (issuer: string) =>
    writeFile(join(folder, 'permitry.yaml'), CONFIG.replace(/issuer: .*/, `issuer: ${issuer}`))

  await withIssuer('https://auth.example.com')
  const keyless = await spawnPermitry(folder, ['serve'])
  assert.equal(keyless.code, 1)
  assert.match(keyless.stderr, /^permitry: the master key is missing: make one with `openssl rand -base64 32 /)

  await withIssuer('http://auth.example.com')
  const plain = await spawnPermitry(folder, ['serve'])
  assert.equal(plain.code, 1)
  assert.match(
    plain.stderr,
    /permitry\.yaml:2:9: the issuer may use http only on localhost, 127\.0\.0\.1 or \[::1\]: use https/,
  )

  await withIssuer('http://127.0.0.1:0')
  const environment = { DATABASE_URL: 'postgres://127.0.0.1:1/permitry' }
  const unreachable = await spawnPermitry(folder, ['serve'], { environment })
  assert.equal(unreachable.code, 1)
  assert.equal(unreachable.stderr, 'permitry: the database cannot be opened: connect ECONNREFUSED 127.0.0.1:1\n')

  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  await withIssuer(`http://127.0.0.1:${port}`)
  const busy = await spawnPermitry(folder, ['serve'])
  other.close()
  assert.equal(busy.code, 1)
  assert.equal(
    busy.stderr,
    `permitry: port ${port} of 127.0.0.1 is busy: stop what listens there, or set PERMITRY_PORT to another port\n`,
  )
})

test('a public address that does not lead here is a warning, since a proxy may start later', async (t) => {
  const folder = await makeFolder(t, CONFIG.replace(/issuer: .*/, 'issuer: https://permitry.invalid'))
  const environment = { PERMITRY_PORT: '0', PERMITRY_MASTER_KEY: Buffer.alloc(32, 1).toString('base64url') }
  const { issuer, log, stop } = await serve(t, folder, [], environment)
  assert.equal(issuer, 'https://permitry.invalid')
  assert.equal(await stop(), 0)
  const warning = log
    .map((line) => JSON.parse(line) as { level: string; msg: string })
    .find(({ level }) => level === 'warn')
  assert.match(
    warning?.msg ?? '',
    /^clients will not reach this server: https:\/\/permitry\.invalid\/\.well-known\/oauth-authorization-server cannot be reached/,
  )
})

test('a master key that the stored signing keys were not made with stops the start with a sentence', async (t) => {
  const folder = await makeFolder(t)
  const { stop } = await serve(t, folder)
  await stop()
  const environment = { PERMITRY_MASTER_KEY: randomBytes(32).toString('base64url') }
  const { code, stderr } = await spawnPermitry(folder, ['serve'], { environment })
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^permitry: the master key does not open the signing keys of tenant `default`: start with the one/,
  )
})
