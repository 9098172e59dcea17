import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOwnForm } from './own-form.ts'

const own = 'https://login.example'
const decide = (secFetchSite?: string, origin?: string): boolean => isOwnForm({ secFetchSite, origin }, own)

test('a form of our own page is accepted, also where the referrer policy makes its origin null', () => {
  assert.equal(decide('same-origin', own), true)
  assert.equal(decide('same-origin', 'null'), true)
  assert.equal(decide('same-origin'), true)
})

test('a browser without Sec-Fetch-Site must name our origin', () => {
  assert.equal(decide(undefined, own), true)
  assert.equal(decide(undefined, 'null'), false)
  assert.equal(decide(undefined, undefined), false)
})

test('a form of another origin is refused, however close it is', () => {
  for (const site of ['cross-site', 'same-site', 'none', '', 'Same-Origin', 'same-origin, same-origin'])
    assert.equal(decide(site, own), false, site)
  for (const origin of [
    'https://evil.example',
    'http://login.example',
    `${own}:8443`,
    `${own}.evil.example`,
    '',
    `${own}/`,
  ])
    assert.equal(decide('same-origin', origin), false, origin)
  assert.equal(decide(undefined, 'https://evil.example'), false)
})
