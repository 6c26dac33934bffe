// The chunks of one relay that wait for a person, as the sheet shows them: what is held now, which one is selected, what was
// typed into it, and what was dropped and may still be brought back. Asks the engine when it is told that something has
// changed, never by a clock. Counterparts: queue.tsx draws it, release-plan.ts orders what goes, main/engine holds them.
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { CommandMethods } from '../../preload/contract/api.ts'
import type { Failure } from '../../preload/contract/failure.ts'
import type { HeldChunk } from '../../preload/contract/faults.ts'
import type { EndpointId } from '../../preload/contract/vocabulary.ts'
import { type EditMode, editTextOf, parseEdited, sameBytes } from './edit-text.ts'
import { type Release, releaseAll } from './release-plan.ts'

/** Chunks that are listed at most, the oldest; the others are counted. They come whole: large ones are listed in smaller numbers. */
export const mostListed = 200
const leastListed = 8
const firstListed = 50
/** What the listed ones have together, about, bytes. */
const listedBytes = 8 * 1024 * 1024

/** How many chunks to ask for, where so many of so many bytes are held. */
export const listLimit = (count: number, bytes: number): number =>
  Math.max(leastListed, Math.min(mostListed, Math.floor((listedBytes * count) / Math.max(1, bytes))))
/** How long a dropped chunk can be brought back, ms. */
export const undoMs = 5000

/** What a person has made of a chunk so far. */
export interface Edit {
  readonly mode: EditMode
  readonly text: string
}

export interface HeldState {
  /** False until the engine has answered once. */
  readonly known: boolean
  /** In the order of arrival. */
  readonly chunks: readonly HeldChunk[]
  /** All that are held, listed or not. */
  readonly count: number
  readonly bytes: number
  readonly selected: number | null
  /** The selected chunk's editor is open. */
  readonly editing: boolean
  readonly edits: ReadonlyMap<number, Edit>
  /** Thrown away as soon as they can no longer be brought back. */
  readonly dropped: ReadonlySet<number>
  /** Why the last command was refused. */
  readonly failure: Failure | null
}

export interface HeldQueue {
  readonly store: StoreApi<HeldState>
  /** Asks what is held now; while an answer is on its way, once more after it. */
  refresh(): void
  select(id: number): void
  /** Selects the one after or before; stays at the ends. */
  step(by: 1 | -1): void
  /** Opens the selected chunk's editor, or closes it and keeps what was typed. */
  setEditing(on: boolean): void
  type(id: number, text: string): void
  setMode(id: number, mode: EditMode): void
  /** Forgets what was typed into a chunk. */
  revert(id: number): void
  /** Lets a chunk go, as it was edited. Nothing happens where what was typed stands for no bytes. */
  forward(id: number): Promise<void>
  forwardAll(): Promise<void>
  /** Throws a chunk away in `undoMs`. */
  drop(id: number): void
  /** Brings back the chunk, or the one dropped last. */
  undo(id?: number): void
  /** Throws away what was dropped, and lets go of the engine; held chunks stay held. */
  dispose(): void
}

export type HeldCommands = Pick<CommandMethods, 'heldChunks' | 'forwardHeld' | 'dropHeld'>

/** The bytes that a chunk goes on with; null where what was typed stands for none. */
export const editedBytes = (edit: Edit): Uint8Array | null => {
  const parsed = parseEdited(edit.text, edit.mode)
  return parsed.ok ? parsed.bytes : null
}

/** What was typed into held chunks, by relay: it outlives the sheet, as the chunks do. */
export type KeptEdits = Map<EndpointId, ReadonlyMap<number, Edit>>

/** `kept`: where what was typed is found again, and left behind. `dropAfterMs`: how long a drop can be taken back. */
export const createHeldQueue = (
  commands: HeldCommands,
  endpoint: EndpointId,
  kept: KeptEdits = new Map(),
  dropAfterMs: number = undoMs,
): HeldQueue => {
  const store = createStore<HeldState>()(() => ({
    known: false,
    chunks: [],
    count: 0,
    bytes: 0,
    selected: null,
    editing: false,
    edits: kept.get(endpoint) ?? new Map(),
    dropped: new Set(),
    failure: null,
  }))
  const timers = new Map<number, ReturnType<typeof setTimeout>>()
  let asking = false
  let askAgain = false
  let disposed = false

  /** How many chunks to ask for: all of those that something was decided on are among them. */
  const limitFor = ({ chunks, count, bytes, edits, dropped }: HeldState): number => {
    const usual = count === 0 ? firstListed : listLimit(count, bytes)
    const last = chunks.at(-1)?.id ?? 0
    if ([...edits.keys(), ...dropped].some((id) => id > last)) return mostListed
    return Math.max(usual, chunks.findLastIndex(({ id }) => edits.has(id) || dropped.has(id)) + 1)
  }

  /**
   * The state without the chunks that are gone; what stood on one of them goes to the next one. `count`: how many are held;
   * where these are more than are listed, what comes after the last one listed is not gone.
   */
  const settle = (state: HeldState, chunks: readonly HeldChunk[], count: number): Partial<HeldState> => {
    const ids = new Set(chunks.map(({ id }) => id))
    const last = count > chunks.length ? (chunks.at(-1)?.id ?? 0) : Number.POSITIVE_INFINITY
    const isHeld = (id: number) => ids.has(id) || id > last
    const stays = state.selected !== null && ids.has(state.selected)
    const place = state.chunks.findIndex(({ id }) => id === state.selected)
    const next = stays ? state.selected : nextOf(state, chunks, place)
    return {
      chunks,
      selected: next,
      editing: state.editing && stays,
      count,
      edits: new Map([...state.edits].filter(([id]) => isHeld(id))),
      dropped: new Set([...state.dropped].filter(isHeld)),
    }
  }

  const nextOf = (state: HeldState, chunks: readonly HeldChunk[], place: number): number | null => {
    const ids = new Set(chunks.map(({ id }) => id))
    const after = state.chunks.slice(Math.max(0, place)).find(({ id }) => ids.has(id))
    return (after ?? chunks.at(place < 0 ? 0 : -1))?.id ?? null
  }

  const forget = (gone: (id: number) => boolean) =>
    store.setState((state) => {
      const chunks = state.chunks.filter(({ id }) => !gone(id))
      return settle(state, chunks, state.count - (state.chunks.length - chunks.length))
    })

  const ask = async () => {
    asking = true
    askAgain = false
    const limit = limitFor(store.getState())
    const held = await commands.heldChunks({ endpoint, limit })
    asking = false
    if (disposed) return
    if (held.ok) {
      const { chunks, count, bytes } = held.value
      store.setState((state) => ({ ...settle(state, chunks, count), known: true, bytes }))
      const now = store.getState()
      if (count > chunks.length && limitFor(now) > limit) askAgain = true
      for (const id of timers.keys()) if (!now.dropped.has(id)) cancel(id)
    } else store.setState({ known: true, failure: held.failure })
    if (askAgain) void ask()
  }
  const refresh = () => {
    if (asking) askAgain = true
    else void ask()
  }

  const cancel = (id: number) => {
    clearTimeout(timers.get(id))
    timers.delete(id)
  }

  const run = async (release: Release): Promise<boolean> => {
    const done =
      release.kind === 'drop'
        ? await commands.dropHeld({ endpoint, chunks: release.chunks })
        : await commands.forwardHeld({
            endpoint,
            chunks: release.chunks,
            ...(release.data === undefined ? {} : { data: release.data }),
          })
    if (disposed) return done.ok
    store.setState({ failure: done.ok ? null : done.failure })
    if (done.ok) {
      const { chunks } = release
      forget((id) => chunks === null || chunks.includes(id))
    }
    return done.ok
  }

  const throwAway = async (id: number) => {
    cancel(id)
    await run({ kind: 'drop', chunks: [id] })
    if (!disposed) refresh()
  }

  /** The bytes of a chunk where they are others than its own; null where what was typed cannot be sent. */
  const changedBytes = (chunk: HeldChunk): Uint8Array | 'same' | null => {
    const edit = store.getState().edits.get(chunk.id)
    if (edit === undefined) return 'same'
    const bytes = editedBytes(edit)
    return bytes !== null && sameBytes(bytes, chunk.data) ? 'same' : bytes
  }

  /** Shows a chunk whose text must be mended first. */
  const showProblem = (id: number) => store.setState({ selected: id, editing: true })

  const select = (id: number) =>
    store.setState((state) => (state.selected === id ? state : { selected: id, editing: false }))

  return {
    store,
    refresh,
    select,
    step(by) {
      const { chunks, selected } = store.getState()
      const place = chunks.findIndex(({ id }) => id === selected)
      const next = chunks[place < 0 ? 0 : Math.max(0, Math.min(chunks.length - 1, place + by))]
      if (next !== undefined) select(next.id)
    },
    setEditing(on) {
      store.setState((state) => {
        const chunk = state.chunks.find(({ id }) => id === state.selected)
        if (chunk === undefined || state.editing === on || (on && state.dropped.has(chunk.id))) return state
        const edits = new Map(state.edits)
        if (on && !edits.has(chunk.id)) edits.set(chunk.id, { mode: 'text', text: editTextOf(chunk.data, 'text') })
        // What says the same as before is no edit.
        else if (!on && changedBytes(chunk) === 'same') edits.delete(chunk.id)
        return { edits, editing: on }
      })
    },
    type: (id, text) =>
      store.setState((state) => {
        const edit = state.edits.get(id)
        return edit === undefined ? state : { edits: new Map(state.edits).set(id, { ...edit, text }) }
      }),
    setMode: (id, mode) =>
      store.setState((state) => {
        const edit = state.edits.get(id)
        const bytes = edit === undefined ? null : editedBytes(edit)
        // What stands for no bytes cannot be written another way; it stays to be mended.
        if (edit === undefined || bytes === null || edit.mode === mode) return state
        return { edits: new Map(state.edits).set(id, { mode, text: editTextOf(bytes, mode) }) }
      }),
    revert: (id) =>
      store.setState((state) => {
        const chunk = state.chunks.find((each) => each.id === id)
        const edit = state.edits.get(id)
        if (chunk === undefined || edit === undefined) return state
        return { edits: new Map(state.edits).set(id, { ...edit, text: editTextOf(chunk.data, edit.mode) }) }
      }),
    async forward(id) {
      const chunk = store.getState().chunks.find((each) => each.id === id)
      if (chunk === undefined || store.getState().dropped.has(id)) return
      const data = changedBytes(chunk)
      if (data === null) showProblem(id)
      else {
        await run({ kind: 'forward', chunks: [id], ...(data === 'same' ? {} : { data }) })
        if (!disposed) refresh()
      }
    },
    async forwardAll() {
      const { chunks, dropped } = store.getState()
      const edited = new Map<number, Uint8Array>()
      for (const chunk of chunks) {
        if (dropped.has(chunk.id)) continue
        const data = changedBytes(chunk)
        if (data === null) {
          showProblem(chunk.id)
          return
        }
        if (data !== 'same') edited.set(chunk.id, data)
      }
      for (const id of [...timers.keys()]) cancel(id)
      const ids = chunks.map(({ id }) => id)
      for (const release of releaseAll(ids, edited, dropped)) if (!(await run(release))) break
      if (!disposed) refresh()
    },
    drop(id) {
      const { chunks, dropped } = store.getState()
      if (dropped.has(id) || !chunks.some((chunk) => chunk.id === id)) return
      timers.set(
        id,
        setTimeout(() => void throwAway(id), dropAfterMs),
      )
      store.setState((state) => {
        const now = new Set(state.dropped).add(id)
        const place = state.chunks.findIndex((chunk) => chunk.id === id)
        const next = state.chunks.slice(place + 1).find((chunk) => !now.has(chunk.id))
        return { dropped: now, editing: false, selected: next?.id ?? id }
      })
    },
    undo(id) {
      const chosen = id ?? [...timers.keys()].at(-1)
      if (chosen === undefined) return
      cancel(chosen)
      store.setState((state) => {
        const dropped = new Set(state.dropped)
        dropped.delete(chosen)
        return { dropped, selected: chosen, editing: false }
      })
    },
    dispose() {
      disposed = true
      const { known, edits } = store.getState()
      if (known && edits.size === 0) kept.delete(endpoint)
      else if (edits.size > 0) kept.set(endpoint, edits)
      const chunks = [...timers.keys()]
      for (const id of chunks) cancel(id)
      if (chunks.length > 0) void commands.dropHeld({ endpoint, chunks })
    },
  }
}
