// The way to the app inside Electron: commands through the preload, events through the port it hands over.
// Counterparts: preload/index.ts and main/desktop.
import { eventPortMessage, type PreloadApi, type ToPage } from '../../preload/contract/api.ts'
import type { Transport, TransportEvents } from './transport.ts'

declare global {
  interface Window {
    /** Present only where the preload ran. */
    readonly wireloop?: PreloadApi
  }
}

/** `api` is what the preload exposed on this window. */
export const createDesktopTransport = (api: PreloadApi): Transport => {
  let port: MessagePort | null = null
  let events: TransportEvents | null = null

  const onWindowMessage = (event: MessageEvent) => {
    // Only this window's own preload may hand over the port.
    if (event.source !== window || event.data !== eventPortMessage) return
    const received = event.ports[0]
    if (received === undefined || events === null) return
    port?.close()
    port = received
    const sink = events
    received.onmessage = (message: MessageEvent<ToPage>) => sink.message(message.data)
    received.start()
    sink.opened()
  }

  return {
    commands: api.commands,
    post: (message) => port?.postMessage(message),
    start: (sink) => {
      events = sink
      window.addEventListener('message', onWindowMessage)
      sink.host(api.host)
      api.openEvents()
    },
    retry: () => api.openEvents(),
    dispose: () => {
      window.removeEventListener('message', onWindowMessage)
      port?.close()
      port = null
      events = null
    },
  }
}
