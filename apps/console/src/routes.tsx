import { createRootRoute, createRoute, createRouter, Link, redirect } from '@tanstack/react-router'
import { CONSOLE } from './api/base.ts'
import { useSession } from './api/session.ts'
import { RolePage } from './pages/role.tsx'
import { RoleEditPage, RoleNewPage } from './pages/role-edit.tsx'
import { RolesPage } from './pages/roles.tsx'
import { Shell } from './shell/shell.tsx'
import { SignedOut } from './shell/signed-out.tsx'
import { texts } from './texts.ts'
import { Empty, Failure, Loading } from './ui/states.tsx'

const root = createRootRoute({
  component: function Console() {
    const session = useSession()
    return session ? <Shell session={session} /> : <SignedOut />
  },
  notFoundComponent: () => (
    <Empty title={texts.gone.title} action={<Link to="/roles">{texts.gone.back}</Link>}>
      {texts.gone.what}
    </Empty>
  ),
})

/** The map of the console. */
const routes = [
  createRoute({
    getParentRoute: () => root,
    path: '/',
    beforeLoad: () => redirect({ to: '/roles', replace: true, throw: true }),
  }),
  createRoute({ getParentRoute: () => root, path: '/roles', component: RolesPage }),
  createRoute({ getParentRoute: () => root, path: '/roles/new', component: RoleNewPage }),
  createRoute({ getParentRoute: () => root, path: '/roles/$id', component: RolePage }),
  createRoute({ getParentRoute: () => root, path: '/roles/$id/edit', component: RoleEditPage }),
] as const

export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: CONSOLE,
  defaultPendingComponent: Loading,
  defaultErrorComponent: ({ error, reset }) => <Failure error={error} retry={reset} />,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
