import assert from 'node:assert/strict'
import { test } from 'node:test'
import { address, displayText, name } from './display-text.ts'

test('a name keeps letters of every script and single spaces', () => {
  assert.equal(displayText('  Vet\tAssist \n AI '), 'Vet Assist AI')
  assert.equal(displayText('Tierärztin Özgür 獣医 عيادة'), 'Tierärztin Özgür 獣医 عيادة')
})

test('a name loses what hides or reorders: controls, bidi overrides, zero width, blank letters', () => {
  assert.equal(displayText('Vet\u202eIA tsissA\u202c'), 'VetIA tsissA')
  assert.equal(displayText('Cl\u200baude\u2066\u2069\ufeff\u00ad\u061c'), 'Claude')
  assert.equal(displayText('\u3164\u115f\u2800\u{e0041}\u0007\u0000'), '')
})

test('a name of marks stacked on one letter keeps two of them', () => {
  assert.equal(displayText(`x${'\u0336'.repeat(200)}`), 'x\u0336\u0336')
})

test('half a surrogate pair becomes the replacement character', () => {
  assert.equal(displayText('a\ud83d'), 'a\ufffd')
})

test('a long name is cut between visible characters and says so', () => {
  assert.equal(displayText('🐕'.repeat(500), 5), '🐕🐕🐕🐕…')
  assert.equal(displayText('abcde', 5), 'abcde')
  assert.equal(displayText('a'.repeat(500)).length, 80)
})

test('a name is escaped and isolated, and an empty one is called so', () => {
  assert.equal(String(name('<script>alert(1)</script>')), '<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>')
  assert.equal(String(name('\u200b')), '<bdi>(no name)</bdi>')
})

test('an address is never shortened, and what is not printable ASCII is encoded', () => {
  const host = `vetassist.example.${'a'.repeat(300)}.evil.example:8443`
  assert.ok(String(address(host)).includes(host))
  assert.equal(
    String(address('аpple.com\u202e/x y')),
    '<bdi class="address" dir="ltr">%D0%B0pple.com%E2%80%AE/x%20y</bdi>',
  )
})
