import { spawn } from 'node:child_process'
import { ClientError } from '../errors.ts'

/** What opens an address on each system. Programs and arguments, never a line for a shell: addresses are attacker-controlled. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly [command: string, ...args: string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/** Opens an http(s) address in the person's own browser, RFC 8252 §8.12. Other schemes would run programs, and are refused. */
export async function openBrowser(address: string, platform: NodeJS.Platform = process.platform): Promise<void> {
  const { protocol, href } = new URL(address)
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new ClientError('address_refused', `refused to open an address of the scheme \`${protocol}\``)
  const [command, ...args] = OPENERS[platform] ?? ['xdg-open']
  const child = spawn(command, [...args, href], { shell: false, detached: true, stdio: 'ignore' })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (cause) =>
      reject(
        new ClientError('login_failed', 'no browser could be opened: give `openBrowser`, which may print the address', {
          cause,
        }),
      ),
    )
  })
  child.unref()
}
