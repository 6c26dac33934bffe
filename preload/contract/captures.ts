// Captures as files: what a page may ask of them, and the shapes in which large answers come. Counterparts:
// main/archive (the thread that answers), api.ts (the command table that these belong to), renderer/capture.
import type { ConnectionId, ConnectionInfo, EndpointId, EventKind } from './vocabulary.ts'

/** Names a capture that the host knows; opaque to the page, and never a path. */
export type CaptureId = string & { readonly __brand?: 'CaptureId' }

/**
 * `recording`: this app writes it now; `closed`: ended in order; `interrupted`: its writer was ended before it could
 * (nothing is wrong with what is there); `damaged`: parts of it cannot be read, see `report`.
 */
export type CaptureState = 'recording' | 'closed' | 'interrupted' | 'damaged'

/** What is known of a capture file, without reading its events. */
export interface CaptureFileInfo {
  readonly id: CaptureId
  /** The file's name, and the folder it lies in as the person would write it. */
  readonly name: string
  readonly folder: string
  readonly state: CaptureState
  readonly sizeBytes: number
  /** ms since 1970 at which its event clock stood at 0, and its last event's time (ms on that clock). */
  readonly startedAtEpochMs: number
  readonly lastAt: number
  /** Events kept, and dropped to stay within the limits (the oldest) or because they came faster than could be kept. */
  readonly events: number
  readonly droppedEvents: number
  readonly connections: number
  readonly endpoints: number
  /** Bytes of payload kept. */
  readonly payloadBytes: number
}

/** What is kept at most. The oldest segments go first. */
export interface CaptureLimits {
  /** Size of the file, in bytes. */
  readonly maxBytes: number
  /** Age of an event, in days; null for no such limit. */
  readonly maxDays: number | null
  /** Bytes of each payload that are kept, unless the endpoint says otherwise; null for all. */
  readonly snapBytes: number | null
}

/** Where recording goes now. `memory`: the file cannot be written to; `reason` says why, and recording goes on in memory. */
export interface RecordingState {
  readonly to: 'file' | 'memory'
  readonly reason: string | null
  readonly file: CaptureFileInfo | null
  readonly limits: CaptureLimits
  /** Events that are in memory only, to be written when the file can be again, and those lost beyond memory's bound. */
  readonly waitingEvents: number
  readonly lostEvents: number
}

/** What an integrity check found; `problems` in sentences, empty where the capture is whole. */
export interface CheckReport {
  readonly problems: readonly string[]
  readonly segments: number
  readonly damagedSegments: number
  readonly events: number
}

/** Which events are meant: all that satisfy every part that is given. An empty filter means all. */
export interface EventFilter {
  readonly endpoints?: readonly EndpointId[]
  readonly connections?: readonly ConnectionId[]
  readonly kinds?: readonly EventKind[]
  /** More that is asked for, in the filter language (filter-language.ts), endpoints by number. */
  readonly where?: string
}

/**
 * The events that satisfy a filter, as bits: event `firstSeq + i` does where bit `i & 7` of byte `i >> 3` is set. 10
 * million events are 1.25 MB. `endSeq` is the seq after the last one looked at.
 */
export interface FilterResult {
  readonly firstSeq: number
  readonly endSeq: number
  readonly matches: number
  readonly bits: Uint8Array
}

/**
 * Summaries of segments, computed once when a segment is written: enough to draw a timeline of any length without its
 * events. One row a segment and connection (0 for events of no connection), segments in order. Of the live recording the
 * newest segment is told of when it is full (8,192 events or 1 MiB) and does not change any more; memory has its events.
 */
export interface SummaryTable {
  /** Number of segments told of, and the segment (counted from the oldest ever, 0) after the last of them. */
  readonly segments: number
  readonly nextSegment: number
  // One entry a segment:
  readonly segmentFirstSeq: Float64Array
  readonly segmentCount: Uint32Array
  readonly segmentFirstAt: Float64Array
  readonly segmentLastAt: Float64Array
  /** Where the segment's rows start below; one more entry than segments. */
  readonly rowStart: Uint32Array
  // One entry a segment and connection:
  readonly connection: Uint32Array
  readonly firstAt: Float64Array
  readonly lastAt: Float64Array
  readonly events: Uint32Array
  readonly bytesReceived: Float64Array
  readonly bytesSent: Float64Array
  /** Bytes of the largest data event each way, 0 where there was none: how high its tick is drawn. */
  readonly longestReceived: Uint32Array
  readonly longestSent: Uint32Array
  /** Bits of event kinds seen, `1 << index in eventKinds`. */
  readonly kinds: Uint32Array
}

/**
 * Summaries of the loop's segments, as `SummaryTable` has them of the wire's. `lanes` numbers a segment: the phases in
 * their order, then ticks, then microtasks.
 */
export interface LoopSummaryTable {
  readonly segments: number
  readonly nextSegment: number
  // One entry a segment:
  readonly firstRecord: Float64Array
  readonly count: Uint32Array
  readonly firstAt: Float64Array
  readonly lastAt: Float64Array
  /** ms that poll waited. */
  readonly waitedMs: Float32Array
  /** ms of the longest callback that was not Wireloop's own, and when it started (NaN where there was none). */
  readonly longestMs: Float32Array
  readonly longestAt: Float64Array
  /** ms of work, Wireloop's own left out, by segment and lane (`segment * loopSummaryLanes + lane`). */
  readonly busyMs: Float32Array
}

/** Seven phases, ticks, microtasks. */
export const loopSummaryLanes = 9

export type SearchNotation = 'text' | 'hex' | 'regex'

export interface SearchSpec {
  readonly pattern: string
  /** `text`: UTF-8 bytes; `hex`: bytes as hex digits, `??` for any byte; `regex`: over Latin-1 of the bytes, flags `s`. */
  readonly notation: SearchNotation
  /** Of ASCII letters in texts and bytes; as the language has it in regular expressions. */
  readonly ignoreCase: boolean
  /** Looks only at data events that satisfy this. */
  readonly filter: EventFilter
}

/** Matches found since the last answer, in seq order; a match may begin in one event and end in a later one of its stream. */
export interface SearchProgress {
  /** The event in which each match begins, the byte at which it does, and the match's length in bytes. */
  readonly seqs: Float64Array
  readonly offsets: Uint32Array
  readonly lengths: Uint32Array
  readonly scannedBytes: number
  readonly totalBytes: number
  readonly done: boolean
  /** True where so many matches were found that the search ended early. */
  readonly truncated: boolean
}

/** A person's mark on an event. */
export interface Bookmark {
  readonly seq: number
  readonly note: string
}

/**
 * Commands about captures, answered by the host. "The capture" is the one that this page looks at: the live recording,
 * or the file it has opened.
 */
export interface CaptureCommands {
  /** Captures the host knows, newest first; the one being recorded is among them. */
  listCaptures: { args: null; value: readonly CaptureFileInfo[] }
  /** Lets this page look at a file. It then asks for a `snapshot` and subscribes anew, as after a reload. */
  openCapture: { args: { capture: CaptureId }; value: CaptureFileInfo }
  /** Lets the person choose a file to open (desktop only; elsewhere `refused`); null where they chose none. */
  chooseCapture: { args: null; value: CaptureFileInfo | null }
  /** Back to the live recording. */
  viewLive: { args: null; value: null }
  /** Copies a capture, live or not, as far as it is written, under a new name (desktop asks for the place). */
  saveCapture: { args: { capture: CaptureId; name: string }; value: CaptureFileInfo | null }
  /** Deletes the file for good. Not the one being recorded. */
  deleteCapture: { args: { capture: CaptureId }; value: null }
  /** Gives back what dropped segments took. Value: bytes gained. */
  compactCapture: { args: { capture: CaptureId }; value: number }
  checkCapture: { args: { capture: CaptureId }; value: CheckReport }
  recording: { args: null; value: RecordingState }
  setCaptureLimits: { args: { limits: CaptureLimits }; value: RecordingState }

  /** Events of the capture from `fromSeq` on: one batch of at most `maxBytes` (or one event), previews only; null at the end. */
  readEvents: { args: { fromSeq: number; maxBytes: number }; value: ArrayBuffer | null }
  /** Loop records from `fromRecord` on. */
  readLoopRecords: { args: { fromRecord: number; maxBytes: number }; value: ArrayBuffer | null }
  /** The first event and loop record at or after a time (ms on the capture's clock). */
  seekTime: { args: { at: number }; value: { readonly seq: number; readonly record: number } }
  /**
   * Of events from `fromSeq` on, where it is given. With `where` it may end early (`endSeq`), so that others are answered
   * and the person sees how far it is: ask again from there. Failure `too-slow` where a regular expression does not end.
   */
  filterEvents: { args: { filter: EventFilter; fromSeq?: number }; value: FilterResult }
  /** Summaries of all segments from `fromSegment` on; of `connections` only, where given. */
  readSummaries: {
    args: { fromSegment: number; connections?: readonly ConnectionId[] }
    value: SummaryTable
  }
  /** Summaries of all segments of loop records from `fromSegment` on. */
  readLoopSummaries: { args: { fromSegment: number }; value: LoopSummaryTable }
  /**
   * Facts of at most `limit` of the capture's connections, from this id on, by id: also of those that the engine has
   * forgotten and whose events a page does not hold. Times and traffic of an open one are as of what is written.
   */
  readConnections: {
    args: { fromConnection: ConnectionId; limit: number }
    value: readonly ConnectionInfo[]
  }
  /** Starts a search in the archive thread. Value: what to name it by. */
  startSearch: { args: { search: SearchSpec }; value: number }
  /** Resolves as soon as there is something new to tell: first matches at once, progress at least every 250 ms. */
  continueSearch: { args: { search: number }; value: SearchProgress }
  cancelSearch: { args: { search: number }; value: null }
  bookmarks: { args: null; value: readonly Bookmark[] }
  /** Sets, changes or (null) removes the mark on an event. */
  setBookmark: { args: { seq: number; note: string | null }; value: null }
}

/** The capture commands that read one capture, whichever a page looks at. */
export const readCommandNames = [
  'readEvents',
  'readLoopRecords',
  'seekTime',
  'filterEvents',
  'readSummaries',
  'readLoopSummaries',
  'readConnections',
  'startSearch',
  'continueSearch',
  'cancelSearch',
  'bookmarks',
  'setBookmark',
] as const satisfies readonly (keyof CaptureCommands)[]
export type ReadCommandName = (typeof readCommandNames)[number]
