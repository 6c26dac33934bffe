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

const commands = {
  snapshot: invoke('snapshot'),
  createEndpoint: invoke('createEndpoint'),
  startEndpoint: invoke('startEndpoint'),
  stopAccepting: invoke('stopAccepting'),
  stopEndpoint: invoke('stopEndpoint'),
  closeAll: invoke('closeAll'),
  removeEndpoint: invoke('removeEndpoint'),
  send: invoke('send'),
  halfClose: invoke('halfClose'),
  close: invoke('close'),
  reset: invoke('reset'),
  setProbe: invoke('setProbe'),
  blockLoop: invoke('blockLoop'),
  readPayload: invoke('readPayload'),
  restartEngine: invoke('restartEngine'),
  listLessons: invoke('listLessons'),
  runLesson: invoke('runLesson'),
  listCaptures: invoke('listCaptures'),
  openCapture: invoke('openCapture'),
  chooseCapture: invoke('chooseCapture'),
  viewLive: invoke('viewLive'),
  saveCapture: invoke('saveCapture'),
  deleteCapture: invoke('deleteCapture'),
  compactCapture: invoke('compactCapture'),
  checkCapture: invoke('checkCapture'),
  recording: invoke('recording'),
  setCaptureLimits: invoke('setCaptureLimits'),
  readEvents: invoke('readEvents'),
  readLoopRecords: invoke('readLoopRecords'),
  seekTime: invoke('seekTime'),
  filterEvents: invoke('filterEvents'),
  readSummaries: invoke('readSummaries'),
  readLoopSummaries: invoke('readLoopSummaries'),
  readConnections: invoke('readConnections'),
  startSearch: invoke('startSearch'),
  continueSearch: invoke('continueSearch'),
  cancelSearch: invoke('cancelSearch'),
  bookmarks: invoke('bookmarks'),
  setBookmark: invoke('setBookmark'),
} satisfies CommandMethods

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
