export { type AuthorizationServer, type AuthorizationServerOptions, createAuthorizationServer } from './server.ts'
export { endpointNames } from './routes.ts'
export { openStore, migrateStore } from './store/open-store.ts'
export type { Store } from './store/store.ts'
export { type AuditKey, type CheckpointSigner, createCheckpointSigner } from './audit/checkpoint-key.ts'
export { exportAudit } from './audit/export.ts'
export type { AuditFinding } from './audit/findings.ts'
export { type AuditVerdict, type VerifyOptions, verifyAudit } from './audit/verify.ts'
export { DEFAULT_TENANT, issuerOf } from './realm.ts'
export { checkPasswordRules, hashPassword } from './login/password.ts'
export { type ConfigFault, formatFault } from './config/fault.ts'
export type { ExpansionSources } from './config/expand.ts'
export { configJsonSchema } from './config/json-schema.ts'
export { type CredentialKey, makeCredentialKey } from './keys/credential-key.ts'
export { envelopeKey, WrongMasterKey } from './keys/key-pair.ts'
export { type ListedKey, listKeys, revokeSigningKey, rotateKeys } from './keys/rotation.ts'
export { CLIENT_TEMPLATES, type ClientTemplateName } from './config/client-templates.ts'
export { type Entry } from './config/entry.ts'
export { formatConfig } from './config/format.ts'
export { makeClient, type NewClient, remakeClient } from './config/new-client.ts'
export { makeGroup, makeRole, makeServer, makeUser } from './config/new-entry.ts'
export { type FileFormat, loadConfig, loadFile } from './config/load.ts'
export type { Config } from './config/schema.ts'
export { apply, type ApplyRequest, planApply, planFirstApply } from './commands/apply/apply.ts'
export { groupEntry, roleEntry, serverEntry, userEntry } from './commands/apply/entries.ts'
export { exportState, type ExportedState } from './commands/apply/export.ts'
export type { Change, Plan } from './commands/apply/plan.ts'
export type { FieldChange } from './commands/changes.ts'
export { ADMIN_SCOPES, type AdminScope, adminAudience, isReserved, OWNER_ROLE } from './access/admin-api.ts'
export type { Actor } from './commands/allowed.ts'
export { completeBuiltIn } from './commands/built-in.ts'
export { addClient, removeClient, resumeClient, suspendClient } from './commands/client.ts'
export type { Command, Outcome } from './commands/command.ts'
export { type GroupWithMembers, listAgents, listGroups, listPeople, listRoles } from './commands/definition-lookups.ts'
export {
  addGroup,
  addRole,
  addServer,
  addSubject,
  changeClient,
  changeGroup,
  changeRole,
  changeServer,
  changeSubject,
  type Edit,
} from './commands/edit.ts'
export { type CommandFailure, describeFailure } from './commands/failure.ts'
export { endFamily } from './commands/family.ts'
export { withdrawGrant, withdrawGrantsOfClient } from './commands/grant.ts'
export { removeGroup } from './commands/group.ts'
export {
  findSubjectId,
  listAudit,
  listClients,
  type RegisteredClient,
  listFamilies,
  listGrants,
  listServers,
  listSessions,
  findReach,
  tenantExists,
} from './commands/lookups.ts'
export { findDecisions, listDecisions, readCatalogue, type ToldDecision } from './commands/decision-lookups.ts'
export type { StoredDecision } from './store/repositories/decisions.ts'
export { importTools } from './inspect/import-tools.ts'
export { removeRole } from './commands/role.ts'
export { removeServer } from './commands/server.ts'
export { assignRole, type RoleAssignment, unassignRole } from './commands/role-assignment.ts'
export { type Operator, runCommand } from './commands/run.ts'
export {
  addServerCredential,
  addServerCredentialKey,
  listServerCredentialKeys,
  retireServerCredentialKey,
  serverCredentialId,
} from './commands/server-credential.ts'
export { endSession } from './commands/session.ts'
export { eraseSubject, resumeSubject, setPassword, suspendSubject } from './commands/subject.ts'
export { makeSetupLink, offerSetupLink } from './commands/setup.ts'
export { createTenant } from './commands/tenant.ts'
export { type FoundTool, type Inspection, inspectServer } from './inspect/inspect.ts'
export { proposeScopes, type ScopeProposal } from './inspect/propose.ts'
export type { ServerDefinition } from './store/repositories/server-definitions.ts'
export type { Role } from './store/repositories/roles.ts'
export { type Connection, type ConnectionStep, listConnections } from './connections/list-connections.ts'
export { type Arrival, ARRIVAL_PATH, arrivalCredential } from './discovery/arrival.ts'
export {
  CLIENT_IDS,
  type ClientId,
  type ClientLines,
  formatLines,
  linesFor,
  type Step,
} from './connections/client-lines.ts'
