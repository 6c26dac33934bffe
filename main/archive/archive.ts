// Capture files as the hosts see them: what is recorded goes in, every capture can be read, and nothing here ever blocks.
// Counterparts: archive/thread.ts (the worker that does it), workbench.ts and cli/ (which record), page-source.ts (which reads).
import type { CaptureInfo, Payload } from '../../preload/contract/api.ts'
import type {
  CaptureCommands,
  CaptureFileInfo,
  CaptureId,
  CaptureLimits,
  CheckReport,
  ReadCommandName,
  RecordingState,
} from '../../preload/contract/captures.ts'
import type { BatchBuffer } from '../../preload/contract/event-columns.ts'
import type { Imported } from '../../preload/contract/exports.ts'
import type { Result } from '../../preload/contract/failure.ts'
import type { Snapshot, StateChange } from '../../preload/contract/vocabulary.ts'

/** One capture file, being recorded or opened. Nothing here rejects. */
export interface CaptureReader {
  readonly id: CaptureId
  ask<K extends ReadCommandName>(
    name: K,
    args: CaptureCommands[K]['args'],
  ): Promise<Result<CaptureCommands[K]['value']>>
  /** Endpoints and connections as the file has them; of a file that is not recorded any more, as they were at its end. */
  snapshot(): Promise<Result<Snapshot>>
  /** The stored payload of one event. Failure `dropped` or `not-found`. */
  payload(seq: number): Promise<Result<Payload>>
  /** Events from `fromSeq` on with their whole payloads, of at most `maxBytes` or one; null at the end. */
  events(fromSeq: number, maxBytes: number): Promise<Result<ArrayBuffer | null>>
  /** What the file keeps and has dropped, as last known: as of the last commit for the one being recorded. */
  info(): CaptureInfo
  /** Ends its searches and closes the file, unless others look at it. */
  dispose(): void
}

export interface Archive {
  /** Resolves when the thread that writes runs: from then on a kill costs a quarter of a second at most. */
  readonly ready: Promise<void>
  /** Takes a batch of events. `done` is called, once, when its buffer is not looked at any more. */
  record(buffer: BatchBuffer, done: () => void): void
  /** Takes a batch of loop records. */
  recordLoop(buffer: BatchBuffer, done: () => void): void
  recordState(change: StateChange): void
  recording(): RecordingState
  /** Told when `to` or `reason` of the recording has changed. */
  onRecording(listener: (recording: RecordingState) => void): () => void
  setLimits(limits: CaptureLimits): Promise<Result<RecordingState>>
  /** The capture that is being recorded, as far as it is written; what was recorded before the question is in it. */
  readonly live: CaptureReader

  /** Captures of the folder and those made known, newest first. */
  list(): Promise<Result<readonly CaptureFileInfo[]>>
  /** Makes a file known that may lie anywhere: a person or a command line has named it, never a page. */
  know(path: string): Promise<Result<CaptureFileInfo>>
  open(id: CaptureId): Promise<Result<CaptureReader>>
  /**
   * Copies a capture, as far as it is written: to a path that a person has named, in place of a file that is there, or to
   * `name` in the captures' folder, where that is still free.
   */
  save(id: CaptureId, to: { readonly path: string } | { readonly name: string }): Promise<Result<CaptureFileInfo>>
  delete(id: CaptureId): Promise<Result<null>>
  /** Value: bytes gained. */
  compact(id: CaptureId): Promise<Result<number>>
  check(id: CaptureId): Promise<Result<CheckReport>>
  /** Makes a capture in the folder of a packet capture at `path`; `name` is what that one is called. */
  importPackets(path: string, name: string): Promise<Result<Imported>>
  /** Writes what is waiting, closes the files and ends the threads. */
  dispose(): Promise<void>
}

export interface ArchiveOptions {
  /** Where captures are kept; made when the first event comes. */
  readonly folder: string
  /** Records to this file instead of a new one in the folder. */
  readonly file?: string
  readonly limits?: Partial<CaptureLimits>
  /** ms since 1970 at which the event clock stands at 0. */
  readonly startedAtEpochMs: number
  /** Bytes that may wait for the thread before payloads are left out of the file; 48 MiB unless given. */
  readonly waitingBytes?: number
  /** Events from a seq on that memory still has, whole: they go into a new file where the one before is lost. */
  readonly tail?: (fromSeq: number) => ArrayBuffer | null
}
