import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Arrival } from '@permitry/server'
import { judgeArrival } from './check-arrival.ts'

const DIRECT: Arrival = {
  remote_address: '127.0.0.1',
  client_address: '127.0.0.1',
  from_trusted_proxy: false,
  host: 'localhost:9400',
  forwarded: undefined,
  x_forwarded_for: undefined,
  x_forwarded_proto: undefined,
}
const PROXIED: Arrival = {
  ...DIRECT,
  remote_address: '10.0.0.5',
  client_address: '198.51.100.7',
  from_trusted_proxy: true,
  x_forwarded_for: '198.51.100.7',
  x_forwarded_proto: 'https',
}
const PUBLIC = 'https://auth.example'

const cases: Record<string, [issuer: string, plain: Arrival, forged: Arrival, status: string, said: RegExp]> = {
  'a server that clients reach directly': ['http://localhost:9400', DIRECT, DIRECT, 'ok', /127\.0\.0\.1 counts/],
  'a trusted proxy that says for whom it calls': [PUBLIC, PROXIED, PROXIED, 'ok', /198\.51\.100\.7 counts/],
  'a proxy that is not trusted': [
    PUBLIC,
    { ...PROXIED, from_trusted_proxy: false, client_address: '10.0.0.5' },
    PROXIED,
    'fail',
    /the proxy is not trusted/,
  ],
  'a proxy that does not say for whom it calls': [
    PUBLIC,
    { ...DIRECT, remote_address: '10.0.0.5', client_address: '10.0.0.5' },
    DIRECT,
    'fail',
    /does not say for whom it calls/,
  ],
  'a proxy that passes on what a client made up': [
    PUBLIC,
    PROXIED,
    { ...PROXIED, client_address: '203.0.113.77' },
    'fail',
    /may choose the address that counts/,
  ],
  'a proxy that was called by http': [PUBLIC, { ...PROXIED, x_forwarded_proto: 'http' }, PROXIED, 'warn', /by http/],
  'a proxy whose header has no address': [
    PUBLIC,
    { ...PROXIED, client_address: '10.0.0.5', x_forwarded_for: 'unknown' },
    PROXIED,
    'warn',
    /no usable address/,
  ],
}

for (const [name, [issuer, plain, forged, status, said]] of Object.entries(cases))
  test(`the doctor knows ${name}`, () => {
    const finding = judgeArrival(issuer, plain, forged)
    assert.equal(finding.status, status)
    assert.match(finding.seen, said)
    assert.equal(finding.fix !== undefined, status !== 'ok')
  })
