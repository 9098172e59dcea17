// What a card shows of a tool: its title, whether it writes, and a caution where it is not the tool that the person knows.
import type { ClinicTool } from '../clinic/clinic.ts'
import type { StoredTool } from '../conversation/stored.ts'
import type { Turn } from './turn.ts'
import { visible } from './visible.ts'

const LONGEST_TITLE = 80
const LONGEST_DESCRIPTION = 300

const CAUTIONS = {
  new: 'The clinic did not have this when you first came here, so I ask before I use it.',
  changed: 'The clinic has changed this since you last used it, so I ask before I use it, also if it only reads.',
} as const
export const CHANGED_MEANWHILE =
  'The clinic has changed this since I asked you, so your answer does not count for it. Nothing was done, and I ask again.'

/** The tool as the person sees it on a card; a yes counts for `definition` only. */
export function asShown(
  { knownTools, session }: Pick<Turn, 'knownTools' | 'session'>,
  tool: ClinicTool,
): Pick<StoredTool, 'title' | 'writes' | 'definition' | 'caution'> {
  const standing = knownTools.standingOf(session, tool)
  return {
    title: visible(tool.title).slice(0, LONGEST_TITLE),
    writes: tool.writes,
    definition: tool.definition,
    ...(standing !== 'known' && { caution: cautionOf(tool, CAUTIONS[standing]) }),
  }
}

/** What the tool says of itself is quoted: whoever wrote it is not the app. */
export function cautionOf({ description }: ClinicTool, why: string): string {
  const said = visible(description).slice(0, LONGEST_DESCRIPTION)
  return said === '' ? why : `${why} It says of itself: “${said}”`
}
