import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { kindOfAddress } from './address.ts'
import { checkAddress, checkUrl } from './address-policy.ts'

/** Spellings that a server may hand over to make us reach what is not on the public internet. */
const REFUSED = {
  'plain http': ['http://example.com/', 'http://93.184.216.34/'],
  'another scheme': [
    'ftp://example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,x',
    'gopher://x/',
  ],
  'no URL': ['', 'example.com', '//example.com', 'https://', 'https://[::1', 'https://exa mple.com/'],
  'a user name': ['https://user@example.com/', 'https://example.com:443@127.0.0.1/', 'https://:secret@example.com/'],
  'loopback, dotted': ['https://127.0.0.1/', 'https://127.255.255.254/', 'https://127.0.0.1:8443/x'],
  'loopback, decimal': ['https://2130706433/', 'https://017700000001/', 'https://0x7f000001/'],
  'loopback, octal and hex parts': ['https://0177.0.0.1/', 'https://0x7f.0.0.1/', 'https://0x7F.0x0.0x0.0x1/'],
  'loopback, short': ['https://127.1/', 'https://127.0.1/', 'https://0/', 'https://0.0.0.0/'],
  'loopback, full-width and encoded digits': [
    'https://１２７.０.０.１/',
    'https://%31%32%37.0.0.1/',
    'https://127。0。0。1/',
  ],
  'IPv6 loopback and unspecified': ['https://[::1]/', 'https://[0:0:0:0:0:0:0:1]/', 'https://[::]/'],
  'IPv4 in IPv6, mapped': ['https://[::ffff:127.0.0.1]/', 'https://[::ffff:7f00:1]/', 'https://[::ffff:10.0.0.1]/'],
  'IPv4 in IPv6, compatible': ['https://[::127.0.0.1]/', 'https://[::7f00:1]/', 'https://[::a9fe:a9fe]/'],
  'IPv4 in IPv6, NAT64': [
    'https://[64:ff9b::127.0.0.1]/',
    'https://[64:ff9b::a00:1]/',
    'https://[64:ff9b:1::8.8.8.8]/',
  ],
  'IPv4 in IPv6, tunnels': ['https://[2002:7f00:1::]/', 'https://[2002:808:808::]/', 'https://[2001:0:7f00:1::]/'],
  'IPv4 in IPv6, translated': ['https://[::ffff:0:127.0.0.1]/'],
  'private IPv4': ['https://10.0.0.1/', 'https://172.16.0.1/', 'https://172.31.255.255/', 'https://192.168.1.1/'],
  'cloud metadata': [
    'https://169.254.169.254/latest/meta-data/',
    'https://[fd00:ec2::254]/',
    'https://100.100.100.200/',
  ],
  'special IPv4': ['https://100.64.0.1/', 'https://192.0.0.1/', 'https://192.0.2.1/', 'https://198.18.0.1/'],
  'more special IPv4': [
    'https://198.51.100.1/',
    'https://203.0.113.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
  ],
  'special IPv6': ['https://[fc00::1]/', 'https://[fe80::1]/', 'https://[fec0::1]/', 'https://[ff02::1]/'],
  'more special IPv6': ['https://[2001:db8::1]/', 'https://[3fff::1]/', 'https://[100::1]/', 'https://[4000::1]/'],
  'local names': ['https://localhost/', 'https://LOCALHOST/', 'https://localhost./', 'https://a.localhost/'],
  'names of a network': ['https://printer.local/', 'https://metadata.google.internal/', 'https://router.lan./'],
} as const

describe('an address that a server hands over is refused', () => {
  for (const [what, urls] of Object.entries(REFUSED)) {
    for (const url of urls) it(`${what}: ${url}`, () => assert.notEqual(checkUrl(url, {}), undefined))
  }
})

describe('an address is taken', () => {
  for (const url of [
    'https://example.com/.well-known/oauth-authorization-server',
    'https://auth.example.com:8443/t/tenant',
    'https://93.184.216.34/',
    'https://[2606:2800:220:1:248:1893:25c8:1946]/',
    'https://[64:ff9b::8.8.8.8]/',
    'https://localhost.example.com/',
    'https://xn--bcher-kva.example/',
  ])
    it(url, () => assert.equal(checkUrl(url, {}), undefined))
})

describe('what an app allows', () => {
  const loopback = { allowLoopback: true }
  it('opens loopback, also by http, and nothing else', () => {
    for (const url of ['http://localhost:9400/', 'http://127.0.0.1/', 'https://[::1]/', 'http://2130706433/'])
      assert.equal(checkUrl(url, loopback), undefined, url)
    for (const url of ['http://example.com/', 'https://10.0.0.1/', 'http://10.0.0.1/', 'https://169.254.169.254/'])
      assert.notEqual(checkUrl(url, loopback), undefined, url)
  })

  it('opens single origins, by https or on loopback', () => {
    const policy = { allowOrigins: ['http://localhost:9401', 'https://10.1.2.3', 'http://10.1.2.3'] }
    assert.equal(checkUrl('http://localhost:9401/mcp', policy), undefined)
    assert.equal(checkUrl('https://10.1.2.3/mcp', policy), undefined)
    assert.notEqual(checkUrl('http://localhost:9402/mcp', policy), undefined)
    assert.notEqual(checkUrl('https://10.1.2.4/mcp', policy), undefined)
    assert.notEqual(checkUrl('http://10.1.2.3/mcp', policy), undefined, 'http stays on loopback')
  })
})

describe('an address that a name resolved to', () => {
  const url = new URL('https://mcp.example.com/')
  it('is refused unless it is public', () => {
    assert.equal(checkAddress('93.184.216.34', url, {}), undefined)
    for (const address of ['127.0.0.1', '10.0.0.1', '::1', 'fd00::1', '::ffff:127.0.0.1', 'nonsense'])
      assert.notEqual(checkAddress(address, url, {}), undefined, address)
  })

  it('may not be loopback behind a public name, even where loopback is allowed', () => {
    assert.notEqual(checkAddress('127.0.0.1', url, { allowLoopback: true }), undefined)
  })

  it('may be loopback and nothing else behind a loopback name', () => {
    const local = new URL('http://localhost:9401/')
    assert.equal(checkAddress('127.0.0.1', local, { allowLoopback: true }), undefined)
    assert.notEqual(checkAddress('93.184.216.34', local, { allowLoopback: true }), undefined)
  })

  it('may be private behind an origin that the app allows', () => {
    const policy = { allowOrigins: ['https://mcp.example.com'] }
    assert.equal(checkAddress('10.0.0.1', url, policy), undefined)
    assert.notEqual(checkAddress('10.0.0.1', new URL('https://other.example.com/'), policy), undefined)
  })
})

describe('an IPv4 address', () => {
  it('is of the same kind however IPv6 carries it', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const kind = kindOfAddress(address)
        for (const prefix of ['::ffff:', '64:ff9b::']) assert.equal(kindOfAddress(prefix + address), kind)
      }),
    )
  })

  it('is of the same kind in every notation that a URL knows', () => {
    fc.assert(
      fc.property(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)), (octets) => {
        const number = octets.reduce((sum, octet) => sum * 256 + octet, 0)
        const dotted = checkUrl(`https://${octets.join('.')}/`, {})
        const hex = octets.map((octet) => `0x${octet.toString(16)}`).join('.')
        const octal = octets.map((octet) => `0${octet.toString(8)}`).join('.')
        for (const host of [String(number), `0x${number.toString(16)}`, hex, octal])
          assert.equal(checkUrl(`https://${host}/`, {}), dotted, host)
      }),
    )
  })
})
