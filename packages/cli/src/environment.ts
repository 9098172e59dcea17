import { env } from 'node:process'

/** Variables by name, as given; an empty one counts as unset where it is read. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The environment of this process. This is the only file that reads it; everything else gets it as a value. */
export const environment: Environment = { ...env }
