// What a way to the app must offer, whichever it is. Counterparts: desktop-transport.ts (Electron's preload and a message
// port) and socket-transport.ts (one WebSocket); feed.ts is the one user.
import type { CommandMethods, FromPage, HostInfo, ToPage } from '../../preload/contract/api.ts'

/** What a transport reports. */
export interface TransportEvents {
  /** The pipe stands; `subscribe` may be sent. Called again after every reconnect. */
  opened(): void
  /** The pipe broke, or could not be made; the transport tries again by itself. */
  lost(): void
  host(host: HostInfo): void
  message(message: ToPage): void
}

export interface Transport {
  readonly commands: CommandMethods
  post(message: FromPage): void
  /** Starts connecting, once. */
  start(events: TransportEvents): void
  /** Tries at once instead of after the rest of the pause; nothing where the pipe stands. */
  retry(): void
  dispose(): void
}
