// Holds code that is not ours to a bound of memory, from within its own thread. V8's own bound on a thread is no help: past
// it, V8 of Node 24 ends the whole process, or never comes to end the thread. So the marks that stand in the code look by
// themselves. Counterparts: ../scripts/thread.ts and lessons/marks.ts (look), ../lesson-host.ts and scripts/script-runner.ts
// (whose bound on the thread is a multiple of this one).
import v8 from 'node:v8'
import { Script } from 'node:vm'

/** V8's bound on the heap of a thread, as a multiple of ours: room for one step that takes much at once. */
export const heapReserve = 4
/** Garbage that may gather between two collections for our sake. */
const garbageBytes = 32 * 1024 * 1024

const collectGarbage = (): (() => void) => {
  v8.setFlagsFromString('--expose-gc')
  return new Script('gc').runInNewContext() as () => void
}

/**
 * A look at the thread's memory, about 2 µs: true where it has taken more than `limitBytes` of the JavaScript heap, or
 * outside of it (buffers), beyond what it had when this was called.
 */
export const createMemoryLook = (limitBytes: number): (() => boolean) => {
  let collect: (() => void) | null = null
  const before = v8.getHeapStatistics()
  const heapLimit = before.used_heap_size + limitBytes
  const externalLimit = before.external_memory + limitBytes
  let lookAgainAt = heapLimit
  return () => {
    const { used_heap_size: used, external_memory: external } = v8.getHeapStatistics()
    if (used <= lookAgainAt && external <= externalLimit) return false
    // What nobody uses any more is not held against it.
    collect ??= collectGarbage()
    collect()
    const left = v8.getHeapStatistics()
    lookAgainAt = Math.max(heapLimit, left.used_heap_size + garbageBytes)
    return left.used_heap_size > heapLimit || left.external_memory > externalLimit
  }
}
