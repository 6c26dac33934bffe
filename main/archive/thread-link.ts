// What both of the archive's threads have in common on the host's side: where their code is, and questions by number.
// Counterparts: thread.ts; writing-thread.ts and reading-thread.ts, which start one each.
import { fail, type Result } from '../../preload/contract/failure.ts'

// Run from the sources (Node strips the types), the thread is a .ts file; built, a bundle beside the chunks.
export const threadUrl = import.meta.url.endsWith('.ts')
  ? new URL('./thread.ts', import.meta.url)
  : new URL(import.meta.url.includes('/chunks/') ? '../archive.js' : './archive.js', import.meta.url)

/** Node 22 warns that its SQLite is new; the person at the terminal can do nothing about it. */
export const execArgv = ['--disable-warning=ExperimentalWarning']

/** Asks a thread, and answers for one that has died. */
export const createQuestions = () => {
  const waiting = new Map<number, (result: Result<never>) => void>()
  let lastId = 0
  return {
    ask: <V>(post: (id: number) => void): Promise<Result<V>> =>
      new Promise((resolve) => {
        const id = ++lastId
        waiting.set(id, resolve as (result: Result<never>) => void)
        post(id)
      }),
    answer(id: number, result: Result<unknown>): void {
      waiting.get(id)?.(result as Result<never>)
      waiting.delete(id)
    },
    fail(message: string): void {
      for (const answer of waiting.values()) answer(fail('archive-stopped', message))
      waiting.clear()
    },
  }
}
