// The exported recording, opened by somebody else's reader of the format: names, nesting and times as Wireloop showed them.
import { readFile } from 'node:fs/promises'
import net from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { boundPort, openServedWorkbench } from './support/served-workbench.ts'
import { readBySpeedscope } from './support/speedscope.ts'

interface TraceEvent {
  readonly ph: string
  readonly name: string
  readonly tid: number
  readonly ts: number
  readonly dur: number
  readonly args: Readonly<Record<string, unknown>>
}

describeInChromium('An exported recording', () => {
  it('is read by speedscope as it is: every callback once, on its track, nothing within another, to the nanosecond', async () => {
    const { page } = await openServedWorkbench()
    await page.getByRole('textbox', { name: 'Listening address' }).fill('127.0.0.1:0')
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    const port = await boundPort(page, 'Echo')
    const peer = net.connect(port, '127.0.0.1').resume()
    const talk = setInterval(() => peer.write('PING\r\n'), 5)
    onTestFinished(() => {
      clearInterval(talk)
      peer.destroy()
    })
    await page.getByRole('tab', { name: 'Loop' }).click()
    // Own work and turns of the loop touch each other all the time: that is where a reader goes wrong.
    await page.getByRole('button', { name: 'Own work' }).click()
    await page.getByRole('button', { name: 'Block the loop' }).click()
    await page.getByRole('region', { name: 'Longest callback' }).getByText('block the loop').waitFor()
    clearInterval(talk)
    await page.getByRole('button', { name: 'Export' }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: /The whole recording/ }).click(),
    ])
    const path = await download.path()
    const { traceEvents } = JSON.parse(await readFile(path, 'utf8')) as { traceEvents: TraceEvent[] }
    const named = new Map(
      traceEvents.filter(({ name }) => name === 'thread_name').map(({ tid, args }) => [tid, String(args['name'])]),
    )
    const written = Map.groupBy(
      traceEvents.filter(({ ph }) => ph === 'X'),
      ({ tid }) => tid,
    )

    const { tracks, complaints } = await readBySpeedscope(() => page.context().newPage(), path)
    expect(complaints).toEqual([])
    expect(tracks.map(({ name }) => name)).toEqual(
      [...written.keys()]
        .toSorted((a, b) => a - b)
        .map((tid) => `Wireloop event loop (pid 1), ${named.get(tid)} (tid ${tid})`),
    )
    for (const track of tracks) {
      const [tid, events] = [...written].find(([each]) => track.name.endsWith(`(tid ${each})`))!
      expect([tid, track.unit]).toEqual([tid, 'microseconds'])
      const inOrder = events.toSorted((a, b) => a.ts - b.ts)
      const origin = inOrder[0]!.ts
      expect(track.frames.map(({ name, depth }) => [name, depth])).toEqual(
        inOrder.map(({ name, args }) => [`${name} ${JSON.stringify(args)}`, 1]),
      )
      const nanos = (micros: number) => Math.round(micros * 1000)
      expect(track.frames.map(({ at, end }) => [nanos(at), nanos(end)])).toEqual(
        inOrder.map(({ ts, dur }) => [nanos(ts - origin), nanos(ts + dur - origin)]),
      )
    }
    const check = tracks.find(({ name }) => name.includes(', check '))!
    const block = check.frames.find(({ name }) => name.startsWith('block the loop · asked for by a page '))!
    expect(block.end - block.at).toBeGreaterThanOrEqual(200_000)
    expect(tracks.find(({ name }) => name.includes(', poll '))!.frames.map(({ name }) => name)).toContainEqual(
      expect.stringMatching(/^data-received · conn 1 · 6\u202fB \+1 \{/),
    )
  })
})
