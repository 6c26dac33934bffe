// Engine, captures and lessons together: what every window and every browser tab is a view of.
// Counterparts: engine-host.ts, archive/, lesson-host.ts; page-session.ts is one view.
import type { Archive, ArchiveOptions, CaptureReader } from './archive/archive.ts'
import { createArchive } from './archive/archive-host.ts'
import type { Capture } from './archive/capture.ts'
import { createMemoryCapture } from './archive/memory-capture.ts'
import { createEngineHost, type EngineHost } from './engine-host.ts'
import { createLessonHost, type LessonHost } from './lesson-host.ts'
import { createTlsKeeping, type TlsKeeping } from './tls/tls-keeping.ts'
import { createWorkspace, type Workspace } from './workspace/workspace.ts'

export interface Workbench {
  readonly engine: EngineHost
  /** The newest events, in memory. */
  readonly capture: Capture
  /** Their file and the others; null where this host records to memory only. */
  readonly archive: Archive | null
  /** What pages look at first; null for the live recording. */
  readonly opened: CaptureReader | null
  readonly dialogs: CaptureDialogs | null
  readonly lessons: LessonHost
  readonly workspace: Workspace
  readonly tls: TlsKeeping
  /** False where a page may be on another machine, and its way here in clear text. */
  readonly takesKeys: boolean
  /** Code that a page hands in is run, and files that it names are read: scripts, `{{file:…}}`, changed lessons. */
  readonly runsPagesCode: boolean
  /** Ends lessons that run at once, the engine in order (see `EngineHost.stop`), and the archive with all that was recorded. */
  stop(graceMs: number): Promise<void>
}

/** How a host lets the person name a file. Both resolve to a path, or to null where the person thought better of it. */
export interface CaptureDialogs {
  chooseCapture(): Promise<string | null>
  /** `name`: the file's name to propose. */
  choosePlace(name: string): Promise<string | null>
}

export interface WorkbenchOptions {
  readonly captureLimitBytes?: number
  /** Where captures are kept; left out, everything is recorded to memory only. */
  readonly captures?: Pick<ArchiveOptions, 'folder' | 'file' | 'limits'>
  /** Sockets wait for the capture's file, as long as it can be written to; nothing is left out of it then. */
  readonly waitsForFile?: boolean
  /** A capture file that pages look at first. A path that a person has named. */
  readonly open?: string
  readonly dialogs?: CaptureDialogs
  /** False where a page may be somebody else's: a changed lesson is code that runs with this process's rights. */
  readonly runsEditedLessons?: boolean
  /** The file that the person's workspace is kept in; left out, it is kept in memory only. */
  readonly workspace?: string
  /** The folder of certificates and their keys; left out, they go with the process. */
  readonly tls?: string
  /** False where a page may be on another machine; keys then have to come by another way. */
  readonly takesKeys?: boolean
}

/** Bytes of events that are read at once from memory for a file that begins anew. */
const tailBytes = 1024 * 1024

/** The archive that records this engine; it is given every batch, and gives each back when it has been written. */
export const startArchive = (
  engine: EngineHost,
  capture: Capture,
  options: NonNullable<WorkbenchOptions['captures']> & Pick<ArchiveOptions, 'waitingBytes'>,
): Archive => {
  const archive = createArchive({
    ...options,
    startedAtEpochMs: engine.startedAtEpochMs,
    tail: (fromSeq) => capture.read(fromSeq, tailBytes, Number.POSITIVE_INFINITY),
  })
  // A file that cannot be written to is not waited for: what is recorded then is in memory as far as it has room.
  let unacknowledged = 0
  const acknowledge = (bytes: number) => {
    unacknowledged -= bytes
    engine.acknowledge(bytes)
  }
  archive.onRecording(({ to }) => {
    if (to === 'memory') acknowledge(unacknowledged)
  })
  engine.onBatch((buffer) => {
    const bytes = buffer.byteLength
    unacknowledged += bytes
    archive.record(buffer, () => {
      engine.giveBack(buffer)
      acknowledge(Math.min(bytes, unacknowledged))
    })
    if (archive.recording().to === 'memory') acknowledge(unacknowledged)
    return 'kept'
  })
  engine.onLoop((buffer) => archive.recordLoop(buffer, () => undefined))
  engine.onState((change) => archive.recordState(change))
  return archive
}

/** Rejects where no engine can be started, or `open` names no capture that can be read. */
export const createWorkbench = async (options: WorkbenchOptions = {}): Promise<Workbench> => {
  const waits = options.captures !== undefined && options.waitsForFile === true
  const engine = await createEngineHost({ waits })
  const capture = createMemoryCapture(options.captureLimitBytes, engine.giveBack)
  engine.onBatch((buffer) => {
    capture.append(buffer)
    return 'kept'
  })
  engine.onLoop((buffer) => capture.appendLoop(buffer))
  const archive = options.captures === undefined ? null : startArchive(engine, capture, options.captures)
  await archive?.ready
  const tls = createTlsKeeping(engine, { folder: options.tls ?? null })
  const lessons = createLessonHost({ runsEdited: options.runsEditedLessons ?? true })
  const stop = async (graceMs: number) => {
    await Promise.all([lessons.dispose(), engine.stop(graceMs)])
    await archive?.dispose()
    await tls.dispose()
  }

  let opened: CaptureReader | null = null
  if (options.open !== undefined && archive !== null) {
    const known = await archive.know(options.open)
    const reader = known.ok ? await archive.open(known.value.id) : known
    if (!reader.ok) {
      await stop(0)
      throw new Error(reader.failure.message)
    }
    opened = reader.value
  }
  const workspace = createWorkspace(options.workspace ?? null)
  return {
    engine,
    capture,
    archive,
    opened,
    dialogs: options.dialogs ?? null,
    lessons,
    workspace,
    tls,
    takesKeys: options.takesKeys ?? true,
    runsPagesCode: options.runsEditedLessons ?? true,
    stop,
  }
}
