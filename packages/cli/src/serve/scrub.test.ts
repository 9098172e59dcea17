import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { createLog } from './log.ts'
import { scrub } from './scrub.ts'

const random = 'vN2x-8QmZ_0aYc7RtKpLw3EjHs5UfGdBo1Ix6Tq9MnC'

const secrets: Record<string, string> = {
  'a bearer token': 'refused Authorization: Bearer abc.def for /mcp',
  'a DPoP token': 'DPoP abcdef',
  'client credentials': 'Basic dmV0OnNlY3JldA==',
  'a JWT': 'token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c3JfYm9iIn0.c2ln here',
  'an unsecured JWT': 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c3JfYm9iIn0.',
  'a password hash': 'row $argon2id$v=19$m=19456,t=2,p=1$AAAA$BBBB failed',
  'a database address': 'connect postgres://permitry:hunter2@db/permitry',
  'a code in a URL': 'GET /callback?code=c0de&state=st4te&iss=x',
  'a refresh token in a form': 'refresh_token=prt_short&scope=read',
  'a password in a form': 'username=bob&password=hunter2',
  'a client secret in JSON': '{"client_secret":"hunter2"}',
  'a cookie': 'cookie: "session=hunter2"',
  'what is random': `key (t1, ${random}) exists`,
}

const LEAKS = /abc|def|dmV0|eyJ|AAAA|BBBB|hunter2|c0de|st4te|prt_short|vN2x/

for (const [name, message] of Object.entries(secrets))
  test(`a log line does not keep ${name}`, () => {
    assert.match(message, LEAKS)
    assert.doesNotMatch(scrub(message), LEAKS)
    assert.match(scrub(message), /\[redacted\]/)
  })

test('what is no secret stays readable', () => {
  for (const message of [
    'port 9400 of 127.0.0.1 is busy',
    'there is no role `nurse`: check the spelling and the tenant',
    'GET /t/north/.well-known/openid-configuration answered 200',
  ])
    assert.equal(scrub(message), message)
})

test('faults are logged with their cause and without what drivers hang onto them', async () => {
  const stream = new PassThrough()
  const log = createLog(stream)
  const cause = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (email)=(bob@example.com)' })
  log.error('request failed', new Error(`could not spend code=${random}`, { cause }), { requestId: 'req_1' })
  log.info('request', { path: '/token', password: 'hunter2' })
  stream.end()
  const [fault = '', info = ''] = (await text(stream)).trim().split('\n')
  const {
    level,
    msg,
    requestId,
    fault: told,
  } = JSON.parse(fault) as Record<string, unknown> & {
    fault: { message: string; cause: { message: string; errorCode: string } }
  }
  assert.deepEqual([level, msg, requestId], ['error', 'request failed', 'req_1'])
  assert.equal(told.message, 'could not spend code=[redacted]')
  assert.deepEqual([told.cause.message, told.cause.errorCode], ['duplicate key', '23505'])
  assert.doesNotMatch(fault, /bob@example|vN2x/)
  assert.doesNotMatch(info, /hunter2/)
})
