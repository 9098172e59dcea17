import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { REMEDIES, remedyFor } from './remedies.ts'

/** What guards decided about calls of clients that are connected: their own reasons, which they explain where they answer. */
const FROM_GUARDS = new Set(['call.refused', 'guard.counted'])

const source = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(source, path), 'utf8')

/** The literals of a union type, as it stands in its file. */
function literalsOf(path: string, name: string): string[] {
  const [, body = ''] = new RegExp(`export type ${name} =(.*?)\\n\\n`, 's').exec(read(path)) ?? []
  return [...body.matchAll(/(?<!\[)'([a-z_]+)'/g)].map(([, literal = '']) => literal)
}

test('each reason of a token refusal has its fix, and what has kinds has one for each kind', () => {
  const reasons = new Set(literalsOf('token/failure.ts', 'TokenFailure'))
  assert.ok(reasons.size > 30)
  const kinds = {
    client_authentication: literalsOf('token/failure.ts', 'ClientAuthenticationFailure'),
    dpop_proof: literalsOf('../../oauth/src/dpop/proof.ts', 'ProofFailure'),
    target: [...read('access/target.ts').matchAll(/\{ readonly reason: '(\w+)'/g)].map(([, one = '']) => one),
  }
  for (const [reason, ofIt] of Object.entries(kinds)) {
    assert.ok(ofIt.length >= 5, reason)
    assert.ok(reasons.has(reason), reason)
    reasons.delete(reason)
    for (const kind of ofIt) assert.ok(remedyFor('token.refused', `${reason}: ${kind}`), `${reason}: ${kind}`)
  }
  // `no_server` stands inside of the union as the one kind that is no failure of a target.
  reasons.delete('no_server')
  for (const reason of reasons) assert.ok(remedyFor('token.refused', reason), reason)
})

test('each error code that the server puts on the wire has its fix', () => {
  const codes = [...read('../../oauth/src/errors.ts').matchAll(/^ {2}\| '([a-z_]+)'/gm)].map(([, code = '']) => code)
  assert.ok(codes.length > 25)
  for (const code of codes) assert.ok(remedyFor('authorization.refused', code), code)
})

test('whatever the server writes into the audit as a refusal is of a type that has a table', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes('testing'),
  )
  const written = files.flatMap((path) => {
    const calls = read(path).matchAll(/t\.audit(?:Refused)?\(\{[^}]*/g)
    return [...calls]
      .map(([call]) => call)
      .filter((call) => call.includes('auditRefused') || call.includes("outcome: 'refused'"))
      .flatMap((call) => [...call.matchAll(/'([a-z]+\.[a-z]+)'/g)].map(([, type = '']) => type))
  })
  assert.ok(written.length >= 6, String(written.length))
  for (const type of written) assert.ok(Object.hasOwn(REMEDIES, type) || FROM_GUARDS.has(type), type)
})

test('what is no refusal of this version has no fix', () => {
  assert.equal(remedyFor('token.minted', undefined), undefined)
  assert.equal(remedyFor('token.refused', 'of_another_version'), undefined)
  assert.equal(remedyFor('token.refused', 'toString'), undefined)
  assert.equal(remedyFor('toString', ''), undefined)
})
