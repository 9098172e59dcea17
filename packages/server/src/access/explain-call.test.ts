import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { publishCatalogue } from '../commands/catalogue.ts'
import { suspendClient } from '../commands/client.ts'
import { assignRole } from '../commands/role-assignment.ts'
import type { Operator } from '../commands/run.ts'
import { suspendSubject } from '../commands/subject.ts'
import { applied, CLINIC, consented, must, openTestOperator, read } from '../commands/testing.ts'
import { emptySqlite } from '../store/testing/databases.ts'
import { explainCall, type Explanation } from './explain-call.ts'
import { reachOf } from './reach.ts'

const BOB_WRITES = {
  subjectId: 'usr_bob',
  clientId: 'app',
  serverId: 'vetassist',
  type: 'tool',
  name: 'update_pet',
} as const
const BOB_READS = { ...BOB_WRITES, name: 'list_pets' }

function explain(operator: Operator, call: Parameters<typeof explainCall>[1]): Promise<Explanation> {
  return read(operator, (t) => explainCall(t, call, operator.now()))
}

const missingIn = ({ links }: Explanation) => links.filter(({ state }) => state === 'missing').map(({ link }) => link)

async function openClinic(t: Parameters<typeof openTestOperator>[0]): Promise<Operator> {
  const operator = await openTestOperator(t, emptySqlite)
  await applied(operator, CLINIC)
  return operator
}

describe('a call that nobody has made', () => {
  it('is allowed when roles, client, consent and a token carry it', async (t) => {
    const operator = await openClinic(t)
    await consented(operator, 'usr_bob')
    const { verdict, links } = await explain(operator, BOB_READS)
    assert.equal(verdict, 'allowed')
    assert.deepEqual(
      links.map(({ link, state }) => `${link} ${state}`),
      [
        'person holds',
        'client holds',
        'server holds',
        'tool holds',
        'roles holds',
        'client_scopes holds',
        'consent holds',
        'token holds',
      ],
    )
  })

  it('is refused where no role holds the scope, says which role would do, and is allowed with that role', async (t) => {
    const operator = await openClinic(t)
    await consented(operator, 'usr_bob')
    const refused = await explain(operator, BOB_WRITES)
    assert.equal(refused.verdict, 'refused')
    assert.deepEqual(missingIn(refused), ['roles', 'token'])
    const roles = refused.links.find(({ link }) => link === 'roles')
    assert.equal(roles?.says, 'no role of Bob holds `write`')
    assert.equal(roles?.change, 'give Bob a role that holds it, such as Vet Staff')
    await must(operator, assignRole, { roleId: 'vet-staff', subjectId: 'usr_bob' })
    assert.equal((await explain(operator, BOB_WRITES)).verdict, 'allowed')
  })

  it('is for the person to allow where only consent is missing', async (t) => {
    const operator = await openClinic(t)
    const asked = await explain(operator, BOB_READS)
    assert.equal(asked.verdict, 'ask')
    assert.deepEqual(missingIn(asked), ['consent', 'token'])
  })

  it('is refused through a client that may not ask, one that is stopped, and for somebody suspended', async (t) => {
    const operator = await openClinic(t)
    await consented(operator, 'usr_dana', 'other')
    const through = { ...BOB_WRITES, subjectId: 'usr_dana', clientId: 'other' }
    assert.deepEqual(missingIn(await explain(operator, through)), ['client_scopes', 'token'])
    await must(operator, suspendClient, { id: 'other' })
    assert.ok(missingIn(await explain(operator, through)).includes('client'))
    await must(operator, suspendSubject, { id: 'usr_bob' })
    assert.ok(missingIn(await explain(operator, BOB_READS)).includes('person'))
  })

  it('depends on the guard where the rule looks at arguments or at the object', async (t) => {
    const operator = await openClinic(t)
    await consented(operator, 'usr_dana')
    const rule = { conditions: ['object'] }
    const items = [{ kind: 'tool', name: 'update_pet', scopes: ['write'], rule }] as const
    await must(operator, publishCatalogue, { serverId: 'vetassist', source: 'guard', items })
    const { verdict, links } = await explain(operator, { ...BOB_WRITES, subjectId: 'usr_dana' })
    assert.equal(verdict, 'depends')
    assert.equal(
      links.at(-1)?.says,
      'the rule also depends on the object that the arguments name: only the guard of VetAssist knows',
    )
  })

  it('is for the person where the rule needs a login that is more recent', async (t) => {
    const operator = await openClinic(t)
    await consented(operator, 'usr_dana')
    const items = [{ kind: 'tool', name: 'update_pet', scopes: ['write'], rule: { max_age: 60 } }] as const
    await must(operator, publishCatalogue, { serverId: 'vetassist', source: 'guard', items })
    const call = { ...BOB_WRITES, subjectId: 'usr_dana' }
    const later = { ...operator, now: () => operator.now() + 120_000 }
    assert.equal((await explain(operator, call)).verdict, 'allowed')
    const asked = await explain(later, call)
    assert.equal(asked.verdict, 'ask')
    assert.deepEqual(missingIn(asked), ['rule'])
  })

  it('is not known where nobody has said what the tool needs, and refused for what is not there at all', async (t) => {
    const operator = await openClinic(t)
    await must(operator, publishCatalogue, {
      serverId: 'vetassist',
      source: 'import',
      items: [{ kind: 'tool', name: 'new_tool' }],
    })
    assert.equal((await explain(operator, { ...BOB_READS, name: 'new_tool' })).verdict, 'unknown')
    assert.deepEqual(missingIn(await explain(operator, { ...BOB_READS, name: 'none' })), ['tool', 'consent'])
    const nobody = { ...BOB_READS, subjectId: 'x', clientId: 'y', serverId: 'z' }
    assert.deepEqual(missingIn(await explain(operator, nobody)), ['person', 'client', 'server'])
  })
})

describe('what a person can do', () => {
  it('follows from roles of their own and of groups: scopes, tools, and through which client', async (t) => {
    const operator = await openClinic(t)
    await consented(operator, 'usr_dana')
    const reach = await read(operator, (inTenant) => reachOf(inTenant, 'usr_dana', operator.now()))
    assert.deepEqual(reach?.roles, [
      { id: 'vet-staff', name: 'Vet Staff', own: false, groups: { clinic: 'The clinic' } },
    ])
    const [server] = reach.servers
    assert.deepEqual(server?.scopes, ['read', 'write'])
    assert.deepEqual(
      server.tools.map(({ name }) => name),
      ['list_pets', 'update_pet'],
    )
    assert.deepEqual(
      server.clients.map(({ clientId, scopes, consented: allowed, tools }) => ({ clientId, scopes, allowed, tools })),
      [
        { clientId: 'app', scopes: ['read', 'write'], allowed: ['read', 'write'], tools: ['list_pets', 'update_pet'] },
        { clientId: 'other', scopes: ['read'], allowed: null, tools: ['list_pets'] },
      ],
    )
  })

  it('is nothing without a role, and undefined for nobody', async (t) => {
    const operator = await openClinic(t)
    const of = (id: string) => read(operator, (inTenant) => reachOf(inTenant, id, operator.now()))
    assert.deepEqual(await of('usr_carol'), { active: true, roles: [], servers: [] })
    assert.equal(await of('nobody'), undefined)
  })
})
