import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readOptions } from '../settings.ts'
import { readClaims } from './claims.ts'

const settings = readOptions({
  issuer: 'https://auth.example.com',
  resource: 'https://mcp.example.com/mcp',
  names: ['mcp://vetassist'],
  defaultScopes: [],
  tools: {},
})
const right = {
  iss: 'https://auth.example.com',
  sub: 'bob',
  aud: 'mcp://vetassist',
  exp: 1_800_000_000,
  jti: 'j1',
  client_id: 'vet-assist-ai',
  scope: 'a b',
  entitlements: ['a', 'b', 'c'],
  roles: ['Vet Staff'],
  fam: 'f1',
  acr: 'urn:mfa',
  auth_time: 1_799_999_000,
  epoch: 7,
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isTextList = (value: unknown): boolean => Array.isArray(value) && value.every((one) => typeof one === 'string')
const isNumber = (value: unknown): boolean => typeof value === 'number'

/** What each claim may be beside what it is above. */
const mayBe: Readonly<Record<keyof typeof right, (value: unknown) => boolean>> = {
  iss: isText,
  sub: isText,
  aud: (value) => isTextList(value) && (value as string[]).includes('mcp://vetassist'),
  exp: isNumber,
  jti: isText,
  client_id: isText,
  scope: (value) => value === undefined || (isText(value) && /^[a-c](?: [a-c])*$/.test(value as string)),
  entitlements: (value) => value === undefined || isTextList(value),
  roles: (value) => value === undefined || isTextList(value),
  fam: (value) => value === undefined || isText(value),
  acr: (value) => value === undefined || isText(value),
  auth_time: (value) => value === undefined || isNumber(value),
  epoch: (value) => value === undefined || Number.isSafeInteger(value),
}

const values = fc.oneof(
  fc.jsonValue({ maxDepth: 1 }).filter((value) => !(typeof value === 'string' && value.includes(' '))),
  fc.constantFrom<unknown>(undefined, '', 'a', 'a c', [], ['a', 1], ['mcp://vetassist', 'x'], 'mcp://vetassist2', 0.5),
)

test('claims make a caller if and only if each of them is what it may be', () => {
  assert.ok(readClaims(right, settings))
  const member = fc.constantFrom(...(Object.keys(right) as (keyof typeof right)[]))
  fc.assert(
    fc.property(member, values, (name, value) => {
      fc.pre(name !== 'scope' || typeof value !== 'string' || /^[a-c ]*$/.test(value))
      const caller = readClaims({ ...right, [name]: value }, settings)
      const isGood = mayBe[name](value) || (name === 'scope' && value === '')
      assert.equal(caller !== undefined, isGood, `${name}: ${JSON.stringify(value)}`)
    }),
    { numRuns: 1_000 },
  )
})

test('claims of any kind never make a caller without issuer, subject, client, id, end and audience', () => {
  const claims = fc.dictionary(fc.constantFrom(...Object.keys(right), '__proto__', 'cnf'), values)
  fc.assert(
    fc.property(claims, (claims) => {
      const caller = readClaims(claims, settings)
      if (caller === undefined) return
      const { iss, sub, client_id, jti, exp } = caller.principal
      assert.ok([iss, sub, client_id, jti].every(isText) && isNumber(exp))
    }),
    { numRuns: 1_000 },
  )
})
