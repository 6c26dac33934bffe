// What an imported document adds to the workspace that is there. Pure, but for `importParts`, which writes it. Counterparts:
// transfer-panel.tsx, preload/contract/workspace-document.ts.
import { ok, type Result } from '../../preload/contract/failure.ts'
import type { SavedMessage, WorkspacePartName, WorkspaceParts } from '../../preload/contract/workspace.ts'
import { changeWorkspace } from '../stores/workspace.ts'

/** What the file has of an id takes the place of what was there; the rest is added. */
const byId = <T extends { readonly id: string }>(kept: readonly T[], added: readonly T[]): readonly T[] => {
  const ids = new Set(added.map(({ id }) => id))
  return [...kept.filter(({ id }) => !ids.has(id)), ...added]
}

/** The same, and a key that both claim is the added one's. */
export const mergeMessages = (
  kept: readonly SavedMessage[],
  added: readonly SavedMessage[],
): readonly SavedMessage[] => {
  const keys = new Set(added.map(({ key }) => key))
  const ids = new Set(added.map(({ id }) => id))
  const left = kept
    .filter(({ id }) => !ids.has(id))
    .map((message) => (message.key !== null && keys.has(message.key) ? { ...message, key: null } : message))
  return [...left, ...added]
}

/** Adds what is not there yet, word for word. */
const byContent = <T>(kept: readonly T[], added: readonly T[]): readonly T[] => {
  const known = new Set(kept.map((each) => JSON.stringify(each)))
  return [...kept, ...added.filter((each) => !known.has(JSON.stringify(each)))]
}

type Merges = {
  readonly [K in WorkspacePartName]: (kept: WorkspaceParts[K], added: WorkspaceParts[K]) => WorkspaceParts[K]
}

export const merges: Merges = {
  messages: mergeMessages,
  sequences: byId,
  endpoints: byId,
  endpointSettings: (kept, added) => {
    const keys = new Set(added.map(({ endpoint }) => endpoint))
    return [...kept.filter(({ endpoint }) => !keys.has(endpoint)), ...added]
  },
  filters: byContent,
  highlights: byContent,
}

const importPart = async <K extends WorkspacePartName>(part: K, added: WorkspaceParts[K]): Promise<Result<null>> =>
  added.length === 0 ? ok(null) : changeWorkspace(part, (kept) => merges[part](kept, added))

/** Adds the parts of a document, one after the other; stops at the first that cannot be written. */
export const importParts = async (parts: Partial<WorkspaceParts>): Promise<Result<null>> => {
  for (const part of Object.keys(parts) as WorkspacePartName[]) {
    const written = await importPart(part, parts[part] ?? [])
    if (!written.ok) return written
  }
  return ok(null)
}
