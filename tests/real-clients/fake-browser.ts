// Stands in for the browser that a client opens (`xdg-open URL`): Bob signs in, allows what is asked, and his browser
// brings the answer to wherever the client listens. A program of its own, because clients start browsers as programs.
import { Browser, signIn } from '@permitry/testkit'

const [, , url = ''] = process.argv
const browser = new Browser()
let page = await browser.open(url)
if (page.url.includes('/login?')) page = await signIn(browser, page, 'bob')
if (page.url.includes('/consent?')) page = await browser.submit(page, { decision: 'allow' })
const { hostname } = new URL(page.url)
if (!['127.0.0.1', 'localhost'].includes(hostname)) throw new Error(`the way ended at ${page.url}: ${page.text}`)
const answer = await fetch(page.url)
if (!answer.ok) throw new Error(`the client answered ${answer.status}: ${await answer.text()}`)
