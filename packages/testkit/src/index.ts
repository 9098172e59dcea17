export { Browser, type Page, type PageForm } from './browser.ts'
export { appSecret, passwordOf, people, type Person, VET_ASSIST } from './clinic.ts'
export { authorize, authorizationUrl, type Answer, type Authorization, requestToken, signIn } from './oauth-client.ts'
export { startStack, type Stack, type StackOptions } from './stack.ts'
