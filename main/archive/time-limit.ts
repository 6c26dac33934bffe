// Runs something that may never end, a person's regular expression, for a limited time: V8 looks at the limit also in the
// middle of a match. Counterparts: filter.ts and memory-filter.ts, which run them.
import { createContext, Script } from 'node:vm'

/** It ran for longer than it may. */
export class TookTooLong extends Error {}

interface Sandbox {
  run: () => void
}
const sandbox: Sandbox = { run: () => undefined }
const script = new Script('run()')

/** Runs `work` in this thread for `limitMs` at most. Throws `TookTooLong` where it has not ended by then. */
export const runAtMost = <T>(limitMs: number, work: () => T): T => {
  let result: { readonly value: T } | null = null
  sandbox.run = () => {
    result = { value: work() }
  }
  try {
    script.runInContext(createContext(sandbox), { timeout: limitMs })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw new TookTooLong()
    throw error
  }
  return result!.value
}
