import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkRegisteredRedirectUri, matchRedirectUri } from './redirect-uri.ts'

const accepted = (uri: string, type: 'web' | 'native') =>
  assert.equal(checkRegisteredRedirectUri(uri, type), undefined, uri)
const refused = (uri: string, type: 'web' | 'native' = 'native') =>
  assert.equal(typeof checkRegisteredRedirectUri(uri, type), 'string', JSON.stringify(uri))

test('https and loopback http are for everybody, private-use schemes for native clients', () => {
  for (const type of ['web', 'native'] as const) {
    accepted('https://app.example.com/callback?tenant=a', type)
    accepted('http://localhost:9402/callback', type)
    accepted('http://127.0.0.1/callback', type)
    accepted('http://[::1]:3000/callback', type)
  }
  accepted('cursor://anysphere.cursor-retrieval/oauth/callback', 'native')
  accepted('com.example.app:/callback', 'native')
  refused('cursor://anysphere.cursor-retrieval/oauth/callback', 'web')
})

test('a private-use scheme does not excuse an authority that no browser can read', () => {
  for (const uri of ['app://[:::]/cb', 'app://[::1.2.3]/cb', 'app://[....]/cb']) refused(uri, 'native')
})

test('http away from loopback is refused, however much the host resembles it', () => {
  for (const host of [
    'app.example.com',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost.',
    '127.0.0.1.',
    '127.0.0.2',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '0.0.0.0',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[0:0:0:0:0:0:0:1]',
    '[::1%25lo]',
    '%6cocalhost',
    'loc%61lhost',
    'ⓛocalhost',
  ]) {
    refused(`http://${host}/callback`)
    refused(`http://${host}:8080/callback`)
  }
})

test('an https host that a browser would read as another is refused', () => {
  for (const host of ['2130706433', '0x7f.1', '127.1', '[0:0:0:0:0:0:0:1]', 'ex%61mple.com', 'exämple.com', '']) {
    refused(`https://${host}/callback`)
  }
})

test('schemes that run code or read files are refused in any letter case', () => {
  for (const uri of [
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'java\nscript:alert(1)',
    '\tjavascript:alert(1)',
    'data:text/html,hello',
    'file:///etc/passwd',
    'vbscript:a',
    'blob:https://app.example.com/1',
    'about:blank',
    'view-source:https://app.example.com/',
    'ws://localhost/',
  ]) {
    refused(uri)
    refused(uri, 'web')
  }
})

test('fragments, user names, wildcards, dot segments, odd ports and foreign characters are refused', () => {
  for (const uri of [
    '',
    '/callback',
    '//app.example.com/callback',
    'https:/callback',
    'https://app.example.com/#',
    'https://app.example.com/callback#a',
    'https://user@app.example.com/callback',
    'http://127.0.0.1:80@evil.example/callback',
    'http://localhost@evil.example/callback',
    'custom://user@host/callback',
    'https://*.example.com/callback',
    'https://app.example.com/*',
    'https://app.example.com/a/../callback',
    'https://app.example.com/a/%2e%2e/callback',
    'https://app.example.com/a%2f..%2fcallback',
    'https://app.example.com/a/.%5ccallback',
    'https://app.example.com/..',
    'https://app.example.com:/callback',
    'https://app.example.com:0/callback',
    'https://app.example.com:65536/callback',
    'https://app.example.com:1:2/callback',
    'https://app.example.com\\@evil.example/callback',
    'https:\\\\app.example.com/callback',
    'https://app.example.com/call back',
    ' https://app.example.com/callback',
    'https://app.example.com/callback\n',
    'https://app.example.com/\u0000',
    'https://app.example.com/é',
    'https://app.example.com/%',
    'custom:',
  ]) {
    refused(uri)
  }
})

test('a web client is matched by string comparison alone', () => {
  const registered = ['http://localhost:9402/callback', 'https://app.example.com/callback']
  assert.ok(matchRedirectUri(registered, 'http://localhost:9402/callback', 'web'))
  for (const given of [
    'http://localhost:9403/callback',
    'http://localhost/callback',
    'https://app.example.com/callback/',
    'https://app.example.com/Callback',
    'https://app.example.com/callback?a=b',
    'https://app.example.com/callback#',
    'https://app.example.com:443/callback',
    'https://APP.example.com/callback',
    'https://app.example.com/%63allback',
    'https://app.example.com/x/../callback',
    'https://app.example.com.evil.example/callback',
    'https://app.example.com@evil.example/callback',
    '',
  ]) {
    assert.ok(!matchRedirectUri(registered, given, 'web'), given)
  }
})

test('a native client may use any port at the loopback host that it registered', () => {
  const registered = ['http://127.0.0.1/callback', 'http://[::1]:1/callback', 'http://localhost/oauth/callback?a=b']
  for (const given of [
    'http://127.0.0.1/callback',
    'http://127.0.0.1:1/callback',
    'http://127.0.0.1:65535/callback',
    'http://[::1]/callback',
    'http://[::1]:50000/callback',
    'http://localhost:50000/oauth/callback?a=b',
  ]) {
    assert.ok(matchRedirectUri(registered, given, 'native'), given)
  }
})

test('only the port of a loopback redirect is free: everything else, and every trick, is refused', () => {
  const registered = [
    'http://127.0.0.1/callback',
    'http://[::1]/callback',
    'https://localhost/callback',
    'https://app.example.com/callback',
  ]
  for (const given of [
    'http://localhost:80/callback',
    'http://127.0.0.1:80@evil.example/callback',
    'http://127.0.0.1:@evil.example/callback',
    'http://127.0.0.1@evil.example/callback',
    'http://evil.example@127.0.0.1/callback',
    'http://127.0.0.1.evil.example/callback',
    'http://127.0.0.1.:80/callback',
    'http://127.0.0.1:80.evil.example/callback',
    'http://127.0.0.1:/callback',
    'http://127.0.0.1:0/callback',
    'http://127.0.0.1:080/callback',
    'http://127.0.0.1:65536/callback',
    'http://127.0.0.1:999999/callback',
    'http://127.0.0.1:+80/callback',
    'http://127.0.0.1:8e1/callback',
    'http://127.0.0.1:80:90/callback',
    'HTTP://127.0.0.1:80/callback',
    'http:/127.0.0.1:80/callback',
    'http:\\\\127.0.0.1:80/callback',
    'http://127.0.0.1:80\\callback',
    'http://127.0.0.1:80/Callback',
    'http://127.0.0.1:80/callback/',
    'http://127.0.0.1:80//callback',
    'http://127.0.0.1:80/x/../callback',
    'http://127.0.0.1:80%2fcallback',
    'http://127.0.0.1:80/%63allback',
    'http://127.0.0.1:80/callback?',
    'http://127.0.0.1:80/callback?code=x',
    'http://127.0.0.1:80/callback#',
    'http://127.0.0.1:80/callback#@evil.example',
    'http://127.0.0.1:80/callback\n',
    'http://127.0.0.1:8\t0/callback',
    '\thttp://127.0.0.1:80/callback',
    'http://127.1:80/callback',
    'http://2130706433:80/callback',
    'http://0x7f000001:80/callback',
    'http://[0:0:0:0:0:0:0:1]:80/callback',
    'http://[::1]evil.example/callback',
    'http://[::1%25lo]:80/callback',
    'http://[::ffff:127.0.0.1]:80/callback',
    'https://127.0.0.1:80/callback',
    'https://localhost:8443/callback',
    'https://app.example.com:8443/callback',
  ]) {
    assert.ok(!matchRedirectUri(registered, given, 'native'), given)
  }
})

test('whatever matches by port goes, in a browser too, to the registered host and path', () => {
  const registered = 'http://127.0.0.1/callback'
  const pieces = fc.constantFrom(
    'http://',
    '127.0.0.1',
    ':80',
    ':',
    '@',
    '/',
    '\\',
    '/callback',
    '#',
    '?',
    '.',
    '..',
    'evil.example',
    '%2f',
    '\t',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 9 }), (parts) => {
      const given = `http://127.0.0.1${parts.join('')}`
      if (!matchRedirectUri([registered], given, 'native')) return
      const url = new URL(given)
      assert.deepEqual(
        [url.hostname, url.pathname, url.search, url.hash, url.username],
        ['127.0.0.1', '/callback', '', '', ''],
      )
    }),
    { numRuns: 2000 },
  )
})
