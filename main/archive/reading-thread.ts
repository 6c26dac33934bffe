// The archive's reading thread as its host has it: started when it is first asked, and again where it has died.
// Counterparts: thread.ts and reader.ts (the other side), archive-host.ts (which asks).
import { Worker } from 'node:worker_threads'
import { fail, type Result } from '../../preload/contract/failure.ts'
import type { ArchiveThreadData, FromReader, ReaderQuestionName, ReaderQuestions } from './messages.ts'
import { createQuestions, execArgv, threadUrl } from './thread-link.ts'

/** How long a thread may take to leave a search that was cancelled before it is ended, in ms. */
const stuckMs = 3000

export interface ReadingThread {
  /** Never rejects: a thread that has died answers `archive-stopped`. */
  ask<K extends ReaderQuestionName>(
    name: K,
    args: ReaderQuestions[K]['args'],
  ): Promise<Result<ReaderQuestions[K]['value']>>
  /** Closes all files and ends the thread. */
  dispose(): Promise<void>
}

export const createReadingThread = (): ReadingThread => {
  const questions = createQuestions()
  let worker: Worker | null = null
  let disposed = false

  /** Ends a thread that does not come back from a search: a regular expression may take for ever. */
  const endIfStuck = (thread: Worker, answered: Promise<unknown>) => {
    const timer = setTimeout(() => void thread.terminate(), stuckMs)
    void answered.then(() => clearTimeout(timer))
  }

  const start = (): Worker => {
    const thread = new Worker(threadUrl, {
      name: 'wireloop-archive-reader',
      workerData: { role: 'reader' } satisfies ArchiveThreadData,
      execArgv,
    })
    let why = 'The archive thread has ended'
    thread.on('message', ({ id, result }: FromReader) => questions.answer(id, result))
    thread.on('error', (error) => {
      why = `The archive thread failed: ${error instanceof Error ? error.message : String(error)}`
    })
    thread.once('exit', () => {
      if (worker === thread) worker = null
      questions.fail(why)
    })
    return thread
  }

  return {
    ask(name, args) {
      if (disposed) return Promise.resolve(fail('archive-stopped', 'Wireloop is quitting'))
      worker ??= start()
      const thread = worker
      const answered = questions.ask<never>((id) => thread.postMessage({ id, name, args }))
      if (name === 'read' && (args as ReaderQuestions['read']['args']).name === 'cancelSearch')
        endIfStuck(thread, answered)
      return answered
    },
    async dispose() {
      disposed = true
      const thread = worker
      if (thread === null) return
      const exited = new Promise((done) => thread.once('exit', done))
      thread.postMessage({ name: 'stop' })
      endIfStuck(thread, exited)
      await exited
    },
  }
}
