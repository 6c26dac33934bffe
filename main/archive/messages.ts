// What passes between the archive's host and its two threads: one that only writes, one that only reads, so that no question
// keeps a recording waiting. Counterparts: archive-host.ts, thread.ts.
import type { CaptureInfo, Payload } from '../../preload/contract/api.ts'
import type {
  CaptureCommands,
  CaptureFileInfo,
  CaptureLimits,
  CheckReport,
  ReadCommandName,
} from '../../preload/contract/captures.ts'
import type { BatchBuffer } from '../../preload/contract/event-columns.ts'
import type { ImportSummary } from '../../preload/contract/exports.ts'
import type { Result } from '../../preload/contract/failure.ts'
import type { Snapshot, StateChange } from '../../preload/contract/vocabulary.ts'

/** What a thread is started with. */
export type ArchiveThreadData =
  | {
      readonly role: 'writer'
      readonly folder: string
      readonly file: string | null
      readonly limits: CaptureLimits
      readonly startedAtEpochMs: number
    }
  | { readonly role: 'reader' }

/** What is recorded, in order. Every one is answered by being counted in `written`. */
export type Recorded =
  | { readonly type: 'events'; readonly buffer: BatchBuffer }
  | { readonly type: 'loop'; readonly buffer: BatchBuffer }
  | { readonly type: 'state'; readonly change: StateChange }

export type ToWriter =
  | Recorded
  | { readonly type: 'ask'; readonly id: number; readonly question: WriterQuestion }
  /** Events of before those that wait, out of memory: the file they were in is lost. */
  | { readonly type: 'refill'; readonly buffers: readonly ArrayBuffer[] }
  /** Close the file; `stopped` answers. */
  | { readonly type: 'stop' }

export type WriterQuestion =
  /** Writes what is waiting now. */
  | { readonly type: 'flush' }
  | { readonly type: 'limits'; readonly limits: CaptureLimits }
  | { readonly type: 'bookmark'; readonly seq: number; readonly note: string | null }
  /** Value: bytes gained. */
  | { readonly type: 'compact' }

export type FromWriter =
  /** Everything is set up; the first message. */
  | { readonly type: 'ready' }
  /** So many of what was recorded is in the file, or given up: nothing of it is looked at any more. */
  | { readonly type: 'written'; readonly count: number }
  | { readonly type: 'status'; readonly status: RecordingStatus }
  | { readonly type: 'reply'; readonly id: number; readonly result: Result<unknown> }
  /** The file is lost: what memory still has of events before this seq is wanted again (`refill`). */
  | { readonly type: 'lost'; readonly beforeSeq: number }
  | { readonly type: 'stopped' }

/** How recording goes. */
export interface RecordingStatus {
  /** The file that is written; null before the first event, and where none could be made. */
  readonly path: string | null
  readonly to: 'file' | 'memory'
  readonly reason: string | null
  readonly limits: CaptureLimits
  readonly waitingEvents: number
  readonly lostEvents: number
  readonly info: CaptureInfo | null
  readonly file: Omit<CaptureFileInfo, 'id' | 'name' | 'folder'> | null
}

/** Questions about files, each named by its path. `writer`: it is the one that this app records to. */
export interface ReaderQuestions {
  info: { args: { path: string; recording: boolean }; value: Omit<CaptureFileInfo, 'id' | 'name' | 'folder'> }
  list: { args: { folder: string }; value: readonly string[] }
  /** Opens a file, or reads it anew where it is open. */
  captureInfo: { args: { path: string; recording: boolean }; value: CaptureInfo }
  read: {
    args: { path: string; recording: boolean; name: ReadCommandName; args: unknown }
    value: CaptureCommands[ReadCommandName]['value']
  }
  snapshot: { args: { path: string; recording: boolean }; value: Snapshot }
  payload: { args: { path: string; recording: boolean; seq: number }; value: Payload }
  /** With whole payloads. */
  events: {
    args: { path: string; recording: boolean; fromSeq: number; maxBytes: number }
    value: ArrayBuffer | null
  }
  close: { args: { path: string }; value: null }
  save: { args: { path: string; to: string; replaces: boolean }; value: null }
  delete: { args: { path: string }; value: null }
  compact: { args: { path: string }; value: number }
  check: { args: { path: string; recording: boolean }; value: CheckReport }
  /** Makes a capture at `to` of a packet capture. */
  importPackets: { args: { path: string; to: string }; value: ImportSummary }
}
export type ReaderQuestionName = keyof ReaderQuestions

export interface ToReader {
  readonly id: number
  readonly name: ReaderQuestionName
  readonly args: unknown
}

export interface FromReader {
  readonly id: number
  readonly result: Result<unknown>
}
