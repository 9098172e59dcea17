import { launchChromium } from '@permitry/testkit'
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import { samples } from './samples.ts'
import { servePages, type Site } from './site.ts'

// A folder to leave pictures in for people to judge; they are not compared.
const screenshots = process.env['PERMITRY_SCREENSHOTS']
const schemes = ['light', 'dark'] as const
const widths = [320, 768, 1280]
const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const runAxe = `axe.run({
    preload: false,
    resultTypes: ['violations'],
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    rules: { 'target-size': { enabled: true } },
  }).then(({ violations }) =>
    JSON.stringify(violations.map((v) => [v.id, ...v.nodes.map((n) => n.html + n.failureSummary)].join(' '))))`

// What must not pass, so that a check which sees nothing is noticed.
const broken = `<!doctype html><html><head><title>x</title></head><body>
<script>document.title = 'ran'</script><input><table width="3000"><tr><td>wide</td></tr></table></body></html>`

let browser: Browser
let context: BrowserContext
let site: Site

before(async () => {
  browser = await launchChromium()
  context = await browser.newContext()
  site = await servePages(({ path }) => (path === '/broken' ? broken : samples[path.replace('/page/', '')]))
})

after(async () => {
  await browser?.close()
  await site?.[Symbol.asyncDispose]()
})

for (const sample of Object.keys(samples)) {
  test(`the page ${sample} has no accessibility finding, nothing blocked and no sideways scrolling`, async () => {
    const { page, session, complaints } = await open(`/page/${sample}`)
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme })
      for (const width of widths) {
        await page.setViewportSize({ width, height: 800 })
        const where = `${sample}-${width}-${colorScheme}`
        assert.deepEqual(await axeFindings(session), [], where)
        assert.deepEqual(await overflow(page), [], where)
        if (screenshots) await page.screenshot({ path: join(screenshots, `${where}.png`), fullPage: true })
      }
    }
    assert.deepEqual(complaints, [])
    await page.close()
  })
}

test('the checks above see what they look for', async () => {
  const { page, session, complaints } = await open('/broken')
  assert.ok((await axeFindings(session)).some((finding) => finding.startsWith('label')))
  assert.ok((await overflow(page)).some((element) => element.startsWith('<table')))
  assert.equal(await page.title(), 'x')
  assert.ok(complaints.some((complaint) => complaint.includes('Content Security Policy')))
  await page.close()
})

async function open(path: string) {
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('requestfailed', (request) => complaints.push(`${request.url()} ${request.failure()?.errorText}`))
  await page.goto(`${site.origin}${path}`)
  const session = await context.newCDPSession(page)
  await session.send('Runtime.evaluate', { expression: axe })
  return { page, session, complaints }
}

/** Over the debugging protocol, which the page's own policy does not bind. */
async function axeFindings(session: CDPSession): Promise<string[]> {
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
    expression: runAxe,
    awaitPromise: true,
  })
  assert.equal(exceptionDetails, undefined)
  return JSON.parse(result.value) as string[]
}

/** What reaches sideways out of the window or out of its card, where it would be cut off. */
function overflow(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('body *')].filter((element) => {
    const box = element.getBoundingClientRect()
    const frame = element.parentElement.closest('.card')?.getBoundingClientRect()
    return Math.ceil(box.width) > 1 && (box.right > innerWidth + 1 || (frame && (box.left < frame.left - 1 || box.right > frame.right + 1)))
  }).map((element) => element.outerHTML.slice(0, 80))`)
}
