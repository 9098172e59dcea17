// A client of the field from the address that a person typed to a tool call, and on with a refreshed token: request by
// request what its fixture says, and where that says nothing what MCP says.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { callTool, type Revision } from './call.ts'
import { type ClientFixture, type Introduction, knownOr } from './client.ts'
import { discover, type Discovered } from './discover.ts'
import { authentication, introduce, type Known } from './introduce.ts'
import { letBobAnswer, type World } from './world.ts'

export interface Replay {
  readonly client: ClientFixture
  readonly introduction: Introduction
  readonly revision: Revision
  /** Where the client listens for this sign-in. */
  readonly port: number
}

/** What the client has in hand at the end. */
export interface Outcome {
  readonly tokens: Readonly<Record<string, string>>
  /** What `list_pets` answered. */
  readonly pets: Record<string, unknown>
  /** After a refresh, when the client is one that refreshes. */
  readonly later?: Record<string, unknown>
}

export async function replay(world: World, what: Replay): Promise<Outcome> {
  const { client, introduction, revision, port } = what
  const { mcpUrl } = world.stack
  const discovered = await discover(client, mcpUrl, revision)
  const scope = scopeOf(client, discovered)
  const fill = (text: string) => text.replaceAll('{port}', String(port)).replaceAll('{scope}', scope)
  const known = await introduce(introduction, discovered.server, fill)
  const redirectUri = fill(redirectUriOf(client, introduction))
  const resource = resourceOf(client, discovered, mcpUrl)

  const tokens = await signIn(world, discovered, known, {
    redirectUri,
    scope,
    resource,
    prompt: promptOf(client, scope),
  })
  const versionHeader = knownOr(client.versionHeader, true)
  const call = (token = '') => callTool({ url: mcpUrl, token, revision, versionHeader }, 'list_pets')
  const pets = await call(tokens['access_token'])
  if (tokens['refresh_token'] === undefined) return { tokens, pets }

  const habit = knownOr(client.refresh, { resource: true, scope: false })
  const refreshed = await requestToken(discovered, known, {
    grant_type: 'refresh_token',
    refresh_token: tokens['refresh_token'],
    ...(habit.resource ? { resource } : {}),
    ...(habit.scope ? { scope } : {}),
  })
  return { tokens, pets, later: await call(refreshed['access_token']) }
}

interface Request {
  readonly redirectUri: string
  readonly scope: string
  readonly resource: string
  readonly prompt: string | undefined
}

async function signIn(world: World, { server }: Discovered, known: Known, request: Request) {
  const verifier = randomBytes(32).toString('base64url')
  const state = `${randomBytes(12).toString('base64')}==`
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: known.clientId,
    redirect_uri: request.redirectUri,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    resource: request.resource,
    ...(request.scope === '' ? {} : { scope: request.scope }),
    ...(request.prompt === undefined ? {} : { prompt: request.prompt }),
  })
  const answer = await letBobAnswer(world, `${server.authorization_endpoint}?${query.toString()}`)
  assert.ok(answer.href.startsWith(`${request.redirectUri}?`), `answered at ${answer.href}`)
  const params = answer.searchParams
  assert.equal(params.get('error'), null, params.get('error_description') ?? '')
  assert.equal(params.get('state'), state, 'RFC 6749 §4.1.2, byte for byte')
  assert.equal(params.get('iss'), server.issuer, 'RFC 9207 §2.4, byte for byte')
  return requestToken({ server }, known, {
    grant_type: 'authorization_code',
    code: params.get('code') ?? '',
    redirect_uri: request.redirectUri,
    code_verifier: verifier,
    resource: request.resource,
  })
}

async function requestToken(
  { server }: Pick<Discovered, 'server'>,
  known: Known,
  form: Record<string, string>,
): Promise<Record<string, string>> {
  const response = await fetch(server.token_endpoint, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({ ...form, ...authentication(known, server) }),
  })
  const body = (await response.json()) as Record<string, string>
  assert.equal(response.status, 200, JSON.stringify(body))
  assert.equal(body['token_type']?.toLowerCase(), 'bearer')
  return body
}

/** A client that registered another address than its document has is answered at the one that it registered. */
function redirectUriOf(client: ClientFixture, introduction: Introduction): string {
  const usual = knownOr(client.redirectUri, '')
  const registered = introduction.metadata['redirect_uris'] as string[]
  if (introduction.by === 'document' || registered.includes(usual)) return usual
  return registered.find((uri) => uri.includes('{port}')) ?? usual
}

function scopeOf(client: ClientFixture, { challenged, resourceScopes, server }: Discovered): string {
  if (knownOr(client.scope, 'the challenge') === 'the authorization server') return server.scopes_supported.join(' ')
  const scope = challenged ?? resourceScopes.join(' ')
  const alsoOffline = knownOr(client.offlineAccess, false) && server.scopes_supported.includes('offline_access')
  return alsoOffline ? `${scope} offline_access` : scope
}

/** The prompt goes with `offline_access` (OpenID Connect Core §11). */
function promptOf(client: ClientFixture, scope: string): string | undefined {
  return knownOr(client.prompt, 'none') === 'consent' && scope.includes('offline_access') ? 'consent' : undefined
}

function resourceOf(client: ClientFixture, { resource }: Discovered, typed: string): string {
  return knownOr(client.resource, 'the URL of the MCP server') === 'the metadata of the MCP server'
    ? resource
    : new URL(typed).href
}
