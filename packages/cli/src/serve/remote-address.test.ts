import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRemoteAddress } from './remote-address.ts'

const behindProxies = createRemoteAddress(['127.0.0.1', '10.0.0.0/8', 'fd00::/8'])

const cases: [name: string, peer: string | undefined, forwardedFor: string | undefined, address: string | undefined][] =
  [
    ['nobody between', '203.0.113.7', undefined, '203.0.113.7'],
    ['a stranger who claims to forward', '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['one trusted proxy', '127.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['a chain of trusted proxies', '127.0.0.1', '203.0.113.7, 10.1.2.3', '203.0.113.7'],
    ['a caller who put an address before', '127.0.0.1', '198.51.100.1, 203.0.113.7', '203.0.113.7'],
    ['a trusted proxy that says nothing', '10.1.2.3', undefined, '10.1.2.3'],
    ['a chain of trusted addresses only', '127.0.0.1', '10.0.0.1', '10.0.0.1'],
    ['what is no address', '127.0.0.1', 'unknown', '127.0.0.1'],
    ['an IPv4 peer of a dual-stack socket', '::ffff:127.0.0.1', '203.0.113.7:4711', '203.0.113.7'],
    ['IPv6', 'fd00::1', '[2001:db8::7]:4711', '2001:db8::7'],
    ['a socket that is gone', undefined, '203.0.113.7', undefined],
  ]

for (const [name, peer, forwardedFor, address] of cases)
  test(`the caller is known with ${name}`, () => assert.equal(behindProxies(peer, forwardedFor), address))

test('without trusted proxies nobody is believed', () => {
  assert.equal(createRemoteAddress([])('127.0.0.1', '203.0.113.7'), '127.0.0.1')
})
