import type { Schedule } from '../issuer/exchange.ts'

/** A wait that somebody else may end. */
export interface Nap {
  /** Says whether it lasted to its end. */
  sleep(milliseconds: number): Promise<boolean>
  wake(): void
}

export function createNap(schedule: Schedule): Nap {
  let wake = (): void => {}
  return {
    sleep: (milliseconds) =>
      new Promise((resolve) => {
        const callOff = schedule(() => resolve(true), milliseconds)
        wake = () => {
          callOff()
          resolve(false)
        }
      }),
    wake: () => wake(),
  }
}
