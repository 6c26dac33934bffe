// Task: what drives a coroutine, how it waits, and how it is cancelled, as asyncio.Task. Counterpart: main/engine/loop/task.ts.
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { CancelledError, RuntimeError } from '../../../main/engine/loop/errors.ts'
import type { EventLoop } from '../../../main/engine/loop/event-loop.ts'
import type { Coroutine, Task } from '../../../main/engine/loop/task.ts'
import { idleLoop, runningLoop, turns, until } from '../../support/loopback.ts'

type Steps<T = unknown> = Generator<unknown, T, never>

const ended = <T>(task: Task<T>) =>
  until(
    () => task.done(),
    () => 'the task to end',
  )

describe('A generator coroutine', () => {
  it('does nothing until it is a task and the loop has turned', async () => {
    const { loop } = runningLoop()
    const ran: string[] = []
    // biome-ignore lint/correctness/useYield: a coroutine that does not wait
    function* coroutine(): Steps<string> {
      ran.push('started')
      return 'done'
    }
    coroutine()
    await turns()
    expect(ran).toEqual([])
    const task = loop.createTask(coroutine(), { name: 'greeter' })
    expect(task.getName()).toBe('greeter')
    expect({ ran: [...ran], done: task.done() }).toEqual({ ran: [], done: false })
    expect(await task).toBe('done')
    expect(ran).toEqual(['started'])
  })

  it('gets the results of the futures, tasks and promises it yields', async () => {
    const { loop } = runningLoop()
    function* inner(): Steps<string> {
      yield loop.sleep(1)
      return 'of a task'
    }
    function* coroutine(): Generator<unknown, unknown[], string> {
      const future = loop.createFuture<string>()
      loop.callSoon(() => future.setResult('of a future'))
      return [yield future, yield loop.createTask(inner()), yield Promise.resolve('of a promise')]
    }
    expect(await loop.createTask(coroutine() as Coroutine<unknown[]>)).toEqual([
      'of a future',
      'of a task',
      'of a promise',
    ])
  })

  it('delegates to another with yield*', async () => {
    const { loop } = runningLoop()
    function* inner(): Steps<number> {
      yield loop.sleep(1)
      return 20
    }
    function* coroutine(): Steps<number> {
      return (yield* inner()) + (yield* inner())
    }
    expect(await loop.createTask(coroutine())).toBe(40)
  })

  it.each<[string, (loop: EventLoop) => unknown]>([
    [
      'future',
      (loop) => {
        const future = loop.createFuture()
        loop.callSoon(() => future.setException(new Error('boom')))
        return future
      },
    ],
    ['promise', () => Promise.reject(new Error('boom'))],
    [
      'task',
      (loop) =>
        loop.createTask(async () => {
          throw new Error('boom')
        }),
    ],
  ])('gets the exception of a %s it yields, and may catch it', async (_kind, failing) => {
    const { loop } = runningLoop()
    function* catching(): Steps<string> {
      try {
        yield failing(loop)
      } catch (error) {
        return `caught ${(error as Error).message}`
      }
      return 'nothing was thrown'
    }
    function* letting(): Steps<string> {
      yield failing(loop)
      return 'nothing was thrown'
    }
    expect(await loop.createTask(catching())).toBe('caught boom')
    await expect(loop.createTask(letting())).rejects.toThrow('boom')
  })

  it('gives the others a turn with a bare yield', async () => {
    const { loop } = runningLoop()
    const ran: string[] = []
    function* coroutine(name: string): Steps<void> {
      for (let i = 0; i < 3; i++) {
        ran.push(`${name}${i}`)
        yield
      }
    }
    const tasks = ['a', 'b'].map((name) => loop.createTask(coroutine(name)))
    await Promise.all(tasks)
    expect(ran).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2'])
  })

  it('is told of a yield that nothing can be waited for in', async () => {
    const { loop } = runningLoop()
    function* coroutine(awaited: unknown): Steps<void> {
      yield awaited
    }
    await expect(loop.createTask(coroutine(5))).rejects.toThrow(RuntimeError)
    await expect(loop.createTask(coroutine(5))).rejects.toThrow('Task got bad yield: 5')
    await expect(loop.createTask(coroutine(Object.create(null)))).rejects.toThrow(/Task got bad yield/)
    await expect(loop.createTask(coroutine(coroutine(1)))).rejects.toThrow(/Task got bad yield/)
    function* recovering(): Steps<string> {
      try {
        yield 'a string'
      } catch {
        return 'recovered'
      }
      return 'nothing was thrown'
    }
    expect(await loop.createTask(recovering())).toBe('recovered')
  })

  it('cannot wait for itself', async () => {
    const { loop } = runningLoop()
    function* coroutine(): Steps<void> {
      yield task
    }
    const task: Task<void> = loop.createTask(coroutine())
    await expect(task).rejects.toThrow('Task cannot await on itself')
  })

  it('does not go on while the loop is not running, whatever it waits for', async () => {
    const { loop } = idleLoop()
    const ran: string[] = []
    function* coroutine(): Steps<void> {
      ran.push('first')
      loop.stop()
      yield Promise.resolve()
      ran.push('second')
    }
    const task = loop.createTask(coroutine())
    await loop.runForever()
    await turns()
    expect(ran).toEqual(['first'])
    await loop.runUntilComplete(task)
    expect(ran).toEqual(['first', 'second'])
  })

  it('is left where it stands when the loop is closed', async () => {
    const { loop } = idleLoop()
    let release: (value: string) => void = () => {}
    let went = false
    function* coroutine(): Steps<void> {
      yield new Promise((resolve) => {
        release = resolve
      })
      went = true
    }
    const task = loop.createTask(coroutine())
    task.addDoneCallback(() => {})
    loop.callLater(5, () => loop.stop())
    await loop.runForever()
    loop.close()
    release('too late')
    await turns()
    expect({ went, done: task.done() }).toEqual({ went: false, done: false })
  })

  it('that throws what is no Error fails with one', async () => {
    const { loop } = runningLoop()
    // biome-ignore lint/correctness/useYield: a coroutine that fails before it waits
    function* coroutine(): Steps<void> {
      throw 'a string'
    }
    await expect(loop.createTask(coroutine())).rejects.toThrow('a string')
  })
})

describe('Cancelling a generator coroutine', () => {
  /** Waits for `awaited`, and notes how that ended. */
  const waiting = (loop: EventLoop, awaited: () => unknown, notes: string[]) =>
    loop.createTask(
      (function* (): Steps<string> {
        notes.push('waits')
        try {
          yield awaited()
          notes.push('went on')
        } catch (error) {
          notes.push(`${(error as Error).name}: ${(error as Error).message}`)
          throw error
        } finally {
          notes.push('cleaned up')
        }
        return 'done'
      })(),
    )

  const waits: Record<string, (loop: EventLoop) => unknown> = {
    future: (loop) => loop.createFuture(),
    sleep: (loop) => loop.sleep(60_000),
    task: (loop) => loop.createTask(async (signal) => delay(60_000, undefined, { signal })),
    'promise that never settles': () => new Promise(() => {}),
    'bare yield': () => undefined,
  }

  it.each(Object.keys(waits))('that waits for a %s throws CancelledError into it', async (kind) => {
    const { loop } = runningLoop()
    const notes: string[] = []
    let waits_ = 0
    const task = waiting(
      loop,
      () => {
        waits_++
        return waits[kind]!(loop)
      },
      notes,
    )
    // In the very turn in which it has begun to wait.
    loop.callSoon(() => {
      expect(waits_).toBe(1)
      expect(task.cancel('enough')).toBe(true)
      expect(task.cancelling()).toBe(1)
      expect(task.done()).toBe(false)
    })
    await expect(task).rejects.toThrow(CancelledError)
    expect(task.cancelled()).toBe(true)
    expect(() => task.exception()).toThrow(CancelledError)
    expect(notes).toEqual(['waits', kind === 'task' ? notes[1] : 'CancelledError: enough', 'cleaned up'])
    expect(task.cancel()).toBe(false)
  })

  it('that has not begun never lets it begin', async () => {
    const { loop } = runningLoop()
    const notes: string[] = []
    const task = waiting(loop, () => undefined, notes)
    task.cancel('not even once')
    await expect(task).rejects.toThrow('not even once')
    expect({ notes, cancelled: task.cancelled() }).toEqual({ notes: [], cancelled: true })
  })

  it.each(['future', 'promise that never settles', 'bare yield'])(
    'by itself, while it runs, takes effect at its next wait, for a %s',
    async (kind) => {
      const { loop } = runningLoop()
      const notes: string[] = []
      const task: Task<string> = waiting(
        loop,
        () => {
          task.cancel('by myself')
          return waits[kind]!(loop)
        },
        notes,
      )
      await expect(task).rejects.toThrow('by myself')
      expect(notes).toEqual(['waits', 'CancelledError: by myself', 'cleaned up'])
    },
  )

  it('by itself just before it returns cancels it all the same', async () => {
    const { loop } = runningLoop()
    // biome-ignore lint/correctness/useYield: a coroutine that does not wait
    function* coroutine(): Steps<string> {
      task.cancel()
      return 'done'
    }
    const task: Task<string> = loop.createTask(coroutine())
    await expect(task).rejects.toThrow(CancelledError)
    expect(task.cancelled()).toBe(true)
  })

  it.each(['future', 'promise that never settles'])('that waits for a %s, twice, throws once', async (kind) => {
    const { loop } = runningLoop()
    const caught: string[] = []
    function* coroutine(): Steps<string> {
      try {
        yield waits[kind]!(loop)
      } catch (error) {
        caught.push((error as Error).message)
      }
      yield loop.sleep(1)
      return 'went on'
    }
    const task = loop.createTask(coroutine())
    await turns(2)
    task.cancel('first')
    task.cancel('second')
    expect(task.cancelling()).toBe(2)
    expect(await task).toBe('went on')
    expect(caught.length).toBe(1)
  })

  it('can be caught: the coroutine goes on, and its result counts', async () => {
    const { loop } = runningLoop()
    function* coroutine(): Steps<string> {
      try {
        yield loop.createFuture()
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error
      }
      yield loop.sleep(1)
      return 'finished my work'
    }
    const task = loop.createTask(coroutine())
    await turns(2)
    expect(task.cancel()).toBe(true)
    expect(await task).toBe('finished my work')
    expect({ cancelled: task.cancelled(), cancelling: task.cancelling() }).toEqual({ cancelled: false, cancelling: 1 })
  })

  it('can be answered with another exception', async () => {
    const { loop } = runningLoop()
    function* coroutine(): Steps<void> {
      try {
        yield loop.createFuture()
      } catch {
        throw new Error('cleaning up failed')
      }
    }
    const task = loop.createTask(coroutine())
    await turns(2)
    task.cancel()
    await expect(task).rejects.toThrow('cleaning up failed')
    expect(task.cancelled()).toBe(false)
  })

  it('cancels the task it waits for, and goes on with its result where that one catches it', async () => {
    const { loop } = runningLoop()
    function* stubborn(): Steps<string> {
      try {
        yield loop.createFuture()
      } catch {
        return 'I had to finish'
      }
      return 'never'
    }
    const inner = loop.createTask(stubborn())
    function* outer(): Steps<string> {
      return (yield inner) as string
    }
    const task = loop.createTask(outer())
    await turns(2)
    task.cancel()
    expect(await task).toBe('I had to finish')
    expect(inner.cancelled()).toBe(false)
  })

  it('when what it waits for is done, but it has not been told yet, cancels it', async () => {
    const { loop } = runningLoop()
    const notes: string[] = []
    const future = loop.createFuture<string>()
    const task = waiting(loop, () => future, notes)
    await turns(2)
    future.setResult('ready')
    task.cancel('at the last moment')
    await expect(task).rejects.toThrow('at the last moment')
    expect(notes).toEqual(['waits', 'CancelledError: at the last moment', 'cleaned up'])
  })

  it('does not touch it when a promise that it no longer waits for settles', async () => {
    const { loop } = runningLoop()
    let release: (value: string) => void = () => {}
    const got: unknown[] = []
    function* coroutine(): Generator<unknown, void, unknown> {
      try {
        yield new Promise((resolve) => {
          release = resolve
        })
      } catch {
        got.push('cancelled')
      }
      got.push(yield loop.sleep(5))
    }
    const task = loop.createTask(coroutine() as Coroutine<void>)
    await turns(2)
    task.cancel()
    await turns(2)
    release('late')
    await task
    expect(got).toEqual(['cancelled', undefined])
  })
})

describe('An async function as a coroutine', () => {
  it('is called in the next iteration, not before', async () => {
    const { loop } = runningLoop()
    const ran: string[] = []
    const task = loop.createTask(async () => {
      ran.push('started')
      return 'done'
    })
    expect(ran).toEqual([])
    expect(await task).toBe('done')
  })

  it('fails with what it throws, also before its first await', async () => {
    const { loop } = runningLoop()
    await expect(
      loop.createTask(async () => {
        throw new Error('boom')
      }),
    ).rejects.toThrow('boom')
    await expect(
      loop.createTask((): Promise<void> => {
        throw new Error('not even async')
      }),
    ).rejects.toThrow('not even async')
  })

  it('is cancelled when it lets the reason of its signal out', async () => {
    const { loop } = runningLoop()
    const task = loop.createTask(
      (signal) =>
        new Promise<void>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    )
    await turns(2)
    expect(task.cancel('enough')).toBe(true)
    await expect(task).rejects.toThrow('enough')
    expect(task.cancelled()).toBe(true)
  })

  it('is cancelled when one of Node’s own functions gives up for its signal', async () => {
    const { loop } = runningLoop()
    const task = loop.createTask((signal) => delay(60_000, 'slept', { signal }))
    await turns(2)
    task.cancel('enough')
    await expect(task).rejects.toThrow(CancelledError)
    expect(task.cancelled()).toBe(true)
  })

  it('never begins where it was cancelled first', async () => {
    const { loop } = runningLoop()
    let began = false
    const task = loop.createTask(async () => {
      began = true
    })
    task.cancel('not even once')
    await expect(task).rejects.toThrow('not even once')
    expect({ began, cancelled: task.cancelled() }).toEqual({ began: false, cancelled: true })
  })

  it('that ignores its signal keeps its result', async () => {
    const { loop } = runningLoop()
    const future = loop.createFuture<string>()
    const task = loop.createTask(async () => future)
    await turns(2)
    expect(task.cancel()).toBe(true)
    expect(task.cancel()).toBe(true)
    expect(task.cancelling()).toBe(2)
    future.setResult('finished')
    expect(await task).toBe('finished')
  })

  it('that ends when the loop is closed does no harm', async () => {
    const { loop } = idleLoop()
    let release: (value: string) => void = () => {}
    const task = loop.createTask(
      () =>
        new Promise((resolve) => {
          release = resolve
        }),
    )
    task.addDoneCallback(() => {})
    loop.callLater(5, () => loop.stop())
    await loop.runForever()
    loop.close()
    release('too late')
    await turns()
    expect(task.done()).toBe(false)
  })
})

describe('A task', () => {
  it('does not let its result be set from outside', async () => {
    const { loop } = runningLoop()
    const task = loop.createTask(async () => 'mine')
    expect(() => task.setResult()).toThrow('Task does not support setResult operation')
    expect(() => task.setException()).toThrow('Task does not support setException operation')
    expect(await task).toBe('mine')
  })

  it('refuses what is no coroutine, with a TypeError that says what would be', () => {
    const { loop } = runningLoop()
    for (const wrong of [undefined, null, 5, {}, Promise.resolve()])
      expect(() => loop.createTask(wrong as never)).toThrow(
        /^A coroutine was expected: a generator object, or an async/,
      )
  })

  it('is a future: done callbacks, and several that wait for it', async () => {
    const { loop } = runningLoop()
    const task = loop.createTask(async () => 7)
    const told: unknown[] = []
    task.addDoneCallback((done) => told.push(done.result()))
    expect(await Promise.all([task, task])).toEqual([7, 7])
    await ended(task)
    expect(told).toEqual([7])
  })
})
