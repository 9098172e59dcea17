import { launchChromium } from '@permitry/testkit'
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { accountSamples } from './account-samples.ts'
import { samples as flowSamples } from './samples.ts'
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
const broken = `<!doctype html><html><head><title>x</title></head><body bgcolor="white"><script>document.title = 'ran'</script>
<div><input type="checkbox"><input type="checkbox"></div><p><font color="#eeeeee">pale</font></p>
<div class="card"><table width="3000"><tr><td>wide</td></tr></table></div></body></html>`

const samples: Record<string, string> = { ...flowSamples, ...accountSamples }

let browser: Browser
let page: Page
let session: CDPSession
let complaints: string[]
let site: Site

before(async () => {
  browser = await launchChromium()
  page = await browser.newPage()
  session = await page.context().newCDPSession(page)
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('requestfailed', (request) => complaints.push(`${request.url()} ${request.failure()?.errorText}`))
  site = await servePages(({ path }) => (path === '/broken' ? broken : samples[path.replace('/page/', '')]))
})

after(async () => {
  await browser?.close()
  await site?.[Symbol.asyncDispose]()
})

for (const sample of Object.keys(samples)) {
  test(`the page ${sample} has no accessibility finding, nothing blocked and no sideways scrolling`, async () => {
    await open(`/page/${sample}`)
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme })
      for (const width of widths) {
        await page.setViewportSize({ width, height: 800 })
        const where = `${sample}-${width}-${colorScheme}`
        assert.deepEqual(await axeFindings(), [], where)
        assert.deepEqual(await overflow(), [], where)
        if (screenshots) await page.screenshot({ path: join(screenshots, `${where}.png`), fullPage: true })
      }
    }
    assert.deepEqual(complaints, [])
  })
}

test('the checks above see what they look for', async () => {
  await open('/broken')
  const findings = await axeFindings()
  for (const rule of ['label', 'target-size', 'color-contrast']) {
    assert.ok(
      findings.some((finding) => finding.startsWith(rule)),
      rule,
    )
  }
  assert.ok((await overflow()).some((element) => element.startsWith('<table')))
  assert.equal(await page.title(), 'x')
  assert.ok(complaints.some((complaint) => complaint.includes('Content Security Policy')))
})

async function open(path: string): Promise<void> {
  complaints = []
  await page.goto(`${site.origin}${path}`)
  await session.send('Runtime.evaluate', { expression: axe })
}

/** Over the debugging protocol, which the page's own policy does not bind. */
async function axeFindings(): Promise<string[]> {
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
    expression: runAxe,
    awaitPromise: true,
  })
  assert.equal(exceptionDetails, undefined)
  return JSON.parse(result.value) as string[]
}

/** What reaches sideways out of the window or out of its card, where it would be cut off. */
function overflow(): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('body *')].filter((element) => {
    const box = element.getBoundingClientRect()
    const frame = element.parentElement.closest('.card')?.getBoundingClientRect()
    return Math.ceil(box.width) > 1 && (box.right > innerWidth + 1 || (frame && (box.left < frame.left - 1 || box.right > frame.right + 1)))
  }).map((element) => element.outerHTML.slice(0, 80))`)
}
