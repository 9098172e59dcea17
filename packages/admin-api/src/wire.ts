import { z } from 'zod'

/** The id of what operators define: servers, roles, groups, people and clients that they registered. */
export const Id = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'an id has 1 to 64 letters, digits, `.`, `_` or `-`, and begins with a letter or digit',
  )

/** What people read. */
export const Name = z.string().trim().min(1, 'write a name').max(200, 'shorten it to 200 characters')

export const Text = z.string().max(2000, 'shorten it to 2000 characters')

/** RFC 6749 §3.3. */
export const ScopeName = z
  .string()
  .max(128, 'shorten it to 128 characters')
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'a scope has no spaces, quotes, backslashes or characters outside ASCII')

export const ScopeList = z.array(ScopeName).max(500, 'name at most 500 scopes')

export const AllOrScopes = z.union([z.literal('all'), ScopeList], 'write `all` or a list of scopes')

/** The text that a list is searched for. */
export const q = z
  .string()
  .max(200)
  .optional()
  .describe('Only what has this text in its id or name; letter case does not count.')

/** What every list takes beside its filters. */
export const paging = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('How many items a page has at most.'),
  cursor: z.string().max(2048).optional().describe('`next_cursor` of the page before, with the same filters.'),
})

/** Milliseconds since the epoch. */
export const Time = z.int()

/** Something with what people call it; the id again where the name is not known any more. */
export const Named = z.object({ id: z.string(), name: z.string() })
