// The page's copy of the workspace, and the one way to change it: a part at a time, tried again where another page was
// faster, so that neither loses what the other wrote. Counterparts: main/workspace, preload/contract/workspace.ts.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { CommandMethods } from '../../preload/contract/api.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import {
  emptyWorkspace,
  type WorkspacePartName,
  type WorkspaceState,
  type WorkspaceWrite,
} from '../../preload/contract/workspace.ts'

const unread: WorkspaceState = {
  parts: emptyWorkspace,
  revisions: { messages: 0, sequences: 0, endpointSettings: 0, endpoints: 0, filters: 0, highlights: 0 },
  path: null,
  problem: null,
}

/** What the page knows; `known` is false until it has been read once. */
export const workspaceStore = createStore<WorkspaceState & { readonly known: boolean }>()(() => ({
  ...unread,
  known: false,
}))

export const useWorkspace = <T>(pick: (state: WorkspaceState & { readonly known: boolean }) => T): T =>
  useStore(workspaceStore, pick)

type Parts = WorkspaceState['parts']
type WorkspaceLink = Pick<CommandMethods, 'readWorkspace' | 'writeWorkspacePart'>
let link: WorkspaceLink | null = null

/** Other pages may write as fast as this one; after so many tries it is told that it was not saved. */
const mostTries = 8

const read = async (from: WorkspaceLink): Promise<Result<null>> => {
  const state = await from.readWorkspace(null)
  if (!state.ok) return state
  workspaceStore.setState({ ...state.value, known: true })
  return ok(null)
}

/** Reads the workspace, again after every reconnect. */
export const connectWorkspace = (commands: WorkspaceLink): void => {
  link = commands
  void read(commands)
}

/** A part was written, by this page or another. */
export const workspaceChanged = (part: WorkspacePartName, revision: number): void => {
  if (link !== null && workspaceStore.getState().revisions[part] < revision) void read(link)
}

/**
 * Changes one part: `change` makes the new value of the one that is there, and is asked again where that was not the
 * latest. It answers null where there is nothing to change. Resolves when it is written, or with why it is not.
 */
export const changeWorkspace = async <K extends WorkspacePartName>(
  part: K,
  change: (value: Parts[K]) => Parts[K] | null,
): Promise<Result<null>> => {
  if (link === null) return fail('engine-stopped', 'The app is not reached yet')
  for (let tries = 0; tries < mostTries; tries++) {
    if (!workspaceStore.getState().known || tries > 0) {
      const fresh = await read(link)
      if (!fresh.ok) return fresh
    }
    const { parts, revisions } = workspaceStore.getState()
    const value = change(parts[part])
    if (value === null) return ok(null)
    const written = await link.writeWorkspacePart({ part, value, revision: revisions[part] } as WorkspaceWrite)
    if (written.ok) {
      workspaceStore.setState((state) => ({
        parts: { ...state.parts, [part]: value },
        revisions: { ...state.revisions, [part]: written.value },
      }))
      return ok(null)
    }
    if (written.failure.code !== 'stale') return written
  }
  return fail('stale', 'The workspace is being changed elsewhere; try again in a moment')
}
