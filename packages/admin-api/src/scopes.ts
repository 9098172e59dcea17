/** What a token for the admin API may do, by area. The `write` of an area implies its `read`. */
export const ADMIN_SCOPES = [
  'servers:read',
  'servers:write',
  'roles:read',
  'roles:write',
  'people:read',
  'people:write',
  'clients:read',
  'clients:write',
  'grants:read',
  'grants:write',
  'audit:read',
  'system:read',
  'system:write',
] as const

export type AdminScope = (typeof ADMIN_SCOPES)[number]
