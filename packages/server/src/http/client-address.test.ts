import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callerNetwork, clientAddress, trustProxies } from './client-address.ts'

const isTrusted = trustProxies(['10.0.0.0/8', '192.0.2.1', 'fd00::/8'])
const behind = (peer: string | undefined, xForwardedFor?: string, forwarded?: string): string =>
  clientAddress(peer, { xForwardedFor, forwarded }, isTrusted)

test('a peer that is no trusted proxy is the client, whatever it says in headers', () => {
  assert.equal(behind('203.0.113.9'), '203.0.113.9')
  assert.equal(behind('203.0.113.9', '198.51.100.1'), '203.0.113.9')
  assert.equal(behind('203.0.113.9', undefined, 'for=198.51.100.1'), '203.0.113.9')
  assert.equal(
    clientAddress('10.0.0.1', { xForwardedFor: '1.1.1.1', forwarded: undefined }, trustProxies([])),
    '10.0.0.1',
  )
})

test('the rightmost hop that is not trusted is the client, and what the client wrote left of it does not count', () => {
  assert.equal(behind('10.0.0.1', '203.0.113.9'), '203.0.113.9')
  assert.equal(behind('10.0.0.1', '198.51.100.1, 203.0.113.9'), '203.0.113.9')
  assert.equal(behind('10.0.0.1', '10.0.0.5, 203.0.113.9, 192.0.2.1, 10.2.3.4'), '203.0.113.9')
  assert.equal(
    behind('10.0.0.1', undefined, 'for=198.51.100.1, for=203.0.113.9;proto=https, For="10.2.3.4:8080"'),
    '203.0.113.9',
  )
})

test('a chain of trusted proxies alone ends at the farthest of them', () => {
  assert.equal(behind('10.0.0.1', '10.0.0.3, 10.0.0.2'), '10.0.0.3')
})

test('a hop that is no address stops the way: what stands left of it is not believed', () => {
  for (const hop of [
    'unknown',
    '_hidden',
    '',
    '203.0.113',
    '203.0.113.9.example',
    '0x7f.1',
    '010.0.0.1',
    '1.1.1.1 2.2.2.2',
  ])
    assert.equal(behind('10.0.0.1', `198.51.100.1, ${hop}, 10.0.0.2`), '10.0.0.2', hop)
})

test('a port does not make another client', () => {
  assert.equal(behind('10.0.0.1', '203.0.113.9:4711'), '203.0.113.9')
  assert.equal(behind('10.0.0.1', '[2001:db8::1]:4711'), '2001:db8::1')
  assert.equal(behind('10.0.0.1', '2001:db8::1'), '2001:db8::1')
  assert.equal(behind('10.0.0.1', undefined, 'for="[2001:db8::1]:4711"'), '2001:db8::1')
})

test('a client that adds the header which its proxy does not write gains nothing', () => {
  assert.equal(behind('10.0.0.1', '203.0.113.9', 'for=198.51.100.1'), '10.0.0.1')
  assert.equal(behind('10.0.0.1', '198.51.100.1', 'for=203.0.113.9'), '10.0.0.1')
  assert.equal(behind('10.0.0.1', '203.0.113.9', 'for=203.0.113.9'), '203.0.113.9')
})

test('quotes in Forwarded can neither hide the hop that the proxy appended nor make one up', () => {
  assert.equal(behind('10.0.0.1', undefined, 'for="198.51.100.1, for=203.0.113.9'), '10.0.0.1')
  assert.equal(behind('10.0.0.1', undefined, 'by="a,for=198.51.100.1";for=203.0.113.9'), '203.0.113.9')
  assert.equal(behind('10.0.0.1', undefined, String.raw`for="198.51.100.1\", for=203.0.113.9`), '10.0.0.1')
  assert.equal(behind('10.0.0.1', undefined, 'for=203.0.113.9;for=198.51.100.1'), '10.0.0.1')
  assert.equal(behind('10.0.0.1', undefined, 'proto=https, for=203.0.113.9'), '203.0.113.9')
  assert.equal(behind('10.0.0.1', undefined, 'for=203.0.113.9, proto=https'), '10.0.0.1')
})

test('one address has one spelling, also where a socket maps IPv4 into IPv6', () => {
  assert.equal(behind('::ffff:203.0.113.9'), '203.0.113.9')
  assert.equal(behind('::ffff:10.0.0.1', '203.0.113.9'), '203.0.113.9')
  assert.equal(behind('::FFFF:CB00:7109'), '203.0.113.9')
  assert.equal(behind('2001:0DB8:0:0::0001'), '2001:db8::1')
  assert.equal(behind('fe80::1%eth0'), 'fe80::1')
  assert.equal(behind('fd00::1', '2001:db8::1'), '2001:db8::1')
})

test('a listener that does not tell the peer makes all clients one', () => {
  assert.equal(behind(undefined), 'unknown')
  assert.equal(behind(undefined, '203.0.113.9'), 'unknown')
  assert.equal(behind('/run/permitry.sock', '203.0.113.9'), 'unknown')
})

test('a range that is none stops the start', () => {
  for (const range of [
    '',
    'localhost',
    '10.0.0.0/',
    '10.0.0.0/33',
    '0.0.0.0/0',
    '10.0.0.0/8/8',
    '::1/129',
    '10.0.0.0/ 8',
  ])
    assert.throws(() => trustProxies([range]), { name: /TypeError|RangeError/ }, range)
})

test('an IPv6 subscriber is one caller, however many addresses of his /64 he uses', () => {
  assert.equal(callerNetwork('2001:db8:1:2::1'), '2001:db8:1:2::/64')
  assert.equal(callerNetwork('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  assert.notEqual(callerNetwork('2001:db8:1:3::1'), callerNetwork('2001:db8:1:2::1'))
  assert.equal(callerNetwork('2001:db8::1'), '2001:db8:0:0::/64')
  assert.equal(callerNetwork('::1'), '0:0:0:0::/64')
  assert.equal(callerNetwork('203.0.113.9'), '203.0.113.9')
})
