// The event loop's promises: callSoon, callLater, stop, runForever, runUntilComplete, close, and asyncio's errors for misuse.
// Counterpart: main/engine/loop/event-loop.ts. (Connections are in connections.test.ts, the executor in executor.test.ts.)
import { performance } from 'node:perf_hooks'
import { describe, expect, it, vi } from 'vitest'
import { RuntimeError } from '../../../main/engine/loop/errors.ts'
import { EventLoop } from '../../../main/engine/loop/event-loop.ts'
import { idleLoop, runningLoop, turns, until } from '../../support/loopback.ts'

const iteration = () => performance.nodeTiming.uvMetricsInfo.loopCount

describe('callSoon', () => {
  it('runs callbacks in the order in which they were given, with their arguments, and never at once', async () => {
    const { loop } = runningLoop()
    const ran: unknown[] = []
    loop.callSoon((...args) => ran.push(args), 1, 'two')
    loop.callSoon(() => ran.push('second'))
    loop.callSoon(() => ran.push('third'))
    expect(ran).toEqual([])
    await turns(2)
    expect(ran).toEqual([[1, 'two'], 'second', 'third'])
  })

  it('runs what a callback schedules in the next iteration, after the whole batch', async () => {
    const { loop } = runningLoop()
    const ran: [string, number][] = []
    const note = (name: string) => ran.push([name, iteration()])
    loop.callSoon(() => {
      note('first')
      loop.callSoon(note, 'scheduled by first')
    })
    loop.callSoon(note, 'second')
    await turns(4)
    expect(ran.map(([name]) => name)).toEqual(['first', 'second', 'scheduled by first'])
    const [first, second, scheduled] = ran.map(([, at]) => at)
    expect(second).toBe(first)
    expect(scheduled).toBe(first! + 1)
  })

  it('lets a callback that goes on scheduling itself starve nobody', async () => {
    const { loop } = runningLoop()
    let going = true
    const again = () => {
      if (going) loop.callSoon(again)
    }
    again()
    await loop.sleep(5)
    await turns()
    going = false
  })

  it('keeps callbacks in order until the loop runs', async () => {
    const { loop } = idleLoop()
    const ran: number[] = []
    for (let i = 0; i < 3; i++) loop.callSoon(() => ran.push(i))
    await turns()
    expect(ran).toEqual([])
    loop.callSoon(() => loop.stop())
    await loop.runForever()
    expect(ran).toEqual([0, 1, 2])
  })

  it('does not run a callback that was cancelled, also by one of the same batch', async () => {
    const { loop } = runningLoop()
    const ran: string[] = []
    const first = loop.callSoon(() => ran.push('first'))
    expect(first.cancelled()).toBe(false)
    first.cancel()
    expect(first.cancelled()).toBe(true)
    loop.callSoon(() => third.cancel())
    const third = loop.callSoon(() => ran.push('third'))
    loop.callSoon(() => ran.push('fourth'))
    await turns(2)
    expect(ran).toEqual(['fourth'])
    first.cancel()
  })

  it('reports what a callback throws and goes on with the next', async () => {
    const { loop, reported } = runningLoop()
    const ran: string[] = []
    loop.callSoon(() => {
      throw new Error('boom')
    })
    loop.callSoon(() => ran.push('next'))
    loop.callSoon(() => {
      throw 'no Error'
    })
    await turns(2)
    expect(ran).toEqual(['next'])
    expect(reported.map(({ message, exception }) => [message, exception.message])).toEqual([
      ['Exception in callback', 'boom'],
      ['Exception in callback', 'no Error'],
    ])
  })
})

describe('callLater and callAt', () => {
  it('run callbacks when they are due, the earlier before the later', async () => {
    const { loop } = runningLoop()
    const ran: string[] = []
    loop.callLater(60, () => ran.push('later'))
    loop.callAt(loop.time() + 20, (name: string) => ran.push(name), 'sooner')
    loop.callLater(-5, () => ran.push('overdue'))
    const last = loop.callLater(90, () => ran.push('last'))
    await until(
      () => ran.includes('last'),
      () => `the last of ${ran.join()}`,
    )
    expect(ran).toEqual(['overdue', 'sooner', 'later', 'last'])
    expect(loop.time()).toBeGreaterThanOrEqual(Math.floor(last.when()) - 1)
  })

  it('keep the order of two callbacks with the same delay', async () => {
    const { loop } = runningLoop()
    const ran: number[] = []
    for (let i = 0; i < 50; i++) loop.callLater(5, () => ran.push(i))
    await until(
      () => ran.length === 50,
      () => 'all timers',
    )
    expect(ran).toEqual(ran.toSorted((a, b) => a - b))
  })

  it('tell when they are due on the clock of the loop', () => {
    const { loop } = idleLoop()
    const before = loop.time()
    const handle = loop.callLater(1000, () => {})
    expect(handle.when()).toBeGreaterThanOrEqual(before + 1000)
    expect(handle.when()).toBeLessThanOrEqual(loop.time() + 1000)
    expect(loop.callAt(4321.5, () => {}).when()).toBe(4321.5)
  })

  it('can be cancelled, and leave no timer behind', async () => {
    const { loop } = runningLoop()
    const ran: string[] = []
    const handle = loop.callLater(1, () => ran.push('cancelled'))
    handle.cancel()
    handle.cancel()
    expect(handle.cancelled()).toBe(true)
    loop.callLater(10, () => ran.push('other'))
    await until(
      () => ran.length > 0,
      () => 'the other timer',
    )
    expect(ran).toEqual(['other'])
  })

  it('wait for the loop where they fall due while it is not running', async () => {
    const { loop } = idleLoop()
    const ran: string[] = []
    loop.callLater(1, () => ran.push('due'))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(ran).toEqual([])
    loop.callLater(20, () => loop.stop())
    await loop.runForever()
    expect(ran).toEqual(['due'])
  })

  it('wait for more than the 24.8 days that a timer of Node can', async () => {
    const warnings: string[] = []
    const onWarning = (warning: Error) => warnings.push(warning.name)
    process.on('warning', onWarning)
    const { loop } = runningLoop()
    const ran: string[] = []
    loop.callLater(2 ** 31, () => ran.push('a month'))
    loop.callLater(Number.POSITIVE_INFINITY, () => ran.push('for ever'))
    await loop.sleep(20)
    process.off('warning', onWarning)
    expect(ran).toEqual([])
    expect(warnings).toEqual([])
  })

  it('report what a callback throws', async () => {
    const { loop, reported } = runningLoop()
    loop.callLater(1, () => {
      throw new Error('boom')
    })
    await until(
      () => reported.length > 0,
      () => 'the report',
    )
    expect(reported[0]).toMatchObject({ message: 'Exception in callback', exception: { message: 'boom' } })
  })
})

describe('sleep', () => {
  it('is done after its delay', async () => {
    const { loop } = idleLoop()
    const sleep = loop.sleep(5)
    expect(sleep.done()).toBe(false)
    expect(await loop.runUntilComplete(sleep)).toBeUndefined()
  })

  it('takes its timer away when it is cancelled', async () => {
    const { loop } = runningLoop()
    const sleep = loop.sleep(60_000)
    sleep.cancel()
    await expect(sleep).rejects.toThrow('cancelled')
    // That no timer is left is for the leak check to see.
  })
})

describe('stop', () => {
  it('ends the loop after the batch; what that schedules waits for the next run', async () => {
    const { loop } = idleLoop()
    const ran: string[] = []
    loop.callSoon(() => {
      loop.stop()
      loop.callSoon(() => ran.push('scheduled in the last batch'))
      ran.push('stopping')
    })
    loop.callSoon(() => ran.push('rest of the batch'))
    await loop.runForever()
    expect(loop.isRunning()).toBe(false)
    expect(ran).toEqual(['stopping', 'rest of the batch'])
    await turns()
    expect(ran).toEqual(['stopping', 'rest of the batch'])
    loop.callSoon(() => loop.stop())
    await loop.runForever()
    expect(ran).toEqual(['stopping', 'rest of the batch', 'scheduled in the last batch'])
  })

  it('before a run lets that run do what was ready, and no more', async () => {
    const { loop } = idleLoop()
    const ran: string[] = []
    loop.callSoon(() => {
      ran.push('ready')
      loop.callSoon(() => ran.push('scheduled by it'))
    })
    loop.stop()
    await loop.runForever()
    expect(ran).toEqual(['ready'])
    loop.stop()
    await loop.runForever()
    expect(ran).toEqual(['ready', 'scheduled by it'])
  })

  it('of a run that has ended does not end the next one early', async () => {
    const { loop } = idleLoop()
    const ran: string[] = []
    loop.callSoon(() => loop.stop())
    await loop.runForever()
    loop.callSoon(() => ran.push('in the second run'))
    loop.stop()
    await loop.runForever()
    expect(ran).toEqual(['in the second run'])
  })

  it('twice is as good as once', async () => {
    const { loop } = idleLoop()
    loop.callSoon(() => {
      loop.stop()
      loop.stop()
    })
    await loop.runForever()
    await turns()
    let turned = false
    loop.callSoon(() => {
      turned = true
    })
    const run = loop.runForever()
    await turns()
    expect({ turned, running: loop.isRunning() }).toEqual({ turned: true, running: true })
    loop.stop()
    await run
  })

  it('in a timer’s callback ends the loop', async () => {
    const { loop } = idleLoop()
    loop.callLater(5, () => loop.stop())
    await loop.runForever()
    expect(loop.isRunning()).toBe(false)
  })

  it('from outside ends the loop', async () => {
    const { loop } = idleLoop()
    const run = loop.runForever()
    setTimeout(() => loop.stop(), 1)
    await run
    expect(loop.isRunning()).toBe(false)
  })
})

describe('runUntilComplete', () => {
  it('gives the result of a future', async () => {
    const { loop } = idleLoop()
    const future = loop.createFuture<number>()
    loop.callSoon(() => future.setResult(42))
    expect(await loop.runUntilComplete(future)).toBe(42)
    expect(loop.isRunning()).toBe(false)
  })

  it('gives the result of a future that is done already', async () => {
    const { loop } = idleLoop()
    const future = loop.createFuture<number>()
    future.setResult(42)
    expect(await loop.runUntilComplete(future)).toBe(42)
  })

  it('gives the result of a promise', async () => {
    const { loop } = idleLoop()
    expect(await loop.runUntilComplete(Promise.resolve('kept'))).toBe('kept')
  })

  it('gives the result of a generator coroutine', async () => {
    const { loop } = idleLoop()
    function* coroutine(): Generator<unknown, string, never> {
      yield loop.sleep(1)
      return 'done'
    }
    expect(await loop.runUntilComplete(coroutine())).toBe('done')
  })

  it('gives the result of an async function', async () => {
    const { loop } = idleLoop()
    const coroutine = async () => {
      await loop.sleep(1)
      return 'done'
    }
    expect(await loop.runUntilComplete(coroutine)).toBe('done')
  })

  it.each(['future', 'promise', 'coroutine'])('throws the exception of a %s', async (kind) => {
    const { loop } = idleLoop()
    const error = new Error('boom')
    const future = loop.createFuture<never>()
    loop.callSoon(() => future.setException(error))
    const awaited = {
      future,
      promise: Promise.reject(error),
      // biome-ignore lint/correctness/useYield: a coroutine that fails before it waits
      coroutine: (function* (): Generator<unknown, never, never> {
        throw error
      })(),
    }
    awaited.promise.catch(() => {})
    await expect(loop.runUntilComplete(awaited[kind as keyof typeof awaited])).rejects.toBe(error)
    expect(loop.isRunning()).toBe(false)
  })

  it('throws RuntimeError where the loop was stopped first', async () => {
    const { loop } = idleLoop()
    const future = loop.createFuture<number>()
    loop.callSoon(() => loop.stop())
    const run = loop.runUntilComplete(future)
    await expect(run).rejects.toThrow(RuntimeError)
    await expect(run).rejects.toThrow('Event loop stopped before Future completed.')
    // Its own stop must not be left on the future.
    loop.callSoon(() => future.setResult(1))
    loop.callLater(5, () => loop.stop())
    await loop.runForever()
    expect(future.result()).toBe(1)
  })

  it('can be run again and again on one loop', async () => {
    const { loop } = idleLoop()
    for (let i = 0; i < 3; i++) expect(await loop.runUntilComplete(loop.sleep(1))).toBeUndefined()
  })

  it('refuses what is neither a future, a promise nor a coroutine', async () => {
    const { loop } = idleLoop()
    await expect(loop.runUntilComplete(5 as never)).rejects.toThrow(TypeError)
    await expect(loop.runUntilComplete(null as never)).rejects.toThrow(/A coroutine was expected/)
    expect(loop.isRunning()).toBe(false)
  })
})

describe('A loop that runs', () => {
  it('refuses to run again', async () => {
    const { loop } = runningLoop()
    await expect(loop.runForever()).rejects.toThrow('This event loop is already running')
    await expect(loop.runUntilComplete(loop.createFuture())).rejects.toThrow('This event loop is already running')
    expect(loop.isRunning()).toBe(true)
  })

  it('refuses to be closed', () => {
    const { loop } = runningLoop()
    expect(() => loop.close()).toThrow(RuntimeError)
    expect(() => loop.close()).toThrow('Cannot close a running event loop')
    expect(loop.isClosed()).toBe(false)
  })
})

describe('A loop that is closed', () => {
  const closedLoop = () => {
    const loop = new EventLoop()
    loop.close()
    return loop
  }

  it('says so, and can be closed again', () => {
    const loop = closedLoop()
    expect(loop.isClosed()).toBe(true)
    loop.close()
    expect(loop.isClosed()).toBe(true)
  })

  it.each<[string, (loop: EventLoop) => unknown]>([
    ['callSoon', (loop) => loop.callSoon(() => {})],
    ['callLater', (loop) => loop.callLater(1, () => {})],
    ['callAt', (loop) => loop.callAt(1, () => {})],
    ['createTask', (loop) => loop.createTask(async () => {})],
    ['runInExecutor', (loop) => loop.runInExecutor(null, () => {})],
  ])('refuses %s with asyncio’s RuntimeError', (_name, use) => {
    const loop = closedLoop()
    expect(() => use(loop)).toThrow(RuntimeError)
    expect(() => use(loop)).toThrow('Event loop is closed')
  })

  it.each<[string, (loop: EventLoop) => Promise<unknown>]>([
    ['runForever', (loop) => loop.runForever()],
    ['runUntilComplete', (loop) => loop.runUntilComplete(async () => {})],
    ['createServer', (loop) => loop.createServer(() => null as never, { host: '127.0.0.1', port: 0 })],
    ['createConnection', (loop) => loop.createConnection(() => null as never, { host: '127.0.0.1', port: 1 })],
  ])('rejects %s with asyncio’s RuntimeError', async (_name, use) => {
    // Called outside of `expect`: it must not throw at once.
    const result = use(closedLoop())
    await expect(result).rejects.toThrow(RuntimeError)
    await expect(result).rejects.toThrow('Event loop is closed')
  })

  it('has dropped what waited, and leaves no timer', async () => {
    const loop = new EventLoop()
    const ran: string[] = []
    const soon = loop.callSoon(() => ran.push('soon'))
    const later = loop.callLater(1, () => ran.push('later'))
    loop.callLater(60_000, () => {})
    void loop.sleep(60_000)
    loop.close()
    expect([soon.cancelled(), later.cancelled()]).toEqual([true, true])
    await turns()
    expect(ran).toEqual([])
  })
})

describe('The exception handler', () => {
  const context = { message: 'It went wrong', exception: new Error('boom') }

  it('gets the loop and the context', () => {
    const loop = new EventLoop()
    const handler = vi.fn()
    loop.setExceptionHandler(handler)
    loop.callExceptionHandler(context)
    expect(handler.mock.calls).toEqual([[loop, context]])
    loop.close()
  })

  it('writes to stderr by default, and again when it is taken away', () => {
    const loop = new EventLoop()
    const written: string[] = []
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0)
    loop.callExceptionHandler(context)
    loop.setExceptionHandler(() => {})
    loop.callExceptionHandler(context)
    loop.setExceptionHandler(null)
    loop.callExceptionHandler(context)
    write.mockRestore()
    expect(written.length).toBe(2)
    expect(written[0]).toMatch(/^It went wrong\nError: boom\n/)
    loop.close()
  })

  it('that throws itself is reported to stderr, and the loop goes on', async () => {
    const { loop } = runningLoop()
    const written: string[] = []
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0)
    loop.setExceptionHandler(() => {
      throw new Error('the handler is broken')
    })
    loop.callSoon(() => {
      throw new Error('boom')
    })
    let went = false
    loop.callSoon(() => {
      went = true
    })
    await turns()
    write.mockRestore()
    expect(went).toBe(true)
    expect(written.join('')).toMatch(/Unhandled error in exception handler[\s\S]*the handler is broken/)
    expect(written.join('')).toMatch(/boom/)
  })
})
