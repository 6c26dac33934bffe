// The window's bridge: exposes `window.wireloop` and hands the event port over; nothing else. Runs sandboxed, in a world of its
// own; every check is main's. Counterpart: main/desktop/ipc.ts. Bundled to one CommonJS file that requires only `electron`.
import { contextBridge, ipcRenderer } from 'electron'
// By name, so that the bundle holds the version and not the whole file.
import { version } from '../package.json' with { type: 'json' }
import {
  type CommandMethods,
  type CommandName,
  type Commands,
  channels,
  commandNames,
  eventPortMessage,
  type HostInfo,
  type PreloadApi,
} from './contract/api.ts'
import type { Result } from './contract/failure.ts'

// The preload is typed with Node, not with the DOM; these two are all it needs of the page.
declare const location: { readonly origin: string }
declare const window: { postMessage(message: string, targetOrigin: string, transfer: readonly object[]): void }

const invoke =
  <K extends CommandName>(name: K) =>
  (args: Commands[K]['args']): Promise<Result<Commands[K]['value']>> =>
    ipcRenderer.invoke(channels.command, name, args)

// Every name of the contract becomes a method, and nothing else does.
const commands = Object.fromEntries(commandNames.map((name) => [name, invoke(name)])) as unknown as CommandMethods

const { node, uv, v8, electron, chrome } = process.versions
const host: HostInfo = {
  kind: 'desktop',
  version,
  versions: { electron, chrome, node, uv, v8 },
  platform: process.platform,
}

ipcRenderer.on(channels.port, (event) => window.postMessage(eventPortMessage, location.origin, event.ports))

contextBridge.exposeInMainWorld('wireloop', {
  host,
  commands,
  openEvents: () => ipcRenderer.send(channels.openEvents),
} satisfies PreloadApi)
