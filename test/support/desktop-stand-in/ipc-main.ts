// `ipcMain`: handlers and listeners by channel. Counterparts: window.ts hands it what a page's preload sent; page-worlds.ts sends it.
import { EventEmitter } from 'node:events'
import type { IpcMain, IpcMainEvent, IpcMainInvokeEvent } from 'electron'

type Handler = (event: IpcMainInvokeEvent, ...args: unknown[]) => unknown

class StandInIpcMain extends EventEmitter implements Pick<IpcMain, 'handle' | 'removeHandler'> {
  readonly #handlers = new Map<string, Handler>()

  handle(channel: string, listener: Handler): void {
    if (this.#handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
    this.#handlers.set(channel, listener)
  }

  removeHandler(channel: string): void {
    this.#handlers.delete(channel)
  }

  /** Answers an invoke with a clone of what the handler gave; rejects in Electron's words. */
  async answer(event: IpcMainInvokeEvent, channel: string, args: readonly unknown[]): Promise<unknown> {
    const handler = this.#handlers.get(channel)
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`)
    try {
      return structuredClone(await handler(event, ...args))
    } catch (error) {
      throw new Error(`Error invoking remote method '${channel}': ${error}`)
    }
  }

  deliver(event: IpcMainEvent, channel: string, args: readonly unknown[]): void {
    this.emit(channel, event, ...args)
  }
}

export const ipcMain = new StandInIpcMain()
