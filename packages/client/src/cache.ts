import { InMemoryResponseCacheStore, type ResponseCacheStore } from '@modelcontextprotocol/client'

/**
 * What the official client keeps of a server's lists, for one user. It is dropped when the token has other scopes than
 * before: servers show what a token may use, and a kept list belongs to the authorization it was made for (MCP Caching).
 */
export function cacheForScopes(currentScopes: () => Promise<string | undefined>): ResponseCacheStore {
  const kept = new InMemoryResponseCacheStore()
  let keptFor: string | undefined
  return {
    async get(key) {
      const scopes = await currentScopes()
      if (scopes !== keptFor) kept.clear()
      keptFor = scopes
      return kept.get(key)
    },
    set: (key, entry) => kept.set(key, entry),
    delete: (key) => kept.delete(key),
    evict: (method) => kept.evict(method),
    clear: () => kept.clear(),
  }
}
