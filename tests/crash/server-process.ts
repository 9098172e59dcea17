import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const repository = new URL('../../', import.meta.url)

/** A real `permitry serve` in a process of its own, which can be killed and started again on the same data. */
export class ServerProcess {
  readonly folder: string
  issuer = ''
  #child: ChildProcess | undefined
  #port = '0'

  private constructor(folder: string) {
    this.folder = folder
  }

  /** Prepares a data folder with the example's configuration. */
  static async prepare(): Promise<ServerProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'permitry-crash-'))
    const yaml = await readFile(new URL('examples/vet-assist/permitry.yaml', repository), 'utf8')
    const secret = randomBytes(32).toString('base64url')
    await writeFile(join(folder, 'permitry.yaml'), yaml.replace(/secret: \$\{file:[^}]*\}/, `secret: ${secret}`))
    return new ServerProcess(folder)
  }

  /** Starts the server; resolves when it says that it is ready. */
  async start(): Promise<void> {
    const main = new URL('packages/cli/src/main.ts', repository).pathname
    const env = { ...process.env, PERMITRY_DATA_DIR: join(this.folder, 'data'), PERMITRY_PORT: this.#port }
    const args = [main, 'serve', '--apply', '--config', join(this.folder, 'permitry.yaml')]
    const child = spawn(process.execPath, args, { cwd: this.folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
    this.#child = child
    for await (const line of createInterface({ input: child.stdout })) {
      const entry = JSON.parse(line) as { msg?: string; issuer?: string }
      if (entry.msg !== 'ready' || entry.issuer === undefined) continue
      this.issuer = entry.issuer
      this.#port = new URL(entry.issuer).port
      break
    }
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    child.stdout.resume()
  }

  /** `kill -9`: no handler runs, nothing is flushed. */
  async kill(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  /** Copies the data of a server that does not run. */
  async copyData(name: string): Promise<void> {
    await cp(join(this.folder, 'data'), join(this.folder, name), { recursive: true })
  }

  async restoreData(name: string): Promise<void> {
    await rm(join(this.folder, 'data'), { recursive: true })
    await cp(join(this.folder, name), join(this.folder, 'data'), { recursive: true })
  }

  async remove(): Promise<void> {
    await this.kill()
    await rm(this.folder, { recursive: true })
  }
}
