import {
  activityPage,
  agentPage,
  agentsPage,
  dataPage,
  deletedPage,
  deletePage,
  overviewPage,
  passwordPage,
  profilePage,
  sessionsPage,
  type AccountView,
  type AgentView,
  type CallView,
  type Place,
} from '@permitry/server/html'
import { consent } from './samples.ts'

const tenantName = 'Willow Street Vet Clinic'
const form = { action: '/answer', hidden: { act: 'a', proof: 'p' } }
const at = Date.UTC(2026, 10, 24, 14, 2)
const places: readonly Place[] = ['overview', 'agents', 'activity', 'sessions', 'profile', 'password', 'data', 'delete']

const base: AccountView = {
  tenantName,
  person: consent.person,
  urls: Object.fromEntries(places.map((place) => [place, `/page/account-${place}`])) as AccountView['urls'],
  signOutUrl: '/page/sign-out',
}

const listPets: CallView = {
  at,
  title: 'List pets',
  name: 'list_pets',
  kind: 'tool',
  clientName: 'Vet Assist AI',
  serverName: 'VetAssist',
  allowed: true,
  outcome: 'allow',
  reasons: ['allowed'],
  decisionId: 'dec_8Q4M2XK9TD7RW3',
}
const calls: readonly CallView[] = [
  listPets,
  {
    ...listPets,
    at: at - 60_000,
    title: 'Update a pet',
    name: 'update_pet',
    object: 'pet:fido',
    allowed: false,
    outcome: 'never',
    reasons: ['not_entitled'],
  },
  { ...listPets, at: at - 90_000, title: 'Book appointment', name: 'book_appointment' },
  {
    ...listPets,
    at: at - 120_000,
    name: 'x'.repeat(90),
    title: 'يوم جيد ‮ <b>bold</b> '.repeat(9),
    clientName: 'W'.repeat(120),
    allowed: false,
    outcome: 'challenge',
    reasons: ['scope_missing', 'made_up'],
  },
]
const vetAssist: AgentView = {
  client: consent.client,
  server: { name: 'VetAssist', identifier: 'mcp://vetassist', url: 'mcp://vetassist' },
  allowedAt: at - 86_400_000,
  may: ['See pet profiles', 'Book and move appointments', 'Set and delete reminders'],
  last: listPets,
  url: '/page/account-agent',
  withdraw: form,
}
const stranger: AgentView = {
  ...vetAssist,
  client: {
    name: 'VetAssist A1',
    verified: false,
    registration: 'cimd',
    idHost: 'very-long-subdomain-of-a-stranger.example-hosting-company.example',
    looksLike: 'Vet Assist AI',
  },
  may: ['See pet profiles'],
}
const identity: AgentView = {
  client: { name: 'Clinic newsletter', verified: false, registration: 'dcr', firstSeenAt: at },
  allowedAt: at,
  may: ['Know who you are', 'See your email address'],
  url: '/page/account-agent',
  withdraw: form,
}
const agents = [vetAssist, stranger, identity]
const sessions = [
  { isThis: true, signedInAt: at, endsAt: at + 43_200_000, clientNames: ['Vet Assist AI'], end: form },
  { isThis: false, signedInAt: at - 7_200_000, endsAt: at + 36_000_000, clientNames: [], end: form },
]

export const accountSamples: Record<string, string> = {
  'account-overview': overviewPage({ ...base, agents, calls: calls.slice(0, 3), sessionCount: 2 }),
  'account-overview-empty': overviewPage({ ...base, agents: [], calls: [], sessionCount: 1 }),
  'account-agents': agentsPage({ ...base, agents, told: 'narrowed' }),
  'account-agents-empty': agentsPage({ ...base, agents: [] }),
  'account-agent': agentPage({
    ...base,
    agent: vetAssist,
    narrow: form,
    scopes: consent.scopes,
    identityScopes: [
      { name: 'openid', title: 'Know who you are', description: '', alreadyGranted: true, required: true },
      { name: 'email', title: 'See your email address', description: 'Of your account.', alreadyGranted: true },
    ],
  }),
  'account-agent-stranger': agentPage({
    ...base,
    agent: stranger,
    narrow: form,
    scopes: consent.scopes.slice(0, 1),
    identityScopes: [],
    error: 'changed_meanwhile',
  }),
  'account-activity': activityPage({ ...base, calls, olderUrl: '/page/account-activity', newestUrl: '/page/login' }),
  'account-activity-empty': activityPage({ ...base, calls: [] }),
  'account-sessions': sessionsPage({ ...base, sessions, endOthers: form }),
  'account-profile': profilePage({
    ...base,
    email: 'bob@example.com',
    roles: ['Pet Owner'],
    form,
    error: 'name_empty',
  }),
  'account-profile-declared': profilePage({ ...base, email: undefined, roles: ['Pet Owner', 'Vet Staff'] }),
  'account-password': passwordPage({ ...base, form, error: 'invalid_credentials' }),
  'account-data': dataPage({ ...base, form }),
  'account-delete': deletePage({ ...base, form, ownAgents: 2, error: { throttledSeconds: 75 } }),
  'account-deleted': deletedPage({ tenantName }),
}
