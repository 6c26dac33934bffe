// The page's one link to the app: chooses the way (desktop or browser), puts what arrives into the stores and the event
// log, and switches between the live recording and opened captures. Counterparts: feed.ts, capture-follow.ts, and every
// pane that asks for a command through `useCommands`.
import { createContext, useContext } from 'react'
import type { CommandMethods } from '../../preload/contract/api.ts'
import type { CaptureFileInfo, CaptureId } from '../../preload/contract/captures.ts'
import type { Result } from '../../preload/contract/failure.ts'
import type { ProbeLevel } from '../../preload/contract/loop-columns.ts'
import { bookmarks } from '../bookmarks/bookmarks.ts'
import { eventLog } from '../event-log/event-log.ts'
import { eventFilter } from '../event-log/filter.ts'
import { eventReader } from '../event-log/reader.ts'
import { shownNow } from '../event-log/shown.ts'
import { summaries } from '../event-log/summaries.ts'
import { highlights } from '../highlights/highlights.ts'
import { loopSettings } from '../loop/settings.ts'
import { loopLog } from '../loop-log/loop-log.ts'
import { loopSummaries } from '../loop-log/loop-summaries.ts'
import { messages } from '../messages/messages.ts'
import { payloadSearch } from '../search/search.ts'
import { captureStore, engineStore } from '../stores/capture.ts'
import { endpointsStore } from '../stores/endpoints.ts'
import { linkStatusStore } from '../stores/link-status.ts'
import { runsStore } from '../stores/runs.ts'
import { selectionStore } from '../stores/selection.ts'
import { viewingStore, viewsFile } from '../stores/viewing.ts'
import { connectWorkspace, workspaceChanged } from '../stores/workspace.ts'
import { createCaptureFollower } from './capture-follow.ts'
import { createDesktopTransport } from './desktop-transport.ts'
import { createFeed } from './feed.ts'
import { createSocketTransport } from './socket-transport.ts'

export interface Link {
  readonly commands: CommandMethods
  /**
   * Looks at another capture: an opened file, one that the person chooses (desktop only), or the live recording. The page
   * starts afresh with it. Value: the file; null for the live recording, or where nothing was chosen.
   */
  look(at: CaptureId | 'choose' | 'live'): Promise<Result<CaptureFileInfo | null>>
  /** Tries to reach the app at once, where the link is lost. */
  retry(): void
  dispose(): void
}

/** The WebSocket address of the host that served this page, with the token of the page's own address. */
export const socketUrl = (page: {
  readonly protocol: string
  readonly host: string
  readonly search: string
}): string => {
  const token = new URLSearchParams(page.search).get('token') ?? ''
  const scheme = page.protocol === 'https:' ? 'wss' : 'ws'
  return `${scheme}://${page.host}/socket?token=${encodeURIComponent(token)}`
}

/** What a fresh page takes in of a longer recording: of the last so many ms, at least and at most so many events. */
const freshMs = 15_000
const freshEvents = 5000
const mostFreshEvents = 100_000

/** Connects and starts taking events in. */
export const createLink = (): Link => {
  const transport =
    window.wireloop === undefined
      ? createSocketTransport(socketUrl(window.location))
      : createDesktopTransport(window.wireloop)
  const status = () => linkStatusStore.getState()
  const finishLoadingWhenFilled = () => {
    const until = status().loadingUntilSeq
    if (until !== null && eventLog.nextSeq >= until) status().finishLoading()
  }
  const takeProbe = ({ probe }: { readonly probe: ProbeLevel }) =>
    loopSettings.getState().takeLevel(probe, Math.max(shownNow(), loopLog.lastAt))
  const { commands } = transport
  const follower = createCaptureFollower(commands, eventLog, summaries, { summaries: loopSummaries, log: loopLog.live })
  eventReader.connect(commands.readEvents)
  loopLog.connect(commands)
  eventFilter.connect(commands.filterEvents)
  bookmarks.connect(commands)
  highlights.connect(commands.filterEvents)
  messages.connect(commands)
  payloadSearch.connect(commands)
  /** The seq of the last snapshot: of an opened file nothing follows it. */
  let snapshotSeq = 1

  /** The file that the host was started with, while it is being asked what it is. */
  let discovering: CaptureId | null = null
  /** This page has chosen itself what to look at. */
  let hasLooked = false

  const startAfresh = (file: CaptureFileInfo | null) => {
    discovering = null
    eventReader.reset()
    eventFilter.reset()
    payloadSearch.reset()
    bookmarks.reset()
    highlights.reset()
    follower.reset()
    eventLog.startAt(1)
    loopLog.startAt(1)
    selectionStore.getState().reset()
    endpointsStore.getState().forget()
    status().takeUnknown()
    viewingStore.getState().view(file)
  }

  const viewFile = (file: CaptureFileInfo | null) => {
    startAfresh(file)
    feed.restart()
  }

  /** The host looks at a file that this page did not open. */
  const discover = async (id: CaptureId) => {
    discovering = id
    // Nothing of it is streamed: the log begins after its end.
    eventLog.startAt(snapshotSeq)
    takeProbe({ probe: 'callbacks' })
    const listed = await commands.listCaptures(null)
    const file = listed.ok ? listed.value.find((each) => each.id === id) : undefined
    if (discovering === id && file !== undefined) viewingStore.getState().view(file)
    discovering = null
  }

  /** Lets a fresh page begin with the newest events and records; older ones are read as they are looked at. */
  const beginNearEnd = async () => {
    const { startedAtEpochMs } = endpointsStore.getState()
    const nowMs = startedAtEpochMs === null ? 0 : Date.now() - startedAtEpochMs
    const found = await commands.seekTime({ at: Math.max(0, nowMs - freshMs) })
    // Without a capture file there is nothing to read them from.
    if (!found.ok) return
    const { seq, record } = found.value
    eventLog.startAt(Math.max(1, snapshotSeq - mostFreshEvents, Math.min(seq, snapshotSeq - freshEvents)))
    loopLog.startAt(Math.max(1, record))
  }

  const feed = createFeed(transport, {
    append: (batch) => {
      // Nothing of a file is streamed: what was on its way when it was opened is of the live recording.
      if (viewsFile()) return
      eventLog.append(batch)
      finishLoadingWhenFilled()
    },
    nextSeq: () => eventLog.nextSeq,
    appendLoop: (batch) => {
      if (!viewsFile()) loopLog.append(batch)
    },
    nextRecord: () => loopLog.nextRecord,
    snapshot: (snapshot) => {
      snapshotSeq = snapshot.seq
      endpointsStore.getState().takeSnapshot(snapshot)
      runsStore.getState().takeSnapshot(snapshot)
      void bookmarks.read()
      // A file does not say what was watched when; what it has is shown.
      takeProbe(viewsFile() ? { probe: 'callbacks' } : snapshot)
      if (viewsFile()) {
        eventLog.startAt(snapshot.seq)
        messages.reset()
        status().takeKnown(null)
        return
      }
      messages.reset()
      if (!status().known) status().takeKnown(snapshot.seq)
      finishLoadingWhenFilled()
    },
    state: (change) => {
      // Changes that were on their way when a file was opened are of other endpoints.
      if (viewsFile()) return
      endpointsStore.getState().applyChange(change)
      runsStore.getState().applyChange(change)
      takeProbe(change)
    },
    capture: (capture, file) => {
      const viewed = viewingStore.getState().file
      // Told of what was looked at before: the two pipes of the desktop do not keep step.
      if (viewed !== null && viewed.id !== file) return
      if (file !== null && viewed === null) {
        if (hasLooked) return
        if (discovering === null) void discover(file)
      }
      captureStore.getState().takeCapture(capture)
      follower.take(capture, file !== null)
    },
    workspace: workspaceChanged,
    recording: (recording) => captureStore.getState().takeRecording(recording),
    engine: (running, message) => engineStore.getState().takeEngine(running, message),
    host: (host) => status().takeHost(host),
    ready: () => {
      if (!status().known) status().takeKnown(null)
      connectWorkspace(commands)
      status().takePhase('ready')
    },
    lost: () => {
      if (status().phase === 'ready') status().takePhase('lost')
      status().takeFailedTry()
    },
    beforeSubscription: () => {
      const fresh = eventLog.nextSeq === 1 && !viewsFile()
      return fresh && snapshotSeq > freshEvents ? beginNearEnd() : null
    },
    reopened: () => {
      const { file } = viewingStore.getState()
      if (file === null) return null
      return commands.openCapture({ capture: file.id }).then((opened) => {
        if (!opened.ok) startAfresh(null)
      })
    },
    stranger: () => window.location.reload(),
  })
  transport.start(feed)

  return {
    commands,
    async look(at) {
      const looked =
        at === 'live'
          ? await commands.viewLive(null)
          : at === 'choose'
            ? await commands.chooseCapture(null)
            : await commands.openCapture({ capture: at })
      if (looked.ok && (looked.value !== null || at === 'live')) {
        hasLooked = true
        viewFile(looked.value)
      }
      return looked
    },
    retry: transport.retry,
    dispose: transport.dispose,
  }
}

const LinkContext = createContext<Link | null>(null)
export const LinkProvider = LinkContext.Provider

/** The link that this page stands on. */
export const useLink = (): Link => {
  const link = useContext(LinkContext)
  if (link === null) throw new Error('useLink is called outside of LinkProvider')
  return link
}

/** The app's commands, as methods that resolve to a Result. */
export const useCommands = (): CommandMethods => useLink().commands
