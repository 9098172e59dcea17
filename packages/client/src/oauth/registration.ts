import {
  type FetchLike,
  type OAuthClientInformationFull,
  type OAuthClientInformationMixed,
  type OAuthClientMetadata,
  OAuthError,
  OAuthErrorCode,
  registerClient,
  RegistrationRejectedError,
} from '@modelcontextprotocol/client'
import { matchRedirectUri } from '@permitry/oauth'
import { ClientError } from '../errors.ts'
import { isRegisteredAt, type Settings } from '../settings.ts'
import { rowOf } from '../store/keys.ts'
import type { Discovery } from './discovery.ts'

/**
 * The client that the app is at an authorization server, MCP Client Registration: one that was registered for it, its
 * client id metadata document, one that it registered itself, and otherwise an error that says what to do. What belongs
 * to one issuer is never shown to another.
 */
export async function clientAt(
  discovery: Discovery,
  redirectUri: string,
  settings: Settings,
  fetchFn: FetchLike,
): Promise<OAuthClientInformationMixed> {
  const { issuer, metadata } = discovery
  const registered = registeredClient(issuer, settings)
  if (registered !== undefined) return registered
  if (settings.clientMetadataUrl !== undefined && metadata?.client_id_metadata_document_supported === true)
    return { client_id: settings.clientMetadataUrl }
  if (settings.dynamicRegistration && (metadata === undefined || metadata.registration_endpoint !== undefined))
    return selfRegistered(discovery, redirectUri, settings, fetchFn)
  throw new ClientError(
    'not_registered',
    `the app has no client at \`${issuer}\`: add one to \`registrations\`, or allow \`dynamicRegistration\` if the server does`,
  )
}

/** The client of a token that was issued before: registered ones may have a new secret, self-registered ones are stored. */
export async function knownClient(
  issuer: string,
  clientId: string,
  settings: Settings,
): Promise<OAuthClientInformationMixed | undefined> {
  const candidates = [
    registeredClient(issuer, settings),
    settings.clientMetadataUrl === undefined ? undefined : { client_id: settings.clientMetadataUrl },
    (await settings.store.read<OAuthClientInformationFull>(rowOf.registration(issuer)))?.value,
  ]
  return candidates.find((candidate) => candidate?.client_id === clientId)
}

/**
 * What is to be done when an authorization server may have refused the client itself: false when it was something else.
 * A client that registered itself is forgotten, so that the next login registers anew; for others somebody must act.
 */
export async function isClientRefused(
  error: unknown,
  issuer: string,
  clientId: string,
  settings: Settings,
): Promise<boolean> {
  const code = error instanceof OAuthError ? error.code : undefined
  if (code !== OAuthErrorCode.InvalidClient && code !== OAuthErrorCode.UnauthorizedClient) return false
  if (isRegisteredAt(issuer, settings))
    throw new ClientError(
      'client_refused',
      `\`${issuer}\` refuses the client \`${clientId}\`: compare its secret in \`registrations\``,
      { cause: error },
    )
  await forgetClient(issuer, clientId, settings)
  return true
}

async function forgetClient(issuer: string, clientId: string, { store }: Settings): Promise<void> {
  const row = rowOf.registration(issuer)
  const stored = await store.read<OAuthClientInformationFull>(row)
  if (stored?.value.client_id === clientId) await store.remove(row, stored)
}

function registeredClient(issuer: string, { registrations }: Settings): OAuthClientInformationMixed | undefined {
  const found = registrations.find((registration) => registration.issuer === issuer)
  if (found === undefined) return undefined
  return {
    client_id: found.clientId,
    ...(found.clientSecret === undefined ? {} : { client_secret: found.clientSecret }),
  }
}

async function selfRegistered(
  discovery: Discovery,
  redirectUri: string,
  settings: Settings,
  fetchFn: FetchLike,
): Promise<OAuthClientInformationMixed> {
  const row = rowOf.registration(discovery.issuer)
  const stored = await settings.store.read<OAuthClientInformationFull>(row)
  if (stored !== undefined && isUsable(stored.value, redirectUri, settings)) return stored.value
  const client = await registerClient(discovery.authorizationServer, {
    ...(discovery.metadata === undefined ? {} : { metadata: discovery.metadata }),
    clientMetadata: registrationRequest(redirectUri, settings, discovery),
    fetchFn,
  }).catch((cause: unknown) => {
    if (!RegistrationRejectedError.isInstance(cause)) throw cause
    // Its message quotes the answer whole; the cause keeps it for whoever adjusts the metadata (MCP, Application Type).
    const message = `\`${discovery.issuer}\` refused to register the app (status ${cause.status})`
    throw new ClientError('not_registered', message, { cause })
  })
  if (await settings.store.write(row, stored, client)) return client
  // Another process registered at the same moment: its client is used by both, and the one made here lies idle.
  return (await settings.store.read<OAuthClientInformationFull>(row))?.value ?? client
}

function clientMetadata(redirectUri: string, settings: Settings): OAuthClientMetadata {
  return {
    client_name: settings.name,
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    application_type: settings.applicationType,
  }
}

/** A client id metadata document: what every client says, and that it is a public one at this address. */
export interface ClientMetadataDocument extends OAuthClientMetadata {
  readonly client_id: string
}

export function metadataDocument(redirectUri: string, settings: Settings): ClientMetadataDocument {
  const client_id = settings.clientMetadataUrl
  if (client_id === undefined) throw new ClientError('invalid_options', '`clientMetadataUrl` is not set')
  return { client_id, ...clientMetadata(redirectUri, settings), token_endpoint_auth_method: 'none' }
}

/** What a client that registers itself asks for. Only a web app can keep a secret, and takes what the server gives. */
function registrationRequest(redirectUri: string, settings: Settings, { metadata }: Discovery): OAuthClientMetadata {
  const methods = metadata?.token_endpoint_auth_methods_supported
  const isPublic = settings.applicationType === 'native' && (methods === undefined || methods.includes('none'))
  const request = clientMetadata(redirectUri, settings)
  return isPublic ? { ...request, token_endpoint_auth_method: 'none' } : request
}

function isUsable(client: OAuthClientInformationFull, redirectUri: string, settings: Settings): boolean {
  const expiresAt = client.client_secret_expires_at ?? 0
  if (expiresAt !== 0 && expiresAt * 1000 <= settings.now()) return false
  return matchRedirectUri(client.redirect_uris, redirectUri, settings.applicationType)
}
