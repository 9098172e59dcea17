import { Worker } from 'node:worker_threads'
import { createBoundedQueue } from '../../login/bounded-queue.ts'
import { measureImage } from './measure.ts'

/** Both sides of what may be decoded: 16 MB as pixels. */
const MAX_SIDE = 2_048
/** Both sides of what comes out. */
const SIDE = 128
const TIMEOUT_MS = 5_000

export interface DrawTask {
  readonly image: Uint8Array
  readonly width: number
  readonly height: number
}

// One at a time in the whole process: nobody waits for a logo, and a flood of them must not take the processors.
const queue = createBoundedQueue({ running: 1, waiting: 8 })

/**
 * A PNG of at most 128 x 128 pixels that shows what a stranger's PNG or JPEG shows, made anew from its pixels: nothing
 * else of the stranger's bytes reaches a browser. Undefined when it is no such image, too large, or cannot be decoded.
 */
export async function redraw(image: Uint8Array): Promise<Uint8Array | undefined> {
  const size = measureImage(image)
  if (!size || size.width > MAX_SIDE || size.height > MAX_SIDE) return undefined
  const scale = Math.min(1, SIDE / Math.max(size.width, size.height))
  const fit = (side: number): number => Math.max(1, Math.round(side * scale))
  return queue.run(() => draw({ image, width: fit(size.width), height: fit(size.height) }))
}

/** In a thread of its own that ends with its one task: whatever a hostile image does to the decoder ends there. */
function draw(workerData: DrawTask): Promise<Uint8Array | undefined> {
  const worker = new Worker(new URL('./redraw-worker.ts', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: 64 },
    // What the decoder prints when it fails would let strangers write into the log.
    stdout: true,
    stderr: true,
  })
  return new Promise((resolve) => {
    const timer = setTimeout(() => void worker.terminate(), TIMEOUT_MS)
    worker.on('message', (png: Uint8Array) => resolve(png))
    // A decoder that fails throws; the thread ends with it.
    worker.on('error', () => resolve(undefined))
    worker.on('exit', () => {
      clearTimeout(timer)
      resolve(undefined)
    })
  })
}
