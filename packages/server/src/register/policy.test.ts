import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRegistration } from './dynamic/registration.ts'
import { DEFAULT_POLICY, isHostTrusted } from './policy.ts'

const trusts = (host: string, lists: { allowedHosts?: string[]; blockedHosts?: string[] }) =>
  isHostTrusted({ ...DEFAULT_POLICY, ...lists }, host)

test('every host is trusted unless hosts are listed', () => {
  assert.ok(trusts('notes.example', {}))
  assert.ok(!trusts('notes.example', { allowedHosts: ['claude.ai'] }))
  assert.ok(trusts('claude.ai', { allowedHosts: ['claude.ai', '*.example.com'] }))
})

test('a wildcard stands for the names below a host, at any depth, and for nothing else', () => {
  const allowedHosts = ['*.example.com']
  for (const host of ['a.example.com', 'a.b.example.com']) assert.ok(trusts(host, { allowedHosts }), host)
  for (const host of ['example.com', '.example.com', 'evilexample.com', 'a.example.com.evil.example'])
    assert.ok(!trusts(host, { allowedHosts }), host)
})

test('a block counts more than an allowance, however the host is spelled', () => {
  const lists = { allowedHosts: ['*.example.com'], blockedHosts: ['bad.example.com', '*.bad.example.com'] }
  assert.ok(trusts('good.example.com', lists))
  for (const host of ['bad.example.com', 'bad.example.com.', 'a.bad.example.com.'])
    assert.ok(!trusts(host, lists), host)
})

test('where public clients may not come, who registers authenticates', () => {
  const policy = { ...DEFAULT_POLICY, publicClients: false }
  const sent = { redirect_uris: ['https://notes.example/callback'] }
  const refused = readRegistration({ ...sent, token_endpoint_auth_method: 'none' }, [], policy)
  assert.match(
    refused.ok ? '' : refused.error.description,
    /token_endpoint_auth_method must be one of client_secret_basic/,
  )
  const read = readRegistration(sent, [], policy)
  assert.equal(read.ok && read.value.metadata.authMethod, 'client_secret_basic')
})
