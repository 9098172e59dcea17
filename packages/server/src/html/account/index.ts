/** The pages of a person's own account: pure functions from a view to markup, as the pages of login and consent are. */
export { activityPage } from './activity-page.ts'
export { agentPage, agentsPage } from './agents-pages.ts'
export { dataPage, deletedPage, deletePage } from './data-pages.ts'
export { overviewPage } from './overview-page.ts'
export { passwordPage, profilePage } from './profile-pages.ts'
export { sessionsPage } from './sessions-page.ts'
export type * from './views.ts'
