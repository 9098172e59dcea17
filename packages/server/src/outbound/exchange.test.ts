import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exchange } from './exchange.ts'
import { createSecureAgent } from './secure-agent.ts'
import { startTlsHost, TEST_CA } from './testing/tls-host.ts'

const options = {
  accept: '*/*',
  maxBytes: 100,
  secureAgent: createSecureAgent([TEST_CA]),
  signal: AbortSignal.timeout(5_000),
}

test('the connection goes to the address that was checked, under the name of the URL, whatever the name means elsewhere', async () => {
  await using host = await startTlsHost((request, response) => response.end(request.headers.host))
  const url = new URL(`https://client.example:${host.port}/`)
  const got = await exchange(url, { ...options, addresses: ['127.0.0.1'] })
  assert.equal(got.ok && Buffer.from(got.value.body).toString(), `client.example:${host.port}`)
})

test('of several addresses one that answers is taken', async () => {
  await using host = await startTlsHost((_, response) => response.end())
  const url = new URL(`https://client.example:${host.port}/`)
  const got = await exchange(url, { ...options, addresses: ['::1', '127.0.0.1'] })
  assert.ok(got.ok)
})

test('a certificate for another name ends the connection', async () => {
  await using host = await startTlsHost((_, response) => response.end())
  const url = new URL(`https://stranger.example:${host.port}/`)
  const got = await exchange(url, { ...options, addresses: ['127.0.0.1'] })
  assert.match(got.ok ? '' : got.error.detail, /^ERR_TLS_CERT_ALTNAME_INVALID/)
})

test('no connection is used twice', async () => {
  const ports = new Set<number | undefined>()
  await using host = await startTlsHost((request, response) => (ports.add(request.socket.remotePort), response.end()))
  for (const _ of [1, 2, 3])
    await exchange(new URL(`https://client.example:${host.port}/`), { ...options, addresses: ['127.0.0.1'] })
  assert.equal(ports.size, 3)
})
