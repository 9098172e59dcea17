import {
  answeredPage,
  consentPage,
  continuePage,
  errorPage,
  errorView,
  loginPage,
  signedOutPage,
  signOutConfirmPage,
  type ConsentView,
  type LoginView,
} from '@permitry/server/html'

const tenantName = 'Willow Street Vet Clinic'
const requestId = 'req_7Q2M9XK4TD'
const form = { action: '/answer', hidden: { request: 'r-1', seal: 's-1' } }

export const login: LoginView = {
  ...form,
  tenantName,
  clientName: 'Vet Assist AI',
  serverName: 'VetAssist',
}

export const consent: ConsentView = {
  ...form,
  tenantName,
  requestId,
  person: { name: 'Bob Ashdown', username: 'bob' },
  notYouUrl: '/page/sign-out',
  accountUrl: '/page/error-not-found',
  client: { name: 'Vet Assist AI', verified: true, registration: 'registered' },
  redirect: { host: 'app.vetassist.example', loopback: false, customScheme: false },
  server: { name: 'VetAssist', identifier: 'mcp://vetassist', url: 'https://mcp.vetassist.example/mcp' },
  scopes: [
    {
      name: 'pet-profile:read',
      title: 'See pet profiles',
      description: 'Names, breeds, weight, vaccinations and medical records.',
      risk: 'read',
      tools: [
        { name: 'list_pets', title: 'List pets' },
        { name: 'pet_profile', title: 'Pet profile' },
        { name: 'vaccination_history', title: 'Vaccination history' },
        { name: 'next_vaccination', title: 'Next vaccination' },
      ],
      alreadyGranted: false,
    },
    {
      name: 'appointments:book',
      title: 'Book and move appointments',
      description: 'Makes changes in the clinic’s calendar in your name.',
      risk: 'write',
      tools: [
        { name: 'free_slots', title: 'Free slots' },
        { name: 'book_appointment', title: 'Book appointment' },
        { name: 'move_appointment', title: 'Move appointment' },
      ],
      alreadyGranted: false,
    },
    {
      name: 'reminders:manage',
      title: 'Set and delete reminders',
      description: 'For medication and appointments.',
      risk: 'destructive',
      tools: [
        { name: 'set_reminder', title: 'Set reminder' },
        { name: 'delete_reminder', title: 'Delete reminder' },
      ],
      alreadyGranted: false,
    },
  ],
  identityScopes: [],
  withheld: [{ name: 'pet-profile:write', title: 'Change pet profiles', reason: 'role', roleHint: 'Vet Staff' }],
  whoseData: 'Your own pets: Fido and Bella. Never the pets of other owners.',
  lasting: { idleDays: 14, absoluteDays: 90 },
}

const stepUp: ConsentView = {
  ...consent,
  person: { name: 'Dana Okafor', username: 'dana' },
  client: {
    name: 'Cursor',
    idHost: 'cursor.example',
    verified: false,
    registration: 'cimd',
    firstSeenAt: 1_795_000_000_000,
  },
  redirect: { host: 'cursor:', loopback: false, customScheme: true },
  scopes: [
    {
      name: 'pet-profile:write',
      title: 'Change pet profiles',
      description: 'Weight, allergies, medication and notes of any pet in the clinic.',
      risk: 'write',
      tools: Array.from({ length: 9 }, (_, index) => ({ name: `tool_${index}`, title: `Change record ${index + 1}` })),
      alreadyGranted: false,
    },
    ...consent.scopes.slice(0, 1).map((scope) => ({ ...scope, alreadyGranted: true })),
  ],
  identityScopes: [
    {
      name: 'openid',
      title: 'Who you are',
      description: 'A number that stands for you at this clinic.',
      alreadyGranted: false,
      required: true,
    },
    { name: 'profile', title: 'Your name', description: 'As it is written in your account.', alreadyGranted: false },
    {
      name: 'email',
      title: 'Your e-mail address',
      description: 'And whether it was confirmed.',
      alreadyGranted: false,
    },
  ],
  withheld: [],
  whoseData: 'All pets of the clinic.',
}

const selfRegistered: ConsentView = {
  ...consent,
  client: {
    name: 'MCP Inspector',
    verified: false,
    registration: 'dcr',
    firstSeenAt: 1_795_500_000_000,
    firstSeenToday: true,
  },
  redirect: { host: '127.0.0.1:33418', loopback: true, customScheme: false },
  error: 'nothing_selected',
}

const evil = `\u202eevil\u2066 ${'Verified by Willow Street '.repeat(20)}<b>bold</b> 🐕\u200d🦺 ${'\u0336'.repeat(40)}`
const hostile: ConsentView = {
  ...consent,
  tenantName: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft',
  person: { name: 'عيادة الصفصاف', username: 'x'.repeat(120) },
  client: {
    name: evil,
    idHost: `vetassist.example.${'login-'.repeat(30)}evil.example`,
    verified: false,
    registration: 'cimd',
  },
  redirect: { host: `${'very-long-'.repeat(12)}host.example:65535`, loopback: true, customScheme: false },
  server: {
    name: 'S'.repeat(90),
    identifier: `mcp://${'s'.repeat(200)}`,
    url: `https://${'u'.repeat(200)}.example/mcp`,
  },
  scopes: consent.scopes.map((scope) => ({
    ...scope,
    title: evil,
    description: `${evil} ${'W'.repeat(200)}`,
    tools: [
      { name: 'x', title: evil },
      { name: 't'.repeat(100), title: '' },
    ],
  })),
  withheld: [{ name: 'x', title: evil, reason: 'role', roleHint: evil }],
  whoseData: evil.repeat(2),
}

/** Every page in every variant that looks different. */
export const samples: Record<string, string> = {
  login: loginPage(login),
  'login-wrong': loginPage({ ...login, username: 'bob', error: 'invalid_credentials' }),
  'login-throttled': loginPage({
    ...login,
    clientName: 'Claude',
    clientHost: 'claude.example',
    username: 'bob',
    error: { throttledSeconds: 75 },
  }),
  'login-account': loginPage({ ...form, tenantName }),
  'login-again': loginPage({ ...form, tenantName, username: 'bob', again: true }),
  consent: consentPage(consent),
  'consent-step-up': consentPage(stepUp),
  'consent-self-registered': consentPage(selfRegistered),
  'consent-hostile': consentPage(hostile),
  answered: answeredPage({ tenantName, clientName: 'Vet Assist AI' }),
  'answered-twice': answeredPage({
    tenantName,
    clientName: 'Vet Assist AI',
    goOnUrl: 'https://login.vetassist.example/authorize?client_id=vet-assist-ai&state=x',
  }),
  // A refresh that fires would leave before anybody looked; the forms test follows a real one.
  continue: continuePage({
    tenantName,
    clientName: 'Vet Assist AI',
    redirectHost: 'app.vetassist.example',
    url: 'https://app.vetassist.example/callback?code=x',
  }).replace(`http-equiv="refresh"`, ''),
  'signed-out': signedOutPage({ tenantName, accountUrl: '/page/login' }),
  'signed-out-back': signedOutPage({ tenantName, backTo: { url: '/page/login', clientName: 'Vet Assist AI' } }),
  'sign-out': signOutConfirmPage({ ...form, tenantName, person: consent.person, clientName: 'Vet Assist AI' }),
  'error-without-tenant': errorPage(errorView({ cause: 'not_found' }, { requestId, homeUrl: '/page/login' })),
  'error-role-missing': errorPage(
    errorView(
      { cause: 'role_missing', serverName: 'VetAssist', roleHint: 'Vet Staff' },
      { tenantName, requestId, backTo: { url: '/page/login', clientName: 'Vet Assist AI' } },
    ),
  ),
  'error-redirect-uri': errorPage(
    errorView({ cause: 'redirect_uri_mismatch', clientName: 'Vet Assist AI' }, { tenantName, requestId }),
  ),
}
