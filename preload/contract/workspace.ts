// What a person keeps from one session to the next: saved messages, sequences, what each endpoint's composer is set to,
// endpoints, filters. One document of several parts, each with a revision of its own. Counterparts: main/workspace (stores
// it), workspace-checks.ts, renderer/stores/workspace.ts.
import type { TextEncoding } from './encodings.ts'
import type { Failure } from './failure.ts'
import type { LineEnding } from './notation.ts'
import type { Pattern } from './patterns.ts'
import type { EndpointSpec, Side } from './vocabulary.ts'

/** The version of the document that is written; an older one is taken, a newer one is left alone. */
export const workspaceVersion = 1

/** How a message is written: text with C escapes, or pairs of hex digits; both with macros (templates.ts). */
export type WritingMode = 'text' | 'hex'
export const writingModes = ['text', 'hex'] as const satisfies readonly WritingMode[]

/** Bytes as a person has written them. */
export interface WrittenMessage {
  readonly text: string
  readonly mode: WritingMode
  /** Of `text` only. */
  readonly encoding: TextEncoding
  readonly ending: LineEnding
}

/** An endpoint as it is found again in another session, where ids are others: by role and addresses (`endpointKey`). */
export interface SavedTarget {
  readonly endpoint: string
  /** Which half of a relay's pair. */
  readonly side: Side | null
  /** What it was called when it was saved, for people. */
  readonly name: string
}

export interface SavedMessage extends WrittenMessage {
  /** Unique in the workspace. */
  readonly id: string
  readonly name: string
  /** Empty for none. A folder is there as long as something is in it. */
  readonly folder: string
  /** The digit that sends it, 1 to 9; null for none. */
  readonly key: number | null
  /** Null: whatever the composer writes to. */
  readonly target: SavedTarget | null
  /** The packet that it was imported from, to be exported again (workspace-packet-sender.ts). */
  readonly packetSender?: JsonObject
}

/** One step of a sequence. `name` may be empty. */
export type SequenceStep =
  | ({ readonly kind: 'send'; readonly name: string } & WrittenMessage)
  /** The next message that has come and was not waited for yet matches; on a raw stream, what has come since. */
  | { readonly kind: 'expect'; readonly name: string; readonly pattern: Pattern; readonly timeoutMs: number }
  | { readonly kind: 'delay'; readonly name: string; readonly delayMs: number }
  /** The last received message matches, or where `matches` is false does not. */
  | { readonly kind: 'assert'; readonly name: string; readonly pattern: Pattern; readonly matches: boolean }
  | { readonly kind: 'close'; readonly name: string; readonly how: 'close' | 'half-close' | 'reset' }

export const stepKinds = [
  'send',
  'expect',
  'delay',
  'assert',
  'close',
] as const satisfies readonly SequenceStep['kind'][]

/** Steps over one connection, in order; the first that fails ends it. */
export interface Sequence {
  readonly id: string
  readonly name: string
  readonly target: SavedTarget | null
  readonly steps: readonly SequenceStep[]
}

/** What the composer is set to for one endpoint. */
export interface EndpointSettings {
  /** See `endpointKey`. */
  readonly endpoint: string
  readonly ending: LineEnding
  readonly encoding: TextEncoding
}

export interface SavedEndpoint {
  readonly id: string
  readonly spec: EndpointSpec
}

/** An object of JSON values. */
export type JsonObject = Readonly<Record<string, unknown>>

/** The parts of the document, and what is in each. Bounds: workspace-checks.ts. */
export interface WorkspaceParts {
  readonly messages: readonly SavedMessage[]
  readonly sequences: readonly Sequence[]
  /** The most recently changed last. */
  readonly endpointSettings: readonly EndpointSettings[]
  readonly endpoints: readonly SavedEndpoint[]
  /** Saved filters and highlight rules, in the shape that the filter's page gives them. */
  readonly filters: readonly JsonObject[]
  readonly highlights: readonly JsonObject[]
}
export type WorkspacePartName = keyof WorkspaceParts

export const workspacePartNames = [
  'messages',
  'sequences',
  'endpointSettings',
  'endpoints',
  'filters',
  'highlights',
] as const satisfies readonly WorkspacePartName[]

export const emptyWorkspace: WorkspaceParts = {
  messages: [],
  sequences: [],
  endpointSettings: [],
  endpoints: [],
  filters: [],
  highlights: [],
}

/** How often each part has been written. */
export type WorkspaceRevisions = Readonly<Record<WorkspacePartName, number>>

export interface WorkspaceState {
  readonly parts: WorkspaceParts
  readonly revisions: WorkspaceRevisions
  /** Where it is kept, as the person would write it; null where it is in memory only. */
  readonly path: string | null
  /** What was wrong when it was read (a damaged part was kept aside), or why it cannot be written; null where all is well. */
  readonly problem: Failure | null
}

/** A part with its new value, and the revision that it was made from. */
export type WorkspaceWrite = {
  [K in WorkspacePartName]: { readonly part: K; readonly value: WorkspaceParts[K]; readonly revision: number }
}[WorkspacePartName]

export interface WorkspaceCommands {
  readWorkspace: { args: null; value: WorkspaceState }
  /**
   * Gives a part another value and writes the document. Failure `stale` where the part has been written since `revision`:
   * read again, change that, and write again. Value: the new revision.
   */
  writeWorkspacePart: { args: WorkspaceWrite; value: number }
  /**
   * The bytes of a file that a message names (`{{file:PATH}}`; a relative path begins at the person's home). Failure `refused`
   * where the page may be on another machine, `too-large` above what one message takes.
   */
  readMessageFile: { args: { path: string }; value: Uint8Array }
}
export const workspaceCommandNames = [
  'readWorkspace',
  'writeWorkspacePart',
  'readMessageFile',
] as const satisfies readonly (keyof WorkspaceCommands)[]

const address = (host: string, port: number) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)

/** Names an endpoint in a way that holds from one session to the next: its role and what its person gave as addresses. */
export const endpointKey = (spec: EndpointSpec): string => {
  const at = `${spec.role} ${address(spec.host, spec.port)}`
  // Any free port is another one each time: its name is all that stays.
  const listens = spec.role !== 'client' && spec.port === 0 ? `${at} ${spec.name}` : at
  return spec.role === 'relay' ? `${listens} > ${address(spec.upstreamHost, spec.upstreamPort)}` : listens
}
