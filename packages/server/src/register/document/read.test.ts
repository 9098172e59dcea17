import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_POLICY } from '../policy.ts'
import { readDocument } from './read.ts'

const URL_OF_IT = 'https://notes.example/client.json'
const right = { client_id: URL_OF_IT, client_name: 'Notes', redirect_uris: ['https://notes.example/callback'] }

const bytes = (text: string) => new TextEncoder().encode(text)

function read(changes: object = {}, contentType: string | null = 'application/json') {
  return readDocument(URL_OF_IT, contentType, bytes(JSON.stringify({ ...right, ...changes })), DEFAULT_POLICY)
}

function problemOf(result: ReturnType<typeof readDocument>): string {
  return result.ok ? 'nothing' : result.error
}

test('a document says what the client is, and is public unless it names keys', () => {
  const result = read()
  assert.ok(result.ok)
  assert.equal(result.value.metadata.name, 'Notes')
  assert.equal(result.value.metadata.authMethod, 'none')
  assert.deepEqual(JSON.parse(result.value.text), right)
})

test('it is served as JSON, by its own type or one that ends in +json', () => {
  for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/cimd+json ; v=1'])
    assert.ok(read({}, type).ok, type)
  for (const type of [
    null,
    '',
    'text/html',
    'text/json',
    'application/jsonp',
    'application/json-seq',
    'x application/json',
  ])
    assert.match(problemOf(read({}, type)), /application\/json/, String(type))
})

test('it names the URL that it stands at, character by character', () => {
  for (const client_id of [
    undefined,
    `${URL_OF_IT}/`,
    URL_OF_IT.toUpperCase(),
    'https://other.example/client.json',
    [URL_OF_IT],
  ])
    assert.match(problemOf(read({ client_id })), /client_id/)
})

test('it has no secret, since everybody can read it', () => {
  assert.match(problemOf(read({ client_secret: 'secret' })), /client_secret/)
  assert.match(problemOf(read({ client_secret_expires_at: 0 })), /client_secret/)
  for (const method of ['client_secret_basic', 'client_secret_post', 'client_secret_jwt'])
    assert.match(
      problemOf(read({ token_endpoint_auth_method: method, token_endpoint_auth_methods_supported: ['none'] })),
      /token_endpoint_auth_method/,
    )
})

test('it has a name and redirect URIs', () => {
  assert.match(problemOf(read({ client_name: undefined })), /client_name/)
  assert.match(problemOf(read({ client_name: '\u200b' })), /client_name/)
  assert.match(problemOf(read({ redirect_uris: undefined })), /redirect_uris/)
})

test('what is not a JSON object in UTF-8 is no document', () => {
  for (const body of ['', '[]', 'null', '"text"', '{', '<html>'])
    assert.match(problemOf(readDocument(URL_OF_IT, 'application/json', bytes(body), DEFAULT_POLICY)), /JSON/, body)
  const broken = new Uint8Array([...bytes('{"client_name":"'), 0xff, ...bytes('"}')])
  assert.match(problemOf(readDocument(URL_OF_IT, 'application/json', broken, DEFAULT_POLICY)), /JSON/)
})

test('where public clients may not come, a document must name keys', () => {
  const policy = { ...DEFAULT_POLICY, publicClients: false }
  const readWith = (changes: object) =>
    readDocument(URL_OF_IT, 'application/json', bytes(JSON.stringify({ ...right, ...changes })), policy)
  const keys = { jwks_uri: 'https://notes.example/keys' }
  const both = { token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'] }
  for (const changes of [
    {},
    { token_endpoint_auth_method: 'none' },
    { ...keys, token_endpoint_auth_method: 'none' },
    both,
  ])
    assert.match(problemOf(readWith(changes)), /must be one of private_key_jwt, and private_key_jwt needs keys/)
  const read = readWith({ ...keys, ...both })
  assert.equal(read.ok && read.value.metadata.authMethod, 'private_key_jwt')
})
