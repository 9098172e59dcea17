import type { RegisteredClient } from '@permitry/server'
import { printable } from './table.ts'

type Definition = Omit<RegisteredClient, 'active'>

/** A client in the members of RFC 7591 §2, which other software knows, and with what only we know beside them. */
export function clientMetadata(client: Definition, secret?: string): Record<string, unknown> {
  const { agent } = client
  return {
    client_id: client.id,
    ...(secret === undefined ? {} : { client_secret: secret }),
    client_name: client.name,
    application_type: client.applicationType,
    token_endpoint_auth_method: client.authMethod,
    grant_types: client.grantTypes,
    ...(client.redirectUris.length > 0 ? { redirect_uris: client.redirectUris } : {}),
    ...(client.jwks === null ? {} : { jwks: JSON.parse(client.jwks) as unknown }),
    ...(client.jwksUri === null ? {} : { jwks_uri: client.jwksUri }),
    servers: client.servers,
    ...(client.guards.length > 0 ? { guards: client.guards } : {}),
    ...(agent ? { roles: agent.roles, ...(agent.owner === null ? {} : { owner: agent.owner }) } : {}),
  }
}

/** The same for people: a line for each member. */
export function formatClient(client: Definition, secret?: string): string {
  const members = Object.entries(clientMetadata(client, secret))
  return members.map(([name, value]) => `${name}: ${show(value)}`).join('\n')
}

function show(value: unknown): string {
  if (typeof value === 'string') return printable(value)
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return printable(value.join(' ')) || '(none)'
  return printable(JSON.stringify(value))
}
