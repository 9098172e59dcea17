// What can be measured of a page's looks: accessibility, and whether something sticks out.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright-core'
import type { Visitor } from './visitor.ts'

const SIZES = [
  { name: 'phone', width: 360, height: 740 },
  { name: 'desktop', width: 1280, height: 860 },
] as const
const SCHEMES = ['light', 'dark'] as const

const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const RUN_AXE = `axe.run({
    preload: false,
    resultTypes: ['violations'],
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    rules: { 'target-size': { enabled: true } },
  }).then(({ violations }) =>
    JSON.stringify(violations.map((v) => [v.id, ...v.nodes.map((n) => n.html + n.failureSummary)].join(' '))))`

/**
 * Finds nothing wrong on phone and desktop, in light and dark, and leaves a picture of each. `seen` is what must be seen
 * without scrolling.
 */
export async function inspect(visitor: Visitor, name: string, seen?: Locator): Promise<void> {
  const { page } = visitor
  for (const { name: size, width, height } of SIZES) {
    await page.setViewportSize({ width, height })
    await settle(page)
    assert.deepEqual(await outside(page), [], `${name} on ${size}`)
    assert.deepEqual(await small(page), [], `${name} on ${size}: too small for a finger`)
    if (seen) assert.deepEqual(await hidden(page, seen), { top: 0, bottom: 0 }, `${name} on ${size}: hidden`)
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme })
      // Colours do not depend on the size, and sizes not on the colour: two of the four are enough.
      if ((size === 'phone') === (colorScheme === 'dark'))
        assert.deepEqual(await findings(page), [], `${name} on ${size}, ${colorScheme}`)
      await visitor.shot(`${name}-${size}-${colorScheme}`)
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
}

/** Over the debugging protocol, which the page's own policy does not bind. */
export async function findings(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  await session.send('Runtime.evaluate', { expression: axe })
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
    expression: RUN_AXE,
    awaitPromise: true,
  })
  await session.detach()
  assert.equal(exceptionDetails, undefined)
  return JSON.parse(result.value) as string[]
}

/** By how many pixels the header and the foot of the page cover an element, or the window leaves it out. */
export async function hidden(page: Page, element: Locator): Promise<{ top: number; bottom: number }> {
  await settle(page)
  const box = await element.boundingBox()
  assert.ok(box, 'it is there')
  const [top = 0, bottom = 0] = await page.evaluate<number[]>(`[
    document.querySelector('.header').getBoundingClientRect().bottom,
    document.querySelector('.composer').getBoundingClientRect().top,
  ]`)
  return {
    top: Math.max(0, Math.round(top - box.y)),
    bottom: Math.max(0, Math.round(box.y + box.height - bottom)),
  }
}

/** Five frames in which nothing moved: what follows a change of size or of content has been done, also on a busy machine. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(`new Promise((done) => {
    let [last, still] = ['', 0]
    const look = () => {
      const now = [scrollX, scrollY, document.documentElement.scrollHeight, innerWidth, innerHeight].join()
      still = now === last ? still + 1 : 0
      last = now
      if (still === 5) done()
      else requestAnimationFrame(look)
    }
    look()
  })`)
}

/** What a finger must meet and is less than 44 pixels high or wide. A link inside of a sentence may be (WCAG 2.5.8), a telephone number not. */
function small(page: Page): Promise<string[]> {
  return page.evaluate<
    string[]
  >(`[...document.querySelectorAll('button, summary, textarea, label:has(input), a[href^="tel:"]')]
    .filter((element) => {
      const { width, height } = element.getBoundingClientRect()
      return element.checkVisibility() && (Math.round(width) < 44 || Math.round(height) < 44)
    })
    .map((element) => element.outerHTML.slice(0, 80))`)
}

/** What reaches sideways out of the window. What is only for screen readers is one pixel wide. */
function outside(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('body *')].filter((element) => {
    const box = element.getBoundingClientRect()
    return Math.ceil(box.width) > 1 && (box.right > innerWidth + 1 || box.left < -1)
  }).map((element) => element.outerHTML.slice(0, 80))`)
}
