// Whether the example's ports are free, for the commands that must not meet one that runs.
import { createServer } from 'node:net'

/** The variables of the ports that somebody listens at. */
export async function busyPorts(ports: Readonly<Record<string, number>>): Promise<string[]> {
  const looked = Object.entries(ports).map(async ([name, port]) => ((await isFree(port)) ? [] : [name]))
  return (await Promise.all(looked)).flat()
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
