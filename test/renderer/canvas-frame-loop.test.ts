// The one frame loop: what is marked runs once, data before drawing, and a hidden window still gets its data.
import { describe, expect, test, vi } from 'vitest'
import { createFrameLoop } from '../../renderer/canvas/frame-loop.ts'

/** Frames that come when the test says so. */
const makeFrames = () => {
  const waiting = new Map<number, () => void>()
  let last = 0
  return {
    hidden: false,
    asked: () => waiting.size,
    fire() {
      const runs = [...waiting.values()]
      waiting.clear()
      for (const run of runs) run()
    },
    request: (run: () => void) => {
      waiting.set(++last, run)
      return last
    },
    cancel: (handle: number) => {
      waiting.delete(handle)
    },
  }
}

const makeLoop = (frames: ReturnType<typeof makeFrames>, fallbackMs = 3_600_000) =>
  createFrameLoop({
    requestFrame: frames.request,
    cancelFrame: frames.cancel,
    fallbackMs,
    isHidden: () => frames.hidden,
  })

describe('the frame loop', () => {
  test('runs a job once, however often it was marked, and data before drawing', () => {
    const frames = makeFrames()
    const loop = makeLoop(frames)
    const ran: string[] = []
    const draw = loop.add('draw', () => ran.push('draw'))
    const data = loop.add('data', () => {
      ran.push('data')
      draw.mark()
    })
    draw.mark()
    data.mark()
    data.mark()
    expect(frames.asked()).toBe(1)
    frames.fire()
    expect(ran).toEqual(['data', 'draw'])
    expect(frames.asked()).toBe(0)
  })

  test('gives a job that marks itself the next frame', () => {
    const frames = makeFrames()
    const loop = makeLoop(frames)
    let runs = 0
    const job = loop.add('draw', () => {
      runs++
      if (runs < 3) job.mark()
    })
    job.mark()
    frames.fire()
    expect(runs).toBe(1)
    frames.fire()
    frames.fire()
    frames.fire()
    expect(runs).toBe(3)
  })

  test('hands data on without frames, by a timer', async () => {
    const frames = makeFrames()
    const loop = makeLoop(frames, 1)
    await new Promise<void>((resolve) => loop.add('data', () => resolve()).mark())
    expect(frames.asked()).toBe(0)
  })

  test('draws nothing while hidden, and what waited when shown', () => {
    const frames = makeFrames()
    const loop = makeLoop(frames)
    let drawn = 0
    const job = loop.add('draw', () => drawn++)
    frames.hidden = true
    job.mark()
    frames.fire()
    expect(drawn).toBe(0)
    frames.hidden = false
    loop.shown()
    frames.fire()
    expect(drawn).toBe(1)
  })

  test('runs nothing that was disposed of', () => {
    const frames = makeFrames()
    const loop = makeLoop(frames)
    let runs = 0
    const job = loop.add('draw', () => runs++)
    job.mark()
    job.markIn(1)
    job.dispose()
    frames.fire()
    job.mark()
    frames.fire()
    expect(runs).toBe(0)
  })

  test('lets what is drawn by the clock wait longer while timers come late, and no longer once they are in time', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let now = 0
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
    const delays: number[] = []
    const timers = vi.spyOn(globalThis, 'setTimeout')
    try {
      const frames = makeFrames()
      const loop = makeLoop(frames)
      const job = loop.add('draw', () => undefined)
      /** Marks in 50 ms, lets the timer come so much late, and answers how long it was set for. */
      const round = (lateMs: number): number => {
        timers.mockClear()
        job.markIn(50)
        const delay = Number(timers.mock.calls[0]?.[1])
        now += delay + lateMs
        vi.advanceTimersToNextTimer()
        frames.fire()
        return delay
      }
      for (let i = 0; i < 30; i++) delays.push(round(i < 12 ? 80 : 0))
      expect(delays[0]).toBe(50)
      expect(delays[12]).toBeGreaterThan(150)
      expect(Math.max(...delays)).toBeLessThanOrEqual(200)
      expect(delays.at(-1)).toBe(50)
    } finally {
      clock.mockRestore()
      timers.mockRestore()
      vi.useRealTimers()
    }
  })
})
