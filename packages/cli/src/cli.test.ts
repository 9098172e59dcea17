import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { openStore } from '@permitry/server'
import { CONFIG, CLIENT_SECRET, makeFolder, ok, permitry } from './testing.ts'

test('apply shows the difference, asks, applies, and finds nothing to do the second time', async (t) => {
  const folder = await makeFolder(t)
  const planned = await ok(folder, ['apply', '--dry-run'])
  assert.match(planned, /^\+ server vetassist\n/)
  assert.match(planned, /\+ user usr_bob\n {4}password: \(secret\)\n {4}name: Bob\n {4}roles: \[pet-owner\]/)
  assert.match(planned, /secret: \(secret\)/)
  assert.equal(existsSync(join(folder, '.permitry')), false)

  const unasked = await permitry(folder, ['apply'])
  assert.equal(unasked.code, 1)
  assert.equal(
    unasked.stderr,
    'permitry: nobody is there to ask: repeat with --yes to apply, or with --dry-run to look only\n',
  )
  const applied = await ok(folder, ['apply', '--yes'])
  assert.equal(applied, `${planned}\napplied: 7 made, 0 changed, 0 removed`)
  assert.equal(await ok(folder, ['apply', '--yes']), 'nothing to change')
})

test('apply tells changes with before and after, leaves alone what vanished, and prunes when asked', async (t) => {
  const folder = await makeFolder(t)
  await ok(folder, ['apply', '--yes'])
  const config = CONFIG.replace('name: Pet Owner,', 'name: Owner,').replace(/ {2}- \{ id: usr_dana.*\n/, '')
  await writeFile(join(folder, 'other.yaml'), config)
  assert.equal(
    await ok(folder, ['apply', '--yes', '--config', 'other.yaml']),
    [
      '~ role pet-owner',
      '    name: Pet Owner → Owner',
      'left alone, because the file no longer names them (--prune removes them): user usr_dana',
      'applied: 0 made, 1 changed, 0 removed',
    ].join('\n'),
  )
  assert.deepEqual(JSON.parse(await ok(folder, ['apply', '--yes', '--prune', '--json', '--config', 'other.yaml'])), {
    changes: [{ action: 'delete', kind: 'user', id: 'usr_dana', fields: [] }],
    leftAlone: [],
    applied: true,
  })
  await writeFile(join(folder, 'client.secret'), CLIENT_SECRET.replaceAll('0', '9'))
  assert.match(await ok(folder, ['apply', '--dry-run']), /~ client vet-assist-ai\n {4}secret: \(secret\) → \(secret\)/)
})

test('a bad file changes nothing and is told with every fault, its line and what to do', async (t) => {
  const folder = await makeFolder(t, CONFIG.replace('risk: read }', 'risk: low }').replace('[pet-owner]', '[pet-ower]'))
  const { code, stdout, stderr } = await permitry(folder, ['apply', '--yes'])
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.equal(
    stderr,
    [
      'permitry: the configuration has 2 faults, nothing was changed',
      'permitry.yaml:9:42: `risk`: it must be one of read, write, destructive',
      'permitry.yaml:17:78: role `pet-ower` is not defined: define it under `roles`, or use one of pet-owner, vet-staff',
      '',
    ].join('\n'),
  )
  assert.equal(existsSync(join(folder, '.permitry')), false)
})

test('a configuration that cannot be read is told in one sentence', async (t) => {
  const folder = await makeFolder(t)
  const missing = await permitry(folder, ['apply'], { environment: { PERMITRY_CONFIG: 'none.yaml' } })
  assert.equal(
    missing.stderr,
    'permitry: the configuration `none.yaml` does not exist: create it, or name another one\n',
  )
  await writeFile(join(folder, 'latin.yaml'), Buffer.from('version: \xe9', 'latin1'))
  const latin = await permitry(folder, ['apply', '--config', 'latin.yaml'])
  assert.equal(latin.stderr, 'permitry: the configuration `latin.yaml` is not UTF-8 text: save it as UTF-8\n')
})

test('a command line that makes no sense ends with 2', async (t) => {
  const folder = await makeFolder(t)
  for (const [args, stderr] of [
    [['xyzzy'], "permitry: unknown command 'xyzzy'\n"],
    [['user', 'suspend'], "permitry: missing required argument 'person'\n"],
    [['grant', 'list', '--all'], "permitry: unknown option '--all'\n"],
    [['apply', '--yes', '--dry-run'], "permitry: option '--yes' cannot be used with option '--dry-run'\n"],
  ] as const) {
    assert.deepEqual(await permitry(folder, args), { code: 2, stdout: '', stderr })
  }
  await ok(folder, ['apply', '--yes'])
  for (const args of [
    ['role', 'assign', 'vet-staff'],
    ['role', 'assign', 'vet-staff', 'bob', '--group', 'clinic'],
  ])
    assert.deepEqual(await permitry(folder, args), {
      code: 2,
      stdout: '',
      stderr: 'permitry: name either a person or, with --group, a group\n',
    })
})

test('without a database, commands about people say so and make none', async (t) => {
  const folder = await makeFolder(t)
  const { code, stderr } = await permitry(folder, ['user', 'suspend', 'bob'])
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^permitry: there is no database at `.*permitry\.db`: run `permitry apply` first, or set PERMITRY_DATA_DIR/,
  )
  assert.equal(existsSync(join(folder, '.permitry')), false)
})

test('a database that cannot be reached is told in one sentence, without its password', async (t) => {
  const folder = await makeFolder(t)
  const environment = { DATABASE_URL: 'postgres://permitry:hunter2@127.0.0.1:1/permitry' }
  for (const [args, done] of [
    [['grant', 'list'], 'opened'],
    [['migrate'], 'migrated'],
  ] as const) {
    const { code, stderr } = await permitry(folder, args, { environment })
    assert.equal(code, 1)
    assert.equal(stderr, `permitry: the database cannot be ${done}: connect ECONNREFUSED 127.0.0.1:1\n`)
  }
})

test('people are suspended, resumed and given roles by id or user name', async (t) => {
  const folder = await makeFolder(t)
  await ok(folder, ['apply', '--yes'])
  assert.equal(await ok(folder, ['user', 'suspend', 'BOB']), 'suspended usr_bob')
  assert.equal(await ok(folder, ['user', 'suspend', 'usr_bob']), 'usr_bob is suspended already')
  assert.equal(await ok(folder, ['user', 'resume', 'bob', '--json']), '{"changed":true,"id":"usr_bob"}')
  assert.equal(await ok(folder, ['role', 'assign', 'vet-staff', 'bob']), 'usr_bob holds vet-staff now')
  assert.equal(await ok(folder, ['role', 'unassign', 'vet-staff', 'bob']), 'usr_bob no longer holds vet-staff')
  assert.equal(await ok(folder, ['role', 'unassign', 'vet-staff', 'bob']), 'usr_bob does not hold vet-staff directly')
  assert.equal(await ok(folder, ['role', 'assign', 'vet-staff', '--group', 'clinic']), 'clinic holds vet-staff now')
  const unknown = await permitry(folder, ['role', 'assign', 'nurse', 'bob'])
  assert.deepEqual(
    [unknown.code, unknown.stderr],
    [1, 'permitry: there is no role `nurse`: check the spelling and the tenant\n'],
  )
  const nobody = await permitry(folder, ['user', 'suspend', 'eve'])
  assert.equal(nobody.stderr, 'permitry: there is no person `eve` in tenant `default`: give an id or a user name\n')
})

test('a password comes from standard input, is checked, and is never an argument', async (t) => {
  const folder = await makeFolder(t)
  await ok(folder, ['apply', '--yes'])
  const short = await permitry(folder, ['user', 'password', 'bob'], { input: 'short\n' })
  assert.deepEqual(
    [short.code, short.stderr],
    [1, 'permitry: the password is shorter than 8 characters: choose another one\n'],
  )
  assert.equal(await ok(folder, ['user', 'password', 'bob'], 'a longer one\n'), 'set the password of usr_bob')
  assert.deepEqual(await permitry(folder, ['user', 'password', 'bob', 'a longer one']), {
    code: 2,
    stdout: '',
    stderr: 'permitry: the password is read from standard input, never from the command line\n',
  })
})

test('grants are listed and withdrawn, families are listed and ended', async (t) => {
  const folder = await makeFolder(t)
  await ok(folder, ['apply', '--yes'])
  await addConsents(join(folder, '.permitry', 'permitry.db'))
  assert.equal(
    await ok(folder, ['grant', 'list']),
    [
      'GRANT  PERSON    CLIENT         SERVER     SCOPES',
      'gnt_1  usr_bob   vet-assist-ai  vetassist  read openid',
      'gnt_2  usr_dana  vet-assist-ai  vetassist  read openid',
    ].join('\n'),
  )
  assert.equal(
    await ok(folder, ['family', 'list', 'bob']),
    'FAMILY  GRANT  CLIENT         SERVER     SCOPES\nfam_1   gnt_1  vet-assist-ai  vetassist  read',
  )
  assert.equal(await ok(folder, ['family', 'end', 'fam_1']), 'ended fam_1')
  assert.equal(await ok(folder, ['family', 'list', 'bob', '--json']), '[]')
  assert.equal(await ok(folder, ['grant', 'withdraw', 'gnt_1']), 'withdrew gnt_1')
  assert.equal(await ok(folder, ['grant', 'list', '--user', 'bob', '--json']), '[]')
  const again = await permitry(folder, ['grant', 'withdraw', 'gnt_1'])
  assert.equal(again.stderr, 'permitry: there is no living grant `gnt_1`: check the spelling and the tenant\n')
})

test('sessions of a person are listed and ended, and nothing else ends with them', async (t) => {
  const folder = await makeFolder(t)
  await ok(folder, ['apply', '--yes'])
  await addConsents(join(folder, '.permitry', 'permitry.db'))
  const listed = JSON.parse(await ok(folder, ['session', 'list', 'bob', '--json'])) as { id: string }[]
  assert.deepEqual(
    listed.map(({ id }) => id),
    ['ses_1'],
  )
  assert.match(await ok(folder, ['session', 'list', 'BOB']), /^SESSION +SIGNED IN .*\nses_1 +\d{4}-\d\d-\d\dT/)
  assert.equal(await ok(folder, ['session', 'end', 'ses_1']), 'ended ses_1')
  assert.equal(await ok(folder, ['session', 'end', 'ses_1']), 'ses_1 has ended already')
  assert.equal(await ok(folder, ['session', 'list', 'bob', '--json']), '[]')
  assert.match(await ok(folder, ['grant', 'list', '--user', 'bob']), /gnt_1/)
  const unknown = await permitry(folder, ['session', 'end', 'ses_9'])
  assert.equal(unknown.stderr, 'permitry: there is no session `ses_9`: check the spelling and the tenant\n')
})

test('a person is erased with all that they had, only when asked for twice, and the audit still verifies', async (t) => {
  const folder = await makeFolder(t)
  await ok(folder, ['apply', '--yes'])
  await addConsents(join(folder, '.permitry', 'permitry.db'))
  const unasked = await permitry(folder, ['user', 'erase', 'bob'])
  assert.deepEqual(
    [unasked.code, unasked.stderr],
    [1, 'permitry: nobody is there to ask: repeat with --yes to erase\n'],
  )
  assert.match(await ok(folder, ['grant', 'list']), /usr_bob/)
  assert.equal(
    await ok(folder, ['user', 'erase', 'bob', '--yes']),
    'erased usr_bob; take it out of the configuration too',
  )
  assert.doesNotMatch(await ok(folder, ['grant', 'list']), /usr_bob/)
  assert.equal((await permitry(folder, ['user', 'suspend', 'usr_bob'])).code, 1)
  const again = await permitry(folder, ['user', 'erase', 'usr_bob', '--yes'])
  assert.equal(again.stderr, 'permitry: there is no subject `usr_bob`: check the spelling and the tenant\n')
  const environment = { PERMITRY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64url') }
  const exported = await permitry(folder, ['audit', 'export'], { environment })
  assert.match(exported.stdout, /"type":"subject\.erased"/)
  await writeFile(join(folder, 'audit.jsonl'), exported.stdout)
  assert.equal((await permitry(folder, ['audit', 'verify', 'audit.jsonl'], { environment })).code, 0)
})

test('the organisation is called what the configuration says, and nothing before one does', async (t) => {
  const folder = await makeFolder(t)
  await ok(folder, ['apply', '--yes'])
  const nameOf = async () => {
    const store = await openStore({ url: join(folder, '.permitry', 'permitry.db') })
    const rows = await store.read((db) => db.selectFrom('tenants').select('name').execute())
    await store.close()
    return rows.map(({ name }) => name)
  }
  assert.deepEqual(await nameOf(), [''])
  await writeFile(join(folder, 'permitry.yaml'), CONFIG.replace('version: 1', 'version: 1\nname: Willow Street Vets'))
  assert.equal(
    await ok(folder, ['apply', '--yes']),
    '~ tenant default\n    name: (empty) → Willow Street Vets\napplied: 0 made, 1 changed, 0 removed',
  )
  assert.deepEqual(await nameOf(), ['Willow Street Vets'])
})

test('a tenant is made once and holds people of its own', async (t) => {
  const folder = await makeFolder(t)
  assert.equal(await ok(folder, ['tenant', 'create', 'north', '--name', 'North Clinic']), 'made tenant north')
  assert.equal((await permitry(folder, ['tenant', 'create', 'north'])).code, 1)
  assert.match(await ok(folder, ['apply', '--yes', '--tenant', 'north']), /applied: 7 made/)
  assert.equal(await ok(folder, ['user', 'suspend', 'bob', '--tenant', 'north']), 'suspended usr_bob')
  const inDefault = await permitry(folder, ['user', 'suspend', 'bob'])
  assert.match(inDefault.stderr, /there is no person `bob` in tenant `default`/)
  const nowhere = await permitry(folder, ['apply', '--yes', '--tenant', 'nowhere'])
  assert.equal(nowhere.stderr, 'permitry: there is no tenant `nowhere`: check the spelling and the tenant\n')
})

test('clients are suspended and resumed', async (t) => {
  const folder = await makeFolder(t)
  await ok(folder, ['apply', '--yes'])
  assert.equal(await ok(folder, ['client', 'suspend', 'vet-assist-ai']), 'suspended vet-assist-ai')
  assert.equal(await ok(folder, ['client', 'resume', 'vet-assist-ai']), 'resumed vet-assist-ai')
  assert.equal((await permitry(folder, ['client', 'suspend', 'nothing'])).code, 1)
})

test('an exported audit is verified, and a file or database that somebody changed is found out', async (t) => {
  const folder = await makeFolder(t)
  await ok(folder, ['apply', '--yes'])
  const without = await permitry(folder, ['audit', 'export'])
  assert.match(without.stderr, /^permitry: the master key is missing: set PERMITRY_MASTER_KEY/)
  const environment = { PERMITRY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64url') }
  const exported = await permitry(folder, ['audit', 'export'], { environment })
  assert.equal(exported.code, 0)
  const file = join(folder, 'audit.jsonl')
  await writeFile(file, exported.stdout)
  const verify = (...args: string[]) => permitry(folder, ['audit', 'verify', 'audit.jsonl', ...args], { environment })
  assert.match((await verify()).stdout, /^\d+ events, 1 checkpoints, 0 events after the last checkpoint\n$/)

  const key = (JSON.parse(exported.stdout.split('\n', 1)[0] ?? '') as { key: { x: string } }).key.x
  assert.equal((await permitry(folder, ['audit', 'verify', 'audit.jsonl', '--no-database', '--key', key])).code, 0)

  assert.match((await verify('--key', 'x')).stderr, /^permitry: the audit key is not one: give the `x` of `key`/)
  const absent = await permitry(folder, ['audit', 'verify', 'none.jsonl', '--key', key])
  assert.match(absent.stderr, /^permitry: the file `.*none\.jsonl` cannot be read: name a file that/)

  await writeFile(file, (await readFile(file, 'utf8')).replace('usr_bob', 'usr_eve'))
  const forged = await verify('--no-database')
  assert.equal(forged.code, 1)
  assert.match(forged.stdout, /^line \d+: changed: event \d+ of stream \S+ is not what was written$/m)
  assert.equal(forged.stderr, 'permitry: the audit is not what was written: keep both copies and find out why\n')

  await writeFile(file, exported.stdout)
  const store = await openStore({ url: join(folder, '.permitry', 'permitry.db') })
  await store.unit((tx) => tx.updateTable('audit_events').set({ subject_id: 'usr_eve' }).execute())
  await store.close()
  assert.equal((await verify('--no-database')).code, 0)
  assert.equal((await verify()).code, 1)
})

test('migrate says what it ran, and that nothing is left to do', async (t) => {
  const folder = await makeFolder(t)
  assert.match(await ok(folder, ['migrate']), /^ran 0001-first/)
  assert.equal(await ok(folder, ['migrate']), 'the schema is up to date')
})

test('schema prints the JSON Schema that is checked in', async (t) => {
  const file = new URL('../../../docs/reference/permitry.schema.json', import.meta.url)
  assert.deepEqual(JSON.parse(await ok(await makeFolder(t), ['schema'])), JSON.parse(await readFile(file, 'utf8')))
})

/** A grant with one family for each person, as two consents would leave them. */
async function addConsents(url: string): Promise<void> {
  const store = await openStore({ url })
  const now = Date.now()
  const later = now + 3_600_000
  const shared = {
    tenant: 'default',
    client_id: 'vet-assist-ai',
    server_id: 'vetassist',
    scopes: '["read"]',
    identity_scopes: '["openid"]',
    created_at: now,
    ended_at: null,
  }
  await store.unit(async (tx) => {
    for (const [number, subject_id] of ['usr_bob', 'usr_dana'].entries()) {
      await tx
        .insertInto('sessions')
        .values({
          tenant: 'default',
          id: `ses_${number + 1}`,
          secret_hash: `secret ${number + 1}`,
          subject_id,
          auth_time: now,
          acr: '1',
          amr: '["pwd"]',
          created_at: now,
          idle_expires_at: later,
          absolute_expires_at: later,
          ended_at: null,
        })
        .execute()
      await tx
        .insertInto('grants')
        .values({
          ...shared,
          id: `gnt_${number + 1}`,
          subject_id,
          redirect_uri: 'http://localhost:9402/callback',
          client_fingerprint: '',
          wording: '',
          catalogue_version: 1,
          updated_at: now,
        })
        .execute()
      await tx
        .insertInto('families')
        .values({
          ...shared,
          id: `fam_${number + 1}`,
          grant_id: `gnt_${number + 1}`,
          subject_id,
          audience: 'mcp://vetassist',
          session_id: null,
          nonce: null,
          auth_time: now,
          acr: '1',
          amr: '["pwd"]',
          bound_key: null,
          idle_expires_at: later,
          absolute_expires_at: later,
          ended_reason: null,
        })
        .execute()
    }
  })
  await store.close()
}
