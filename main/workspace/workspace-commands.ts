// A page's commands about the workspace. Counterparts: page-session.ts (checks them first), workspace.ts (does them).
import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { maxSendBytes } from '../../preload/contract/checks.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import type { WorkspaceCommands } from '../../preload/contract/workspace.ts'
import type { Workspace } from './workspace.ts'

type WorkspaceHandlers = {
  [K in keyof WorkspaceCommands]: (args: WorkspaceCommands[K]['args']) => Promise<Result<WorkspaceCommands[K]['value']>>
}

const readMessageFile = async (path: string): Promise<Result<Uint8Array>> => {
  const whole = resolve(homedir(), path.replace(/^~[/\\]/, ''))
  try {
    const facts = await stat(whole)
    // A device may never end, and a pipe may never begin.
    if (!facts.isFile()) return fail('bad-argument', `${whole} is no file`, 'path')
    const { size } = facts
    if (size > maxSendBytes)
      return fail(
        'too-large',
        `${path} has ${size} bytes; a message has at most ${maxSendBytes}. Send it as a file`,
        'path',
      )
    // A view of the pool that small files are read into would carry all of it along.
    return ok(new Uint8Array(await readFile(whole)))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return fail(code ?? 'not-read', code === 'ENOENT' ? `There is no file ${whole}` : message, 'path')
  }
}

/** `isLocal` false: the page may be on another machine, and is not given files of this one. */
export const workspaceCommands = (workspace: Workspace, isLocal: boolean): WorkspaceHandlers => ({
  readWorkspace: async () => ok(await workspace.read()),
  writeWorkspacePart: (write) => workspace.write(write),
  readMessageFile: async ({ path }) =>
    isLocal
      ? readMessageFile(path)
      : fail('refused', 'Files are read only for pages on the machine that Wireloop runs on', 'path'),
})
