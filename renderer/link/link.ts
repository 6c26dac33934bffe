// The page's one link to the app: chooses the way (desktop or browser), and puts what arrives into the stores and the
// event log. Counterparts: feed.ts, and every pane that asks for a command through `useCommands`.
import { createContext, useContext } from 'react'
import type { CommandMethods } from '../../preload/contract/api.ts'
import type { ProbeLevel } from '../../preload/contract/loop-columns.ts'
import { eventLog } from '../event-log/event-log.ts'
import { shownNow } from '../event-log/shown.ts'
import { loopSettings } from '../loop/settings.ts'
import { loopLog } from '../loop-log/loop-log.ts'
import { captureStore, engineStore } from '../stores/capture.ts'
import { endpointsStore } from '../stores/endpoints.ts'
import { linkStatusStore } from '../stores/link-status.ts'
import { createDesktopTransport } from './desktop-transport.ts'
import { createFeed } from './feed.ts'
import { createSocketTransport } from './socket-transport.ts'

export interface Link {
  readonly commands: CommandMethods
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
  transport.start(
    createFeed(transport, {
      append: (batch) => {
        eventLog.append(batch)
        finishLoadingWhenFilled()
      },
      nextSeq: () => eventLog.nextSeq,
      appendLoop: (batch) => loopLog.append(batch),
      nextRecord: () => loopLog.nextRecord,
      snapshot: (snapshot) => {
        endpointsStore.getState().takeSnapshot(snapshot)
        takeProbe(snapshot)
        if (!status().known) status().takeKnown(snapshot.seq)
        finishLoadingWhenFilled()
      },
      state: (change) => {
        endpointsStore.getState().applyChange(change)
        takeProbe(change)
      },
      capture: (capture) => captureStore.getState().takeCapture(capture),
      engine: (running, message) => engineStore.getState().takeEngine(running, message),
      host: (host) => status().takeHost(host),
      ready: () => {
        if (!status().known) status().takeKnown(null)
        status().takePhase('ready')
      },
      lost: () => {
        if (status().phase === 'ready') status().takePhase('lost')
        status().takeFailedTry()
      },
      stranger: () => window.location.reload(),
    }),
  )
  return { commands: transport.commands, retry: transport.retry, dispose: transport.dispose }
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
