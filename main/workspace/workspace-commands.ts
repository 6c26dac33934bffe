// A page's commands about the workspace. Counterparts: page-session.ts (checks them first), workspace.ts (does them).
import { ok, type Result } from '../../preload/contract/failure.ts'
import type { WorkspaceCommands } from '../../preload/contract/workspace.ts'
import type { Workspace } from './workspace.ts'

type WorkspaceHandlers = {
  [K in keyof WorkspaceCommands]: (args: WorkspaceCommands[K]['args']) => Promise<Result<WorkspaceCommands[K]['value']>>
}

export const workspaceCommands = (workspace: Workspace): WorkspaceHandlers => ({
  readWorkspace: async () => ok(await workspace.read()),
  writeWorkspacePart: (write) => workspace.write(write),
})
