// Taking a capture elsewhere, and bringing one in: exports of what a page looks at, imports of packet captures, replays of a
// recorded direction. Counterparts: exports-checks.ts, main/export, main/import, main/replay, renderer/export.
import type { CaptureFileInfo, EventFilter } from './captures.ts'
import type { Failure } from './failure.ts'
import type { Cause, ConnectionId, EndpointId } from './vocabulary.ts'

/**
 * `pcapng`: packets for Wireshark; `jsonl`: the lines of `--json`; `csv`: one row an event; `raw`: the bytes of one direction;
 * `yaml`: as Wireshark's Follow Stream saves a stream.
 */
export const exportFormats = ['pcapng', 'jsonl', 'csv', 'raw', 'yaml'] as const
export type ExportFormat = (typeof exportFormats)[number]

export const streamDirections = ['both', 'received', 'sent'] as const
export type StreamDirection = (typeof streamDirections)[number]

export interface ExportSpec {
  readonly format: ExportFormat
  /**
   * Of `jsonl` and `csv`, the events that are told of; of the others, whole connections: those that have an event that
   * satisfies it.
   */
  readonly filter: EventFilter
  /** Of `raw` and `yaml`; the others have both. `raw` with `both` has them in the order in which they were seen. */
  readonly direction: StreamDirection
  /** Packets say which event, callback and phase they are of, what faults did to them, and a person's notes. */
  readonly comments: boolean
}

/** What was exported, and what could not be. */
export interface ExportSummary {
  readonly events: number
  /** Of `pcapng` only. */
  readonly packets: number
  /** Connections that something was written of. */
  readonly connections: number
  /** Bytes of payload written. */
  readonly payloadBytes: number
  /** Bytes that went over the wire and are not in the capture. */
  readonly missingBytes: number
  /** Events that are not in the capture. */
  readonly droppedEvents: number
  /** Accepted connections that were left out because their other end, ours as well, is there (`pcapng`). */
  readonly twins: number
  /** Connections of which no numeric address is known: no packet can be made of them. */
  readonly withoutAddress: number
  /** Bytes of the export. */
  readonly writtenBytes: number
}

export interface StartedExport {
  readonly id: number
  /** The name to propose for its file. */
  readonly name: string
  readonly mimeType: string
  /** Events that will be looked at. */
  readonly events: number
}

export interface ExportProgress {
  /** The next piece; empty where the host itself writes the file. */
  readonly data: Uint8Array
  readonly doneEvents: number
  /** Told with the last piece; null until then. */
  readonly summary: ExportSummary | null
}

/** Of a packet capture that was brought in. */
export interface ImportSummary {
  readonly packets: number
  readonly connections: number
  /** Bytes of TCP streams, and how many of them are not in the packets. */
  readonly payloadBytes: number
  readonly missingBytes: number
  /** Bytes that came more than once. */
  readonly repeatedBytes: number
  /** Packets that are no TCP, are fragments, or cannot be read. */
  readonly passedOver: number
  /** What was wrong with the file, in sentences; it was read as far as it is whole. */
  readonly problems: readonly string[]
}

export interface Imported {
  readonly file: CaptureFileInfo
  readonly summary: ImportSummary
}

export interface ReplaySpec {
  /** A connection of the capture that the page looks at. */
  readonly connection: ConnectionId
  /** Which bytes of it are sent: those that it had received, or those that it had sent. */
  readonly direction: 'received' | 'sent'
  readonly host: string
  readonly port: number
  /** 1: as it was; 2: twice as fast; 0: as fast as it goes. */
  readonly speed: number
  /** After the last byte, answers are waited for until none has come for so many ms. */
  readonly waitMs: number
}

/** Where the answers were not what is recorded, in bytes from the beginning of their stream. */
export interface Difference {
  readonly offset: number
  /** What is recorded and what came there, a few bytes of each; empty where the stream ended. */
  readonly recorded: Uint8Array
  readonly came: Uint8Array
}

export interface ReplayReport {
  /** `done`: all was sent; `ended`: the connection was over before; `cancelled`: by the person; `failed`: it was not made. */
  readonly outcome: 'done' | 'ended' | 'cancelled' | 'failed'
  readonly failure: Failure | null
  /** How the connection ended; `none` where it was still open. */
  readonly cause: Cause
  readonly recordedBytes: number
  readonly sentBytes: number
  /** Recorded bytes that the capture does not have, and that were not sent. */
  readonly missingBytes: number
  readonly recordedAnswerBytes: number
  readonly answerBytes: number
  /** Null where the answers were the same as far as both go. */
  readonly difference: Difference | null
  /** Why answers were not compared to their end; null where they were. */
  readonly notCompared: string | null
  readonly tookMs: number
}

export interface ReplayProgress {
  readonly endpoint: EndpointId
  readonly sentBytes: number
  readonly answerBytes: number
  readonly report: ReplayReport | null
}

/** Answered by the host. An export or replay belongs to the page that began it, and ends with it. */
export interface ExportCommands {
  /** `file`: the host asks for a place and writes there (desktop); null where the person thought better of it. */
  startExport: { args: { export: ExportSpec; to: 'page' | 'file' }; value: StartedExport | null }
  /** The next piece of at most a few MiB. The page asks for the next one when it has room: nothing is made ahead. */
  continueExport: { args: { id: number }; value: ExportProgress }
  cancelExport: { args: { id: number }; value: null }
  /** Brings a packet capture in, in pieces in order; the last one, which may be empty, has `done`. Null until then. */
  startImport: { args: { name: string }; value: number }
  continueImport: { args: { id: number; data: Uint8Array; done: boolean }; value: Imported | null }
  cancelImport: { args: { id: number }; value: null }
  /** Sends one direction of a connection to a live target, by a client of its own. Value: what to name it by. */
  startReplay: { args: { replay: ReplaySpec }; value: number }
  /** Resolves when there is news, at least every 250 ms. */
  continueReplay: { args: { id: number }; value: ReplayProgress }
  cancelReplay: { args: { id: number }; value: null }
}

export const exportCommandNames = [
  'startExport',
  'continueExport',
  'cancelExport',
  'startImport',
  'continueImport',
  'cancelImport',
  'startReplay',
  'continueReplay',
  'cancelReplay',
] as const satisfies readonly (keyof ExportCommands)[]

/** The most bytes that a page hands over of a packet capture at once: 1 MiB. */
export const importPieceBytes = 1024 * 1024

/** Bytes and when they are to be written, in ms. */
export interface PacedChunk {
  readonly atMs: number
  readonly data: Uint8Array
}

/** Answered by the engine, for replays. */
export interface PacingCommands {
  /**
   * Writes chunks at their times after `origin`, no faster than the peer reads; resolves when the last one is written, or the
   * connection takes no more. `origin` null: from now on; the value tells which moment that was, for what follows.
   */
  writePaced: {
    args: { connection: ConnectionId; origin: number | null; chunks: readonly PacedChunk[] }
    value: { readonly origin: number; readonly sentBytes: number }
  }
}
export const pacingCommandNames = ['writePaced'] as const satisfies readonly (keyof PacingCommands)[]
