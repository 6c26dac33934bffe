// What runs in the stand-in's page before the page's own scripts: the preload, in an isolated world of its own with a `require` that
// knows only `electron`; and in the main world the part of contextBridge that makes proxies there. The two worlds share the DOM and
// nothing else, so they talk by DOM events, whose details Chromium clones from world to world; message ports cross by
// window.postMessage, exactly as under Electron. Counterpart: chromium-window.ts, which carries the binding's messages to main.
import type { ContextBridge, IpcRenderer } from 'electron'
import { type FromPreload, fromWire, type ToPreload, toWire } from './wire.ts'

/** The CDP binding, present in the preload's world only, and the function of that world that main calls. */
export const bindingName = 'desktopStandInToMain'
export const receiverName = 'desktopStandInFromMain'
export const preloadWorldName = 'desktop stand-in preload'

/** An exposed API as its outline crosses the worlds: plain values, objects, and functions by their path. */
type Outline =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'function'; readonly path: readonly string[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Outline])[] }

interface Call {
  readonly key: string
  readonly path: readonly string[]
  readonly args: readonly unknown[]
  readonly id: number
}

type Outcome =
  | { readonly id: number; readonly kind: 'value'; readonly value: unknown }
  | { readonly id: number; readonly kind: 'error'; readonly message: string }
  | { readonly id: number; readonly kind: 'promise' }

// The functions below are sent to the page as text: they may use their parameters and the page's globals, nothing of this module.

/** The main world's half of contextBridge: defines on the global object what the preload's world exposes. */
const mainWorld = (): void => {
  const world = globalThis as unknown as EventTarget
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let lastId = 0
  let answered: Outcome | null = null

  world.addEventListener('desktop-stand-in-outcome', (event) => {
    const outcome = (event as CustomEvent<Outcome>).detail
    const waiter = waiting.get(outcome.id)
    if (waiter === undefined) answered = outcome
    else if (outcome.kind === 'value') waiter.resolve(outcome.value)
    else if (outcome.kind === 'error') waiter.reject(new Error(outcome.message))
    if (waiter !== undefined) waiting.delete(outcome.id)
  })

  const call = (key: string, path: readonly string[], args: readonly unknown[]): unknown => {
    const id = ++lastId
    const detail: Call = { key, path, args, id }
    answered = null
    // Events are dispatched synchronously, into the other world too: the answer is there when this returns.
    world.dispatchEvent(new CustomEvent('desktop-stand-in-call', { detail }))
    const outcome = answered as Outcome | null
    if (outcome === null) throw new Error('The preload is gone')
    if (outcome.kind === 'value') return outcome.value
    if (outcome.kind === 'error') throw new Error(outcome.message)
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
  }

  const build = (key: string, outline: Outline): unknown => {
    if (outline.kind === 'value') return outline.value
    if (outline.kind === 'function') return (...args: unknown[]) => call(key, outline.path, args)
    return Object.freeze(Object.fromEntries(outline.entries.map(([name, each]) => [name, build(key, each)])))
  }

  world.addEventListener('desktop-stand-in-expose', (event) => {
    const { key, outline } = (event as CustomEvent<{ key: string; outline: Outline }>).detail
    Object.defineProperty(globalThis, key, { value: build(key, outline), enumerable: true })
  })
}

// Of the page's own globals, what Node's types lack or spell differently.
interface Base64Bytes {
  toBase64(): string
}
interface PagePort extends EventTarget {
  onmessage: ((event: { readonly data: unknown }) => void) | null
  postMessage(data: unknown): void
  close(): void
}

/** The sandboxed preload's `electron` module: ipcRenderer over the binding, contextBridge over DOM events. */
const preloadElectron = (
  encode: typeof toWire,
  decode: typeof fromWire,
  binding: (text: string) => void,
  receiver: string,
): {
  ipcRenderer: Pick<IpcRenderer, 'invoke' | 'send' | 'on'>
  contextBridge: Pick<ContextBridge, 'exposeInMainWorld'>
} => {
  const world = globalThis as unknown as EventTarget & Record<string, unknown>
  const toBase64 = (bytes: Uint8Array) => (bytes as unknown as Base64Bytes).toBase64()
  const fromBase64 = (Uint8Array as unknown as { fromBase64(text: string): Uint8Array }).fromBase64.bind(Uint8Array)
  // Cloning first refuses what cannot be sent, in Chromium's own words, as ipcRenderer does.
  const send = (message: FromPreload) => binding(JSON.stringify(encode(structuredClone(message), toBase64)))

  const invokes = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  const listeners = new Map<string, ((event: unknown, message: unknown) => void)[]>()
  const ports = new Map<number, PagePort>()
  let lastId = 0

  const openPort = (id: number): PagePort => {
    const { port1, port2 } = new MessageChannel() as unknown as Readonly<Record<'port1' | 'port2', PagePort>>
    port1.onmessage = ({ data }) => send({ type: 'port-message', port: id, data })
    port1.addEventListener('close', () => send({ type: 'port-closed', port: id }))
    ports.set(id, port1)
    return port2
  }

  const ipcRenderer = {
    invoke: (channel: string, ...args: unknown[]) =>
      new Promise<unknown>((resolve, reject) => {
        const id = ++lastId
        send({ type: 'invoke', id, channel, args })
        invokes.set(id, { resolve, reject })
      }),
    send: (channel: string, ...args: unknown[]) => send({ type: 'send', channel, args }),
    on: (channel: string, listener: (event: unknown, message: unknown) => void) => {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener])
      return ipcRenderer
    },
  }

  world[receiver] = (text: string) => {
    const message = decode(JSON.parse(text), fromBase64) as ToPreload
    switch (message.type) {
      case 'result':
        invokes.get(message.id)?.resolve(message.value)
        invokes.delete(message.id)
        break
      case 'error':
        invokes.get(message.id)?.reject(new Error(message.message))
        invokes.delete(message.id)
        break
      case 'message': {
        const event = { sender: ipcRenderer, ports: message.ports.map(openPort) }
        for (const listener of listeners.get(message.channel) ?? []) listener(event, message.message)
        break
      }
      case 'port-message':
        ports.get(message.port)?.postMessage(message.data)
        break
      case 'port-closed':
        ports.get(message.port)?.close()
        ports.delete(message.port)
        break
    }
  }

  const exposed = new Map<string, unknown>()
  const outlineOf = (value: unknown, path: readonly string[]): Outline => {
    if (typeof value === 'function') return { kind: 'function', path }
    if (typeof value !== 'object' || value === null) return { kind: 'value', value }
    const entries = Object.entries(value).map(([name, each]) => [name, outlineOf(each, [...path, name])] as const)
    return { kind: 'object', entries }
  }
  const answer = (detail: Outcome) => world.dispatchEvent(new CustomEvent('desktop-stand-in-outcome', { detail }))
  const failed = (id: number, error: unknown) =>
    answer({ id, kind: 'error', message: error instanceof Error ? error.message : String(error) })

  world.addEventListener('desktop-stand-in-call', (event) => {
    const { key, path, args, id } = (event as CustomEvent<Call>).detail
    try {
      const method = path.reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], exposed.get(key))
      const value = (method as (...args: readonly unknown[]) => unknown)(...args)
      if (value instanceof Promise) {
        answer({ id, kind: 'promise' })
        value.then(
          (result) => answer({ id, kind: 'value', value: result }),
          (error) => failed(id, error),
        )
      } else answer({ id, kind: 'value', value })
    } catch (error) {
      failed(id, error)
    }
  })

  const contextBridge = {
    exposeInMainWorld: (key: string, api: unknown) => {
      exposed.set(key, api)
      world.dispatchEvent(new CustomEvent('desktop-stand-in-expose', { detail: { key, outline: outlineOf(api, []) } }))
    },
  }
  return { ipcRenderer: ipcRenderer as unknown as Pick<IpcRenderer, 'invoke' | 'send' | 'on'>, contextBridge }
}

/** For the main world of every frame; only a top frame has a preload, so elsewhere it does nothing. */
export const mainWorldScript = (): string => `if (globalThis.parent === globalThis) (${mainWorld})()`

/** For the preload's world: the preload's own text, unchanged, between a `require` and a `process` as the sandbox has them. */
export const preloadWorldScript = (preload: string, process: unknown): string => `
if (globalThis.parent === globalThis) {
  const toWire = ${toWire}
  const fromWire = ${fromWire}
  const electron = (${preloadElectron})(toWire, fromWire, globalThis.${bindingName}, '${receiverName}')
  const require = (name) => {
    if (name !== 'electron') throw new Error('module not found: ' + name)
    return electron
  }
  ;((require, module, exports, process) => {
${preload}
  })(require, { exports: {} }, {}, ${JSON.stringify(process)})
}`
