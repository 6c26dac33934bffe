// A file that goes to one connection, piece by piece, each when the peer has taken enough of those before. Counterparts:
// file-box.tsx (shows it), main/engine/runs (`waitUntilWritable`).
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { CommandMethods } from '../../../preload/contract/api.ts'
import type { ConnectionId } from '../../../preload/contract/vocabulary.ts'

/** Bytes of a file that are handed over at once; at most what one `send` takes. */
export const filePieceBytes = 4 * 1024 * 1024

export interface FileDraft {
  /** Null until one is chosen. */
  readonly file: File | null
  readonly phase: 'idle' | 'sending' | 'sent' | 'stopped' | 'failed'
  readonly sentBytes: number
  /** Why it failed. */
  readonly message: string
}

const fresh: FileDraft = { file: null, phase: 'idle', sentBytes: 0, message: '' }

interface FilesState {
  /** Connections whose composer is set to files. */
  readonly drafts: ReadonlyMap<ConnectionId, FileDraft>
}

const filesStore = createStore<FilesState>()(() => ({ drafts: new Map() }))

const set = (connection: ConnectionId, change: Partial<FileDraft>) =>
  filesStore.setState(({ drafts }) => ({
    drafts: new Map(drafts).set(connection, { ...(drafts.get(connection) ?? fresh), ...change }),
  }))

/** What stands in the composer of a connection that is set to files; null where it is not. */
export const useFileDraft = (connection: ConnectionId | undefined): FileDraft | null =>
  useStore(filesStore, ({ drafts }) => (connection === undefined ? undefined : drafts.get(connection)) ?? null)

/** Sets a connection's composer to files, with this one where it is given. A file under way goes on. */
export const chooseFile = (connection: ConnectionId, file: File | null): void => {
  if (filesStore.getState().drafts.get(connection)?.phase === 'sending') return
  set(connection, { ...fresh, file })
}

/** Back to writing; not while a file is on its way. */
export const leaveFile = (connection: ConnectionId): void =>
  filesStore.setState(({ drafts }) => {
    const next = new Map(drafts)
    if (next.get(connection)?.phase !== 'sending') next.delete(connection)
    return { drafts: next }
  })

export const stopFile = (connection: ConnectionId): void => {
  if (filesStore.getState().drafts.get(connection)?.phase === 'sending') set(connection, { phase: 'stopped' })
}

/** Sends the chosen file from its beginning. Resolves when it is sent, stopped or has failed; the draft says which. */
export const sendFile = async (commands: CommandMethods, connection: ConnectionId): Promise<void> => {
  const draft = filesStore.getState().drafts.get(connection)
  if (draft === undefined || draft.file === null || draft.phase === 'sending') return
  const { file } = draft
  set(connection, { phase: 'sending', sentBytes: 0, message: '' })
  const goesOn = () => filesStore.getState().drafts.get(connection)?.phase === 'sending'
  for (let from = 0; from < file.size && goesOn(); from += filePieceBytes) {
    let data: Uint8Array
    try {
      data = new Uint8Array(await file.slice(from, from + filePieceBytes).arrayBuffer())
    } catch (error) {
      set(connection, { phase: 'failed', message: (error as Error).message })
      return
    }
    const sent = await commands.send({ connection, data })
    if (!sent.ok) {
      set(connection, { phase: 'failed', message: sent.failure.message })
      return
    }
    set(connection, { sentBytes: from + data.length })
    const writable = await commands.waitUntilWritable({ connection })
    if (!writable.ok) {
      set(connection, { phase: 'failed', message: writable.failure.message })
      return
    }
  }
  if (goesOn()) set(connection, { phase: 'sent' })
}
