import { parseChallenges, protectedResourceMetadataUrls } from '@permitry/oauth'
import { z } from 'zod'
import type { GuardedFetch } from '../outbound/guarded-fetch.ts'

/** What a protected MCP server says about how to get a token for it (RFC 9728). */
export interface Protection {
  /** Where its metadata was found; undefined when it publishes none that can be read. */
  readonly metadataUrl: string | undefined
  readonly resource: string | undefined
  readonly authorizationServers: readonly string[]
  readonly scopes: readonly string[]
}

const Metadata = z.object({
  resource: z.string(),
  authorization_servers: z.array(z.string()).default([]),
  scopes_supported: z.array(z.string()).default([]),
})

/** Finds the metadata of a server that answered 401: where its challenge says, then at the places of RFC 9728 §3.1. */
export async function findProtection(url: string, challenge: string | null, send: GuardedFetch): Promise<Protection> {
  const { path, root } = protectedResourceMetadataUrls(url)
  const named = challengedMetadataUrl(challenge)
  for (const place of new Set([...(named === undefined ? [] : [named]), path, root])) {
    const found = await readMetadata(place, send)
    if (found)
      return {
        metadataUrl: place,
        resource: found.resource,
        authorizationServers: found.authorization_servers,
        scopes: found.scopes_supported,
      }
  }
  return { metadataUrl: undefined, resource: undefined, authorizationServers: [], scopes: [] }
}

function challengedMetadataUrl(header: string | null): string | undefined {
  const challenges = parseChallenges(header ?? '')
  if (!challenges.ok) return undefined
  return challenges.value.map(({ parameters }) => parameters.get('resource_metadata')).find((one) => one !== undefined)
}

async function readMetadata(place: string, send: GuardedFetch): Promise<z.output<typeof Metadata> | undefined> {
  try {
    const response = await send(place, { headers: { accept: 'application/json' } })
    return response.ok ? Metadata.safeParse(await response.json()).data : undefined
  } catch {
    // Not there, not allowed or not JSON: for a client all the same as none, and the next place is asked.
    return undefined
  }
}
