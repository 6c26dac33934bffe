// The person's workspace: read anew each time, since another Wireloop may have written it, and written in one step, a part
// at a time, by whoever knows its latest revision. Counterparts: preload/contract/workspace.ts, document-file.ts.
import { type Failure, fail, ok, type Result } from '../../preload/contract/failure.ts'
import {
  emptyWorkspace,
  type WorkspacePartName,
  type WorkspaceParts,
  type WorkspaceRevisions,
  type WorkspaceState,
  type WorkspaceWrite,
} from '../../preload/contract/workspace.ts'
import { maxWorkspaceBytes } from '../../preload/contract/workspace-checks.ts'
import { formatWorkspace, parseWorkspace } from '../../preload/contract/workspace-document.ts'
import { type DocumentFile, documentFile, memoryDocument } from './document-file.ts'

export interface Workspace {
  read(): Promise<WorkspaceState>
  /** Failures: `stale`, `too-large`, or why the file cannot be read or written. */
  write(write: WorkspaceWrite): Promise<Result<number>>
  /** Called when a part was written here; returns a function that stops that. */
  onChange(listener: (part: WorkspacePartName, revision: number) => void): () => void
}

interface Held {
  readonly parts: WorkspaceParts
  readonly revisions: WorkspaceRevisions
}

const noRevisions: WorkspaceRevisions = {
  messages: 0,
  sequences: 0,
  endpointSettings: 0,
  endpoints: 0,
  filters: 0,
  highlights: 0,
}
const nothing: Held = { parts: emptyWorkspace, revisions: noRevisions }

const words = (error: unknown): string => (error as Error).message

/** Kept in the file at `path`; in memory only where there is none. */
export const createWorkspace = (path: string | null): Workspace => {
  const file: DocumentFile = path === null ? memoryDocument() : documentFile(path)
  const listeners = new Set<(part: WorkspacePartName, revision: number) => void>()
  /** What was damaged when it was read; told until the end, since what was kept aside is still there. */
  let damage: Failure | null = null
  let last: Promise<unknown> = Promise.resolve()
  /** One thing at a time: a write reads first, and nothing may come in between. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }

  /** What was damaged is kept aside, what is left takes its place. */
  const mend = async (held: Held, why: string): Promise<Result<Held>> => {
    try {
      const aside = await file.setAside(new Date())
      await file.save(formatWorkspace(held.parts, held.revisions))
      damage = {
        code: 'damaged',
        message: `The workspace ${file.path} was damaged (${why}). It is kept as ${aside}; what could not be read starts empty.`,
      }
      return ok(held)
    } catch (error) {
      return fail('damaged', `The workspace ${file.path} is damaged (${why}) and cannot be kept aside: ${words(error)}`)
    }
  }

  const load = async (): Promise<Result<Held>> => {
    let text: string | null
    try {
      text = await file.load(maxWorkspaceBytes)
    } catch (error) {
      return fail('not-read', `The workspace ${file.path} cannot be read: ${words(error)}`)
    }
    if (text === null) return ok(nothing)
    const opened = parseWorkspace(text)
    if (!opened.ok) {
      if (opened.failure.code === 'newer')
        return fail('newer', `The workspace ${file.path} is left alone. ${opened.failure.message}`)
      return mend(nothing, opened.failure.message)
    }
    const { parts, revisions, damaged } = opened.value
    const held = { parts: { ...emptyWorkspace, ...parts }, revisions: { ...noRevisions, ...revisions } }
    return damaged.length === 0 ? ok(held) : mend(held, damaged.join('; '))
  }

  return {
    read: () =>
      inTurn(async () => {
        const loaded = await load()
        const held = loaded.ok ? loaded.value : nothing
        return { ...held, path: file.path, problem: loaded.ok ? damage : loaded.failure }
      }),

    write: ({ part, value, revision }) =>
      inTurn(async () => {
        const loaded = await load()
        if (!loaded.ok) return loaded
        const held = loaded.value
        if (held.revisions[part] !== revision)
          return fail('stale', 'This part of the workspace was changed elsewhere meanwhile; read it again')
        const next = revision + 1
        const text = formatWorkspace({ ...held.parts, [part]: value }, { ...held.revisions, [part]: next })
        if (Buffer.byteLength(text) > maxWorkspaceBytes)
          return fail('too-large', `A workspace has at most ${maxWorkspaceBytes} bytes; remove large messages first`)
        try {
          await file.save(text)
        } catch (error) {
          return fail('not-written', `The workspace ${file.path} cannot be written: ${words(error)}`)
        }
        for (const listener of listeners) listener(part, next)
        return ok(next)
      }),

    onChange(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
