// A person at the own account page, with a browser that has no script.
import { Browser, type Page, type PageForm, type Person, signIn, type Stack } from '@permitry/testkit'

/** Signs a person in at the account page and ends at one of its pages. */
export async function visitAccount(
  stack: Pick<Stack, 'issuer'>,
  person: Person,
  { browser = new Browser(), path = '' }: { browser?: Browser; path?: string } = {},
): Promise<{ browser: Browser; page: Page }> {
  const page = await browser.open(`${stack.issuer}/account${path}`)
  return { browser, page: page.url.includes('/sign-in') ? await signIn(browser, page, person) : page }
}

/** The form of a page that has a hidden field with this value. */
export function formWith(page: Page, name: string, value: string): PageForm {
  const form = page.forms.find(({ fields }) => fields.some((field) => field.name === name && field.value === value))
  if (!form) throw new Error(`no form with ${name}=${value} on ${page.url}: ${page.text}`)
  return form
}

/** The text of a page as it is read. */
export function wordsOf({ text }: Page): string {
  return text
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', '’')
    .replaceAll(/\s+/g, ' ')
}
