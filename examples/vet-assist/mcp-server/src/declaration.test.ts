import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { PEOPLE } from './clinic/seed.ts'
import { DEFAULT_SCOPES, SCOPES } from './scopes.ts'
import { createTestClinic } from './testing/clinic.ts'
import { TOOLS, toolRules } from './tools/index.ts'
import { IDENTIFIER } from './vet-assist.ts'

/** The parts of permitry.yaml that must agree with this server. */
const Declaration = z.object({
  servers: z.tuple([
    z.object({
      identifier: z.string(),
      claims: z.array(z.string()),
      default_scopes: z.array(z.string()),
      scopes: z.array(z.object({ name: z.string(), risk: z.string(), implies: z.array(z.string()).default([]) })),
      tools: z.array(z.object({ name: z.string(), title: z.string(), scopes: z.array(z.string()) })),
    }),
  ]),
  roles: z.array(z.object({ id: z.string(), scopes: z.object({ vetassist: z.array(z.string()) }) })),
  users: z.array(z.object({ id: z.string(), username: z.string() })),
})

const text = readFileSync(new URL('../../permitry.yaml', import.meta.url), 'utf8')
const { servers, roles, users } = Declaration.parse(parse(text))
const [server] = servers

test('permitry.yaml lists the tools of this server, in their order, with the scopes that their rules need', () => {
  const rules = toolRules(createTestClinic())
  const declared = server.tools.map(({ name, title, scopes }) => ({ name, title, scopes }))
  const built = TOOLS.map(({ name, title }) => ({ name, title, scopes: [rules[name]?.scope] }))
  assert.deepEqual(declared, built)
})

test('permitry.yaml defines the scopes of this server, with what they imply and which come first', () => {
  const declared = server.scopes.map(({ name, implies }) => [name, { implies }])
  assert.deepEqual(Object.fromEntries(declared), SCOPES)
  assert.deepEqual(server.default_scopes, DEFAULT_SCOPES)
})

test('a scope whose name says that it writes is marked as one that writes', () => {
  for (const { name, risk } of server.scopes) assert.equal(risk, name.endsWith(':write') ? 'write' : 'read', name)
})

test('permitry.yaml knows this server by its identifier and tells it role names', () => {
  assert.equal(server.identifier, IDENTIFIER)
  assert.deepEqual(server.claims, ['roles'])
})

test('the staff holds every scope, a pet owner all but the one that changes profiles', () => {
  const held = (id: string): string[] => {
    const scopes = roles.find((role) => role.id === id)?.scopes.vetassist ?? []
    const implied: string[] = scopes.flatMap((scope) => [...(SCOPES[scope as keyof typeof SCOPES]?.implies ?? [])])
    return [...new Set([...scopes, ...implied])].toSorted()
  }
  const every = Object.keys(SCOPES).toSorted()
  assert.deepEqual(held('vet-staff'), every)
  assert.deepEqual(
    held('pet-owner'),
    every.filter((scope) => scope !== 'pet-profile:write'),
  )
})

test('the people of permitry.yaml have the ids under which the clinic keeps their pets', () => {
  assert.deepEqual(Object.fromEntries(users.map((user) => [user.username, user.id])), PEOPLE)
})
