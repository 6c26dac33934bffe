// The seam between what is recorded and where it is kept. memory-capture.ts keeps it in memory; part 3 puts the archive
// thread and its files behind the same interface. Counterparts: workbench.ts (appends), page-session.ts (reads).
import type { CaptureInfo, Payload } from '../../preload/contract/api.ts'
import type { Result } from '../../preload/contract/failure.ts'

export interface Capture {
  /** Takes a batch of the engine; its buffer belongs to the capture from now on. Batches come in seq order. */
  append(buffer: ArrayBufferLike): void
  /**
   * Events from `fromSeq` on, in a batch of its own of at most `maxBytes` (or one event, if that is larger), with at
   * most `previewBytes` of each payload. Null where there is none. Events that were dropped meanwhile are counted in the
   * batch's `droppedBefore`.
   */
  read(fromSeq: number, maxBytes: number, previewBytes: number): ArrayBuffer | null
  /** Takes a batch of loop records; its buffer belongs to the capture from now on. */
  appendLoop(buffer: ArrayBuffer): void
  /** Loop records from `fromRecord` on, as `read` does it with events. */
  readLoop(fromRecord: number, maxBytes: number): ArrayBuffer | null
  /** The stored payload of one event. Failure `dropped` or `not-found`. */
  payload(seq: number): Result<Payload>
  info(): CaptureInfo
  /** Called after every `append` and `appendLoop`. */
  onAppend(listener: () => void): () => void
}
