// One page's view of the app, whatever carries it: its commands, checked, and its event stream, paced by credits.
// Counterparts: desktop/ (ipc and message port), serve/ (WebSocket); the page's side is renderer/link.
import {
  type CommandName,
  type Commands,
  type EngineCommandName,
  engineCommandNames,
  pageBatchBytes,
  pageCreditMarks,
  pagePreviewBytes,
  type ToPage,
} from '../preload/contract/api.ts'
import { checkCommand, checkFromPage } from '../preload/contract/checks.ts'
import { openBatch } from '../preload/contract/event-columns.ts'
import { fail, ok, type Result } from '../preload/contract/failure.ts'
import { openLoopBatch, type ProbeLevel } from '../preload/contract/loop-columns.ts'
import type { RunId, RunInfo } from '../preload/contract/runs.ts'
import type {
  ConnectionId,
  ConnectionInfo,
  EndpointId,
  EndpointInfo,
  Snapshot,
  StateChange,
} from '../preload/contract/vocabulary.ts'
import { captureCommands, createPageView, type PageView } from './capture-commands.ts'
import { createPageExports, type PageExports } from './export/page-exports.ts'
import { withoutPagesCode } from './page-code.ts'
import { tlsCommands } from './tls/tls-commands.ts'
import type { Workbench } from './workbench.ts'
import { workspaceCommands } from './workspace/workspace-commands.ts'

export interface PageSession {
  /** Checks name and shape, then does it. Never rejects. */
  invoke(name: unknown, args: unknown): Promise<Result<unknown>>
  /** A message of the page on the event pipe (subscribe, credit); a malformed one answers a failure. */
  receive(message: unknown): Result<null>
  dispose(): void
}

/** How often a page is told of the capture's size while events arrive, in ms. */
const captureInfoMs = 250

type Handlers = { [K in CommandName]: (args: Commands[K]['args']) => Promise<Result<Commands[K]['value']>> }

const handlers = (workbench: Workbench, view: PageView, exports: PageExports): Handlers => {
  const { engine, lessons } = workbench
  const ask =
    <K extends Parameters<typeof engine.ask>[0]>(name: K) =>
    async (args: Commands[K]['args']): Promise<Result<Commands[K]['value']>> =>
      // Ids of a file's endpoints and connections mean others in the engine.
      view.source.file === null
        ? engine.ask(name, args)
        : fail('wrong-state', 'An opened capture is shown; go back to the live recording first')
  const asked = Object.fromEntries(engineCommandNames.map((name) => [name, ask(name)])) as unknown as {
    [K in EngineCommandName]: Handlers[K]
  }
  return {
    ...asked,
    ...withoutPagesCode(asked, workbench.runsPagesCode),
    ...captureCommands(workbench, view),
    ...workspaceCommands(workbench.workspace, workbench.takesKeys),
    ...tlsCommands(workbench.tls, workbench.takesKeys),
    ...exports.commands,
    snapshot: () => view.source.snapshot(),
    readPayload: ({ seq }) => view.source.payload(seq),
    restartEngine: () => engine.restart(),
    listLessons: async () => ok(lessons.list()),
    runLesson: (args) => lessons.run(args),
  }
}

/**
 * State changes that were not sent yet: later values over earlier ones, and nothing of what was removed since. Of
 * connections that the page has never been told of it need not be told that they are forgotten: a page that takes
 * nothing, while connections come and go for days, costs no more than what is there.
 */
const createPendingState = () => {
  let seq: number | null = null
  let probe: ProbeLevel = 'off'
  /** The highest connection id that the page may know; ids only go up. */
  let lastTold = 0
  const noteTold = (told: readonly ConnectionInfo[]) => {
    for (const { id } of told) if (id > lastTold) lastTold = id
  }
  const endpoints = new Map<EndpointId, EndpointInfo>()
  const connections = new Map<ConnectionId, ConnectionInfo>()
  const removedEndpoints: EndpointId[] = []
  const removedConnections: ConnectionId[] = []
  const runs = new Map<RunId, RunInfo>()
  const removedRuns: RunId[] = []
  return {
    /** The page gets these as part of a snapshot. */
    told: noteTold,
    add(change: StateChange): void {
      seq = change.seq
      probe = change.probe
      for (const endpoint of change.endpoints) endpoints.set(endpoint.id, endpoint)
      for (const connection of change.connections) connections.set(connection.id, connection)
      for (const id of change.removedEndpoints) endpoints.delete(id)
      removedEndpoints.push(...change.removedEndpoints)
      for (const id of change.removedConnections) {
        connections.delete(id)
        if (id <= lastTold) removedConnections.push(id)
      }
      for (const run of change.runs ?? []) runs.set(run.id, run)
      for (const id of change.removedRuns ?? []) {
        runs.delete(id)
        removedRuns.push(id)
      }
    },
    /** All of it as one change, or null where there is nothing. */
    take(): StateChange | null {
      if (seq === null) return null
      const change = {
        seq,
        probe,
        endpoints: [...endpoints.values()],
        connections: [...connections.values()],
        removedEndpoints: removedEndpoints.splice(0),
        removedConnections: removedConnections.splice(0),
        ...(runs.size === 0 ? {} : { runs: [...runs.values()] }),
        ...(removedRuns.length === 0 ? {} : { removedRuns: removedRuns.splice(0) }),
      }
      noteTold(change.connections)
      seq = null
      endpoints.clear()
      connections.clear()
      runs.clear()
      return change
    },
  }
}

/** `post` sends a message to the page; it must not throw when the page is gone. */
export const createPageSession = (workbench: Workbench, post: (message: ToPage) => void): PageSession => {
  const { engine, capture, archive, workspace } = workbench
  const view = createPageView(workbench, () => {
    // As after a reload: the page asks for a snapshot of what it looks at now, and subscribes.
    cursor = null
    pendingState.take()
  })
  const exports = createPageExports(workbench, view)
  const table = handlers(workbench, view, exports)
  /** The next seq to send; null until the page subscribes. */
  let cursor: number | null = null
  /** The next loop record to send; null where the page did not ask for them. */
  let loopCursor: number | null = null
  /** Bytes sent and not acknowledged. */
  let inFlight = 0
  let flowing = true
  const pendingState = createPendingState()
  let infoTimer: NodeJS.Timeout | undefined
  let subscribed = false

  const sendInfo = () => {
    clearTimeout(infoTimer)
    infoTimer = undefined
    post({ type: 'capture', capture: view.source.info(), file: view.source.file })
  }

  const pump = () => {
    if (cursor === null) return
    // A page that is behind gets the state that is true now whenever it has caught up some, not only when it has all:
    // under lasting traffic that might be never. As with a snapshot, its events then follow.
    const change = flowing ? pendingState.take() : null
    if (change !== null) post({ type: 'state', change })
    const sent = (bytes: number) => {
      inFlight += bytes
      if (inFlight > pageCreditMarks.highBytes) flowing = false
    }
    const sendEvents = (from: number): boolean => {
      const buffer = capture.read(from, pageBatchBytes, pagePreviewBytes)
      if (buffer === null) return false
      const batch = openBatch(buffer)
      cursor = batch.firstSeq + batch.count
      sent(buffer.byteLength)
      post({ type: 'batch', buffer })
      return true
    }
    const sendRecords = (from: number): boolean => {
      const buffer = capture.readLoop(from, pageBatchBytes)
      if (buffer === null) return false
      const batch = openLoopBatch(buffer)
      loopCursor = batch.first + batch.count
      sent(buffer.byteLength)
      post({ type: 'loop', buffer })
      return true
    }
    // Turn about: under lasting traffic there is always one more batch of events, and the loop must be seen all the same.
    let more = true
    while (flowing && more) {
      more = sendEvents(cursor)
      if (flowing && loopCursor !== null) more = sendRecords(loopCursor) || more
    }
  }

  const subscriptions = [
    capture.onAppend(() => {
      if (cursor === null) return
      pump()
      infoTimer ??= setTimeout(sendInfo, captureInfoMs)
    }),
    engine.onState((change) => {
      if (view.source.file !== null) return
      // Kept from the first moment: a page asks for its snapshot and then subscribes, and nothing may fall in between.
      pendingState.add(change)
      pump()
    }),
    engine.onRunning((running, message) => {
      // What the last thread said of its endpoints is not true of the next one, which has a snapshot of its own.
      if (running) pendingState.take()
      if (view.source.file === null) post({ type: 'engine', running, message })
    }),
    workspace.onChange((part, revision) => {
      if (subscribed) post({ type: 'workspace', part, revision })
    }),
    archive?.onRecording((recording) => {
      if (subscribed) post({ type: 'recording', recording })
    }) ?? (() => undefined),
  ]

  return {
    async invoke(name, args) {
      const checked = checkCommand(name, args)
      if (!checked.ok) return checked
      const result = await table[checked.value.name](checked.value.args)
      // Before the next state of the engine: its thread tells of things in the order in which they became true.
      if (checked.value.name === 'snapshot' && result.ok && view.source.file === null)
        pendingState.told((result.value as Snapshot).connections)
      return result
    },

    receive(message) {
      const checked = checkFromPage(message)
      if (!checked.ok) return checked
      if (checked.value.type === 'subscribe') {
        subscribed = true
        const live = view.source.file === null
        cursor = live ? checked.value.fromSeq : null
        loopCursor = checked.value.fromRecord ?? null
        inFlight = 0
        flowing = true
        sendInfo()
        if (archive !== null) post({ type: 'recording', recording: archive.recording() })
        if (live && engine.endedBecause !== null) post({ type: 'engine', running: false, message: engine.endedBecause })
      } else {
        inFlight = Math.max(0, inFlight - checked.value.bytes)
        if (inFlight <= pageCreditMarks.lowBytes) flowing = true
      }
      pump()
      return ok(null)
    },

    dispose() {
      clearTimeout(infoTimer)
      for (const unsubscribe of subscriptions) unsubscribe()
      cursor = null
      exports.dispose()
      view.dispose()
    },
  }
}
