// The two pipes between a window's page and the app: commands by `invoke`, events over a message port. Sender first (here), then
// shape, then logic (main/page-session.ts). Counterpart: preload/index.ts.
import { ipcMain, MessageChannelMain, type MessagePortMain, type WebContents, type WebFrameMain } from 'electron'
import { channels } from '../../preload/contract/api.ts'
import { fail } from '../../preload/contract/failure.ts'
import { createPageSession } from '../page-session.ts'
import type { Workbench } from '../workbench.ts'
import { ourFrame } from './sender.ts'

export interface Ipc {
  dispose(): void
}

/** One page's session, and the port it posts to once the page has asked for one. */
const createPageView = (workbench: Workbench) => {
  let port: MessagePortMain | null = null
  const session = createPageSession(workbench, (message) => port?.postMessage(message))
  const dispose = () => {
    session.dispose()
    port?.close()
    port = null
  }
  return {
    invoke: session.invoke,
    dispose,
    /** Hands one end of a new channel to the page and takes what comes over the other; `lost` when either side closes it. */
    openEvents: (frame: WebFrameMain, lost: () => void) => {
      const { port1, port2 } = new MessageChannelMain()
      port = port1
      port1.on('message', ({ data }) => {
        const taken = session.receive(data)
        if (taken.ok) return
        // Our own page is wrong about the contract: a bug, to be seen and not to be worked around.
        console.error(`The page's event port is closed: ${taken.failure.message}`)
        dispose()
        lost()
      })
      // Also when the page reloads or its process is gone.
      port1.on('close', () => {
        dispose()
        lost()
      })
      port1.start()
      frame.postMessage(channels.port, null, [port2])
    },
  }
}

/** Answers the page that `page()` shows, at `origin`, and nobody else. */
export const createIpc = (workbench: Workbench, page: () => WebContents | null, origin: string): Ipc => {
  let view: ReturnType<typeof createPageView> | null = null

  ipcMain.handle(channels.command, (event, name: unknown, args: unknown) => {
    if (ourFrame(event, page(), origin) === null)
      return fail('refused', 'Commands are taken from the main frame of the Wireloop window only')
    // A page may ask before it has opened its event port.
    view ??= createPageView(workbench)
    return view.invoke(name, args)
  })

  ipcMain.on(channels.openEvents, (event) => {
    const frame = ourFrame(event, page(), origin)
    if (frame === null) return
    view?.dispose()
    const mine = createPageView(workbench)
    view = mine
    mine.openEvents(frame, () => {
      if (view === mine) view = null
    })
  })

  return {
    dispose: () => {
      ipcMain.removeHandler(channels.command)
      ipcMain.removeAllListeners(channels.openEvents)
      view?.dispose()
    },
  }
}
