// Ada at her browser, as a program that a client starts: signs in, allows what is asked, brings the answer to the client.
import { Browser } from '@permitry/testkit'

export const ADA_PASSWORD = 'choose your own words'

if (import.meta.main) {
  const browser = new Browser()
  let page = await browser.open(process.argv[2] ?? '')
  if (page.url.includes('/login?')) page = await browser.submit(page, { username: 'ada', password: ADA_PASSWORD })
  if (page.url.includes('/consent?')) page = await browser.submit(page, { decision: 'allow' })
  const answer = await fetch(page.url)
  if (!answer.ok || !page.url.includes('/callback')) throw new Error(`the way ended at ${page.url}: ${page.text}`)
}
