// The clinic with a second MCP server, and with a client and an agent for each way to lose something.
import type { ClinicChange } from '@permitry/testkit'

export const SECRET = '0123456789abcdef'.repeat(4)

/** Bob may book the kennel too; the nurse, the job and its owner are of the clinic alone. */
export const twoServers: ClinicChange = (config) => {
  const [vetassist] = config.servers
  const [app] = config.clients
  if (!vetassist || !app) throw new Error('the example has a server and a client')
  const scope = (name: string) => ({ name, title: name, description: '', risk: 'read' as const, implies: [] })
  const kennel = {
    ...vetassist,
    id: 'kennel',
    identifier: 'mcp://kennel',
    name: 'Kennel',
    urls: [],
    default_scopes: ['kennel:read'],
    scopes: [scope('kennel:read'), scope('kennel:book')],
    tools: [],
  }
  const job = {
    ...app,
    id: 'night-job',
    name: 'Night job',
    secret: SECRET,
    redirect_uris: [],
    post_logout_redirect_uris: [],
    grant_types: ['client_credentials' as const],
    roles: ['vet-staff'],
    owner: 'usr_nora',
  }
  const person = (name: string, groups: string[] = []) => ({
    id: `usr_${name}`,
    username: name,
    name,
    roles: groups.length > 0 ? [] : ['vet-staff'],
    groups,
  })
  return {
    ...config,
    servers: [...config.servers, kennel],
    roles: [
      ...config.roles,
      { id: 'kennel-guest', name: 'Kennel guest', description: '', scopes: { kennel: ['kennel:read'] } },
      { id: 'kennel-host', name: 'Kennel host', description: '', scopes: { kennel: ['kennel:read', 'kennel:book'] } },
      {
        id: 'nurse',
        name: 'Nurse',
        description: '',
        scopes: { vetassist: ['pet-profile:write', 'appointments:read'] },
      },
    ],
    groups: [
      { id: 'ward', name: 'Ward', roles: ['nurse', 'vet-staff'] },
      { id: 'loft', name: 'Loft', roles: ['vet-staff'] },
    ],
    users: [
      ...config.users,
      person('nora'),
      person('nick'),
      person('ned', ['ward']),
      person('nell', ['loft']),
      { id: 'usr_guest', username: 'guest', name: 'Guest', roles: ['kennel-guest'], groups: [] },
    ],
    clients: [
      ...config.clients,
      job,
      {
        ...job,
        id: 'kennel-job',
        name: 'Kennel job',
        owner: undefined,
        roles: ['kennel-host'],
        servers: { kennel: 'all' },
      },
      { ...job, id: 'spare-job', name: 'Spare job', owner: undefined },
      { ...app, id: 'old-app', name: 'Old app', secret: SECRET },
      { ...app, id: 'wide-app', name: 'Wide app', secret: SECRET, servers: { vetassist: 'all', kennel: 'all' } },
      { ...app, id: 'kennel-app', name: 'Kennel app', secret: SECRET, servers: { kennel: 'all' } },
    ],
  }
}
