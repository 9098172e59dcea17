import { newId } from '../keys/secrets.ts'
import type { Revoked } from '../store/repositories/tenants.ts'
import type { CommandContext } from './command.ts'

/**
 * Revokes the living access tokens of people, families or clients; what they may get anew is not touched. MCP servers
 * check tokens by themselves and are not told yet: there such a token lasts to its end.
 */
export async function revokeTokens({ t, now }: CommandContext, revoked: readonly Revoked[]): Promise<void> {
  if (revoked.length > 0)
    await t.tenants.revokeEach(
      revoked.map((one) => ({ ...one, id: newId('rev') })),
      now,
    )
}

/** Tokens say what a person held at their mint, so they are refused when a role gives less than before. */
export function revokeTokensOfPeople(context: CommandContext, subjectIds: Iterable<string>): Promise<void> {
  return revokeTokens(
    context,
    [...new Set(subjectIds)].toSorted().map((subjectId) => ({ subjectId })),
  )
}
