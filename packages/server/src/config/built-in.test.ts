import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatFault } from './fault.ts'
import { loadConfig } from './load.ts'

function faultsOf(body: string): string[] {
  const text = `version: 1\nissuer: http://localhost:9400\n${body}`
  const loaded = loadConfig(text, { environment: {}, readFile: () => ({ problem: 'does not exist' }) })
  return loaded.ok ? [] : loaded.error.map((fault) => formatFault('', fault).slice(1))
}

test('roles that are built in may be held, and admin scopes handed out', () => {
  const body = `roles: [{ id: clerk, name: Clerk, scopes: { permitry: [people:read] } }]
groups: [{ id: office, name: Office, roles: [permitry-auditor] }]
users: [{ id: u, username: u, name: U, roles: [permitry-owner, clerk] }]
`
  assert.deepEqual(faultsOf(body), [])
})

test('an admin scope or an admin role that does not exist is refused', () => {
  const body = `roles: [{ id: clerk, name: Clerk, scopes: { permitry: [all] } }]
users: [{ id: u, username: u, name: U, roles: [permitry-king] }]
`
  assert.deepEqual(faultsOf(body), [
    '3:56: server `permitry` has no scope `all`: define it there, or use one of servers:read, servers:write, roles:read, roles:write, people:read, people:write, clients:read, clients:write, …',
    '4:48: role `permitry-king` is not defined: define it under `roles`, or use one of clerk',
  ])
})

test('no MCP server is called as an API of the authorization server is', () => {
  const body = `servers:
  - id: a
    identifier: urn:permitry:admin
    name: A
    urls: ['http://localhost:9400/admin', 'http://localhost:9400/guard']
`
  assert.deepEqual(
    faultsOf(body),
    [
      ['5:17', 'urn:permitry:admin', 'admin'],
      ['7:12', 'http://localhost:9400/admin', 'admin'],
      ['7:43', 'http://localhost:9400/guard', 'guard'],
    ].map(
      ([at, name, api]) =>
        `${at}: \`${name}\` already names the ${api} API: a resource must lead to one server, so leave it out here`,
    ),
  )
})
