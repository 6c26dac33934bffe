// What a page may ask of the app, and what the app tells a page: the two pipes. Written once; the preload, the host's
// handler table and the WebSocket host each `satisfy` it.
import { type CaptureCommands, type CaptureId, type RecordingState, readCommandNames } from './captures.ts'
import { type ExportCommands, exportCommandNames, type PacingCommands, pacingCommandNames } from './exports.ts'
import type { Result } from './failure.ts'
import { type LabCommands, labCommandNames } from './faults.ts'
import type { LessonInfo, LessonRun } from './lessons.ts'
import type { ProbeLevel } from './loop-columns.ts'
import { type RunCommands, runCommandNames } from './runs.ts'
import { type TlsCommands, tlsCommandNames } from './tls.ts'
import type { ConnectionId, EndpointId, EndpointInfo, EndpointSpec, Snapshot, StateChange } from './vocabulary.ts'
import { type WorkspaceCommands, type WorkspacePartName, workspaceCommandNames } from './workspace.ts'

/** Commands the engine thread answers: argument → value. */
export interface EngineCommands extends LabCommands, RunCommands, PacingCommands {
  /** Everything the engine knows now, and the seq up to which it is true. */
  snapshot: { args: null; value: Snapshot }
  /**
   * Makes an endpoint and starts it. A start that fails still makes the endpoint: the value then has state `failed`
   * and a reason, and `startEndpoint` tries again.
   */
  createEndpoint: { args: { spec: EndpointSpec }; value: EndpointInfo }
  /** Starts a stopped or failed endpoint, or connects a client again; with a `spec`, with that one from now on. */
  startEndpoint: { args: { endpoint: EndpointId; spec?: EndpointSpec }; value: EndpointInfo }
  /**
   * Gives an endpoint another spec of its role while it works: what can be changed at once (name, reply, rules, script,
   * framing, lab, sockets, reconnect) holds from the next chunk on, for open connections too; addresses and TLS from the
   * next start on.
   */
  updateEndpoint: { args: { endpoint: EndpointId; spec: EndpointSpec }; value: EndpointInfo }
  /** Stops accepting; open connections stay. Listeners and relays only. */
  stopAccepting: { args: { endpoint: EndpointId }; value: EndpointInfo }
  /** Stops accepting and closes every connection in order (flush, FIN). */
  stopEndpoint: { args: { endpoint: EndpointId }; value: EndpointInfo }
  /** Closes (`close`: flush, FIN) or resets (`reset`: RST) every open connection; goes on accepting. Value: how many. */
  closeAll: { args: { endpoint: EndpointId; how: 'close' | 'reset' }; value: number }
  /** Resets what is still open and forgets the endpoint. Its recorded events stay. */
  removeEndpoint: { args: { endpoint: EndpointId }; value: null }
  /** Writes bytes to a connection's peer; on a relay's half this injects between the relayed chunks. Value: bytes taken. */
  send: { args: { connection: ConnectionId; data: Uint8Array }; value: number }
  /** Sends FIN after what is buffered and goes on receiving. */
  halfClose: { args: { connection: ConnectionId }; value: null }
  /** Flushes, sends FIN and stops receiving. */
  close: { args: { connection: ConnectionId }; value: null }
  /** Sends RST and drops what is buffered. */
  reset: { args: { connection: ConnectionId }; value: null }
  /** Drops what is buffered here and closes at once, as close(2) does: FIN, and with TLS no close_notify before it. */
  destroy: { args: { connection: ConnectionId }; value: null }
  /** Sets how much of the loop is watched, while everything runs. Value: the level that is now in force. */
  setProbe: { args: { level: ProbeLevel }; value: ProbeLevel }
  /** Blocks the event loop on purpose for `durationMs` (a busy wait in one callback), to show what that does. */
  blockLoop: { args: { durationMs: number }; value: null }
}

/** Commands the host answers beside the engine's. */
export interface HostCommands {
  /** The whole stored payload of one event. Failure `dropped` where the capture no longer has it. */
  readPayload: { args: { seq: number }; value: Payload }
  /** Starts a new engine thread where the last one has ended. Its endpoints are gone, the recorded events stay. */
  restartEngine: { args: null; value: null }
  /** The lessons in teaching order, with their text. */
  listLessons: { args: null; value: readonly LessonInfo[] }
  /**
   * Runs a lesson in a thread of its own: its own text, or `source` in its place. A run that fails or is ended is a value
   * like any other. Failure `refused` where this host does not run code that a page hands in.
   */
  runLesson: { args: { lesson: string; source?: string }; value: LessonRun }
}

export interface Payload {
  readonly data: Uint8Array
  /** Size on the wire, in bytes; more than `data` where the recorder kept only a part. */
  readonly length: number
}

export interface Commands
  extends EngineCommands,
    HostCommands,
    TlsCommands,
    CaptureCommands,
    WorkspaceCommands,
    ExportCommands {}
export type CommandName = keyof Commands
export type EngineCommandName = keyof EngineCommands

/** What the engine answers; hosts pass these on as they are. */
export const engineCommandNames = [
  'snapshot',
  'createEndpoint',
  'startEndpoint',
  'updateEndpoint',
  'stopAccepting',
  'stopEndpoint',
  'closeAll',
  'removeEndpoint',
  'send',
  'halfClose',
  'close',
  'reset',
  'destroy',
  'setProbe',
  'blockLoop',
  ...labCommandNames,
  ...runCommandNames,
  ...pacingCommandNames,
] as const satisfies readonly EngineCommandName[]

export const commandNames = [
  ...engineCommandNames,
  'readPayload',
  'restartEngine',
  'listLessons',
  'runLesson',
  'listCaptures',
  'openCapture',
  'chooseCapture',
  'viewLive',
  'saveCapture',
  'deleteCapture',
  'compactCapture',
  'checkCapture',
  'recording',
  'setCaptureLimits',
  ...readCommandNames,
  ...tlsCommandNames,
  ...workspaceCommandNames,
  ...exportCommandNames,
] as const satisfies readonly CommandName[]

/** A type error here means that a command is missing from the list above. */
export const everyCommandIsNamed: CommandName extends (typeof commandNames)[number] ? true : never = true

/** Every command as a method. Never rejects for an expected failure: it resolves to a `Result`. */
export type CommandMethods = {
  readonly [K in CommandName]: (args: Commands[K]['args']) => Promise<Result<Commands[K]['value']>>
}

/**
 * What the capture keeps and has had to drop; every bound of it is shown to the person. The capture is the one that the
 * page looks at; of the live one, its file and the newest events in memory together.
 */
export interface CaptureInfo {
  /** The oldest seq still kept, and the seq the next event will get. */
  readonly firstSeq: number
  readonly nextSeq: number
  /** Events dropped to stay within `limitBytes`. */
  readonly droppedEvents: number
  readonly storedBytes: number
  readonly limitBytes: number
  /** The same of the loop's records, which have a bound of their own. */
  readonly loop: {
    readonly firstRecord: number
    readonly nextRecord: number
    readonly droppedRecords: number
    readonly storedBytes: number
    readonly limitBytes: number
  }
}

/** From the app to the page, over the event port or the WebSocket. */
export type ToPage =
  /** Events in seq order. The page owes `buffer.byteLength` of credit once it has taken them in. */
  | { readonly type: 'batch'; readonly buffer: ArrayBuffer }
  /** Loop records in order (`openLoopBatch`); credit is owed for them too. */
  | { readonly type: 'loop'; readonly buffer: ArrayBuffer }
  | { readonly type: 'state'; readonly change: StateChange }
  /** `file`: the opened file that the page looks at; null for the live recording. */
  | { readonly type: 'capture'; readonly capture: CaptureInfo; readonly file: CaptureId | null }
  | { readonly type: 'engine'; readonly running: boolean; readonly message: string }
  /** Where recording goes; told after a subscription, and again whenever `to` or `reason` changes. */
  | { readonly type: 'recording'; readonly recording: RecordingState }
  /** A part of the workspace was written, by this page or another; `readWorkspace` has it. */
  | { readonly type: 'workspace'; readonly part: WorkspacePartName; readonly revision: number }

/** From the page to the app, over the same pipe. */
export type FromPage =
  /**
   * Start, or start again, the event stream at this seq; 0 for the oldest kept in memory (`readEvents` has older ones).
   * `fromRecord`: loop records too. Of an opened file nothing is streamed: the page reads what it shows.
   */
  | { readonly type: 'subscribe'; readonly fromSeq: number; readonly fromRecord?: number }
  | { readonly type: 'credit'; readonly bytes: number }

/** The host stops sending batches above the high mark of bytes unacknowledged, and goes on at the low mark. */
export const pageCreditMarks = { highBytes: 512 * 1024, lowBytes: 128 * 1024 } as const
/** The size of a batch to a page, at most, unless one single event is larger. */
export const pageBatchBytes = 64 * 1024
/** Payload bytes that travel with an event to a page; `readPayload` has the rest. */
export const pagePreviewBytes = 256

/** What the host is and stands on, for the status line. */
export interface HostInfo {
  readonly kind: 'desktop' | 'serve'
  readonly version: string
  /** `process.versions` of the engine's process: `node`, `uv`, and `electron` and `chrome` where they apply. */
  readonly versions: Readonly<Record<string, string>>
  readonly platform: string
}

/** `window.wireloop` as the preload exposes it to the desktop page. */
export interface PreloadApi {
  readonly host: HostInfo
  readonly commands: CommandMethods
  /** Asks main for a fresh event port; it arrives as a `message` event on window with `eventPortMessage` as its data. */
  readonly openEvents: () => void
}

/** `data` of the window message that carries the event port (`event.ports[0]`) from the preload to the page. */
export const eventPortMessage = 'wireloop:events'

/** ipc channels between preload and main. */
export const channels = {
  command: 'wireloop:command',
  openEvents: 'wireloop:open-events',
  port: 'wireloop:port',
} as const

/** One WebSocket message, msgpack-encoded, from a browser page to `wireloop serve`. */
export type WebSocketRequest =
  | { readonly type: 'command'; readonly id: number; readonly name: string; readonly args: unknown }
  | FromPage

/** One WebSocket message, msgpack-encoded, from `wireloop serve` to a browser page. `buffer` travels as bytes. */
export type WebSocketResponse =
  | { readonly type: 'welcome'; readonly host: HostInfo }
  | { readonly type: 'reply'; readonly id: number; readonly result: Result<unknown> }
  | ToPage
