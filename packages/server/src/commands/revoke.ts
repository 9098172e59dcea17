import { newId } from '../keys/secrets.ts'
import type { Revoked } from '../store/repositories/revocations.ts'
import type { CommandContext } from './command.ts'

/**
 * Revokes the living access tokens of people, families or clients, and tells the guards that are concerned; what they may get
 * anew is not touched. To be called before whatever is revoked is removed: guards are found by what is there.
 */
export async function revokeTokens({ t, now }: CommandContext, revoked: readonly Revoked[]): Promise<void> {
  if (revoked.length > 0)
    await t.revocations.revokeEach(
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
